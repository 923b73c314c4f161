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
