import CKernels
import LinearAlgebra

/// A precision in which the lifted iteration runs.
protocol LiftedScalar: Scalar {
  /// The kernels of this precision.
  static var lifted: LiftedKernels<Self> { get }
  /// The kernels for units that share spheres.
  static var grouped: GroupKernels<Self> { get }
}

/// The C kernels of the lifted iteration in one precision; see their prototypes for the formulas.
final class LiftedKernels<Element>: Sendable {
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?
  typealias Forward = @Sendable (Int, Int, Int, Int, Input, Input, Input, Input, Output) -> Void
  typealias Backward = @Sendable (Int, Int, Int, Int, Element, Input, Input, Input, Output, Output, Output, Output, Output) -> Void
  typealias Gradient = @Sendable (Int, Int, Int, Int, Input, Input, Input, Input, Output, Output, Output, Output) -> Void
  typealias Retract = @Sendable (Int, Int, Element, Input, Input, Output) -> Void
  typealias Project = @Sendable (Int, Int, Input, Output) -> Void
  typealias Scale = @Sendable (Int, Int, Input, Input, Output) -> Void
  typealias AddThenDot = @Sendable (Int, Element, Input, Output, Input) -> Double
  typealias Dot = @Sendable (Int, Input, Input) -> Double

  let unitsForward: Forward
  let unitsBackward: Backward
  let unitsGradient: Gradient
  let retract: Retract
  let project: Project
  let scale: Scale
  let addThenDot: AddThenDot
  let dot: Dot

  init(
    unitsForward: @escaping Forward, unitsBackward: @escaping Backward, unitsGradient: @escaping Gradient, retract: @escaping Retract,
    project: @escaping Project, scale: @escaping Scale, addThenDot: @escaping AddThenDot, dot: @escaping Dot
  ) {
    self.unitsForward = unitsForward
    self.unitsBackward = unitsBackward
    self.unitsGradient = unitsGradient
    self.retract = retract
    self.project = project
    self.scale = scale
    self.addThenDot = addThenDot
    self.dot = dot
  }
}

extension Double: LiftedScalar {
  static let lifted = LiftedKernels<Double>(
    unitsForward: lipcert_units_forward_double, unitsBackward: lipcert_units_backward_double,
    unitsGradient: lipcert_units_gradient_double, retract: lipcert_spheres_retract_double, project: lipcert_spheres_project_double,
    scale: lipcert_spheres_scale_double, addThenDot: lipcert_add_then_dot_double, dot: lipcert_dot_double)

  static let grouped = GroupKernels<Double>(
    forward: lipcert_groups_forward_double, backward: lipcert_groups_backward_double, gradient: lipcert_groups_gradient_double,
    retract: lipcert_groups_retract_double, project: lipcert_groups_project_double)
}

extension Float: LiftedScalar {
  static let lifted = LiftedKernels<Float>(
    unitsForward: lipcert_units_forward_float, unitsBackward: lipcert_units_backward_float,
    unitsGradient: lipcert_units_gradient_float, retract: lipcert_spheres_retract_float, project: lipcert_spheres_project_float,
    scale: lipcert_spheres_scale_float, addThenDot: lipcert_add_then_dot_float, dot: lipcert_dot_float)

  static let grouped = GroupKernels<Float>(
    forward: lipcert_groups_forward_float, backward: lipcert_groups_backward_float, gradient: lipcert_groups_gradient_float,
    retract: lipcert_groups_retract_float, project: lipcert_groups_project_float)
}
