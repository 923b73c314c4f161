/// What an optimiser or a hook remembers from step to step: all that a checkpoint has to keep of it.
public struct TrainingMemory: Sendable, Equatable {
  /// The steps taken.
  public var steps: Int
  /// Running products and the like.
  public var numbers: [Double]
  /// Moments, multipliers, masks and the like.
  public var vectors: [[Float]]

  /// Collects the parts.
  public init(steps: Int = 0, numbers: [Double] = [], vectors: [[Float]] = []) {
    self.steps = steps
    self.numbers = numbers
    self.vectors = vectors
  }
}
