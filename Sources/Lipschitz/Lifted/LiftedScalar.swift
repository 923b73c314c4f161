import CKernels
import LinearAlgebra

/// A precision in which the lifted iteration runs.
protocol LiftedScalar: Scalar {
  /// The kernels of this precision.
  static var lifted: LiftedKernels<Self> { get }
  /// The kernels for units that share spheres.
  static var grouped: GroupKernels<Self> { get }
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
