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

/// A linear expression while it is read.
struct LinearExpression {
  /// A variable: inputs and outputs are numbered apart.
  enum Variable: Hashable {
    case input(Int)
    case output(Int)
  }

  var terms: [(variable: Variable, coefficient: Enclosure)] = []
  var constant = Enclosure(0)

  var isConstant: Bool { terms.isEmpty }

  mutating func add(_ other: LinearExpression, sign: Double) {
    terms += sign > 0 ? other.terms : other.terms.map { ($0.variable, -$0.coefficient) }
    constant = constant + (sign > 0 ? other.constant : -other.constant)
  }

  func scaled(by factor: Enclosure) -> LinearExpression {
    LinearExpression(terms: terms.map { ($0.variable, $0.coefficient * factor) }, constant: constant * factor)
  }

  /// The inequality `self` ≤ 0, every variable once and none with coefficient 0.
  func nonPositive(isStrict: Bool) -> LinearConstraint {
    guard terms.count > 1 else { return LinearConstraint(merged: terms[...], constant: constant, isStrict: isStrict) }
    var sums: [Variable: Enclosure] = [:]
    for term in terms { sums[term.variable] = sums[term.variable].map { $0 + term.coefficient } ?? term.coefficient }
    return LinearConstraint(merged: sums.map { ($0.key, $0.value) }[...], constant: constant, isStrict: isStrict)
  }
}

extension LinearConstraint {
  fileprivate init(
    merged terms: ArraySlice<(variable: LinearExpression.Variable, coefficient: Enclosure)>, constant: Enclosure, isStrict: Bool
  ) {
    var (inputs, outputs): ([Term], [Term]) = ([], [])
    for term in terms where term.coefficient != Enclosure(0) {
      switch term.variable {
      case .input(let i): inputs.append(Term(index: i, coefficient: term.coefficient))
      case .output(let j): outputs.append(Term(index: j, coefficient: term.coefficient))
      }
    }
    self.init(
      inputs: inputs.sorted { $0.index < $1.index }, outputs: outputs.sorted { $0.index < $1.index }, constant: constant,
      isStrict: isStrict)
  }
}
