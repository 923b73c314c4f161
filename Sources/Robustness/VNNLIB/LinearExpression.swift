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
