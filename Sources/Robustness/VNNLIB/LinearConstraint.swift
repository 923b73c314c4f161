/// A linear inequality about a network's inputs and outputs: Σ aᵢ xᵢ + Σ bⱼ yⱼ + c ≤ 0.
public struct LinearConstraint: Sendable, Equatable {
  /// A coefficient of one variable.
  public struct Term: Sendable, Equatable {
    /// The variable's place among the inputs, or among the outputs.
    public let index: Int
    /// Its coefficient.
    public let coefficient: Enclosure

    /// Collects the parts.
    public init(index: Int, coefficient: Enclosure) {
      self.index = index
      self.coefficient = coefficient
    }
  }

  /// aᵢ, by ascending index.
  public let inputs: [Term]
  /// bⱼ, by ascending index.
  public let outputs: [Term]
  /// c.
  public let constant: Enclosure
  /// Whether the inequality was written with `<`: then equality does not satisfy it.
  public let isStrict: Bool

  /// Collects the parts.
  public init(inputs: [Term], outputs: [Term], constant: Enclosure, isStrict: Bool = false) {
    self.inputs = inputs
    self.outputs = outputs
    self.constant = constant
    self.isStrict = isStrict
  }

  /// An interval that holds the left-hand side when each variable lies in its own interval.
  public func value(inputs x: (Int) -> Enclosure, outputs y: (Int) -> Enclosure) -> Enclosure {
    let start = self.inputs.reduce(constant) { $0 + $1.coefficient * x($1.index) }
    return self.outputs.reduce(start) { $0 + $1.coefficient * y($1.index) }
  }

  /// Whether it holds for all values in these intervals.
  public func isSatisfied(inputs x: (Int) -> Enclosure, outputs y: (Int) -> Enclosure) -> Bool {
    let top = value(inputs: x, outputs: y).upper
    return isStrict ? top < 0 : top <= 0
  }
}
