/// The C kernels for units that share spheres, in one precision; see their prototypes for the formulas.
final class GroupKernels<Element>: Sendable {
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?
  typealias Groups = UnsafePointer<Int>?
  typealias Scratch = UnsafeMutablePointer<Double>?
  typealias Forward = @Sendable (Int, Int, Int, Groups, Input, Input, Input, Input, Output, Scratch) -> Void
  typealias Backward =
    @Sendable (Int, Int, Int, Groups, Element, Input, Input, Input, Output, Output, Output, Output, Output, Scratch) -> Void
  typealias Gradient = @Sendable (Int, Int, Int, Groups, Input, Input, Input, Input, Output, Output, Output, Output, Scratch) -> Void
  typealias Retract = @Sendable (Int, Int, Int, Groups, Element, Input, Input, Output, Scratch) -> Void
  typealias Project = @Sendable (Int, Int, Int, Groups, Input, Output, Scratch) -> Void

  let forward: Forward
  let backward: Backward
  let gradient: Gradient
  let retract: Retract
  let project: Project

  init(
    forward: @escaping Forward, backward: @escaping Backward, gradient: @escaping Gradient, retract: @escaping Retract,
    project: @escaping Project
  ) {
    (self.forward, self.backward, self.gradient) = (forward, backward, gradient)
    (self.retract, self.project) = (retract, project)
  }
}
