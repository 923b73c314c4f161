import Foundation
import LinearAlgebra

/// What a search drives down: one number made of the values vᵢ = rowᵢ · y of the outputs y.
///
/// For attacks the rows are the margins of the label over its rivals, and an input is adversarial when the least value is not positive.
struct RowLoss {
  /// How the values become one number.
  enum Rule {
    /// One value: a targeted attack.
    case row(Int)
    /// The least value: the margin.
    case least
    /// The least value over the second least: the difference-of-logits ratio (Croce and Hein 2020, section 4.2) where the label leads.
    case ratio
    /// −log(1 + Σ exp(−vᵢ)): the cross-entropy of the label, negated.
    case crossEntropy
  }

  let rows: Matrix<Double>

  /// v for every row of a batch of outputs: batch × rows.
  func values(of outputs: Matrix<Double>) -> Matrix<Double> { DenseMap(weight: rows).apply(outputs) }

  /// The number that a rule makes of one list of values.
  static func value(_ v: [Double], _ rule: Rule) -> Double {
    switch rule {
    case .row(let i): v[i]
    case .least, .ratio, .crossEntropy: v.min() ?? .infinity
    }
  }

  /// The gradients of the rules in the outputs, up to positive factors: batch × outputs.
  func cotangents(of values: Matrix<Double>, _ rules: [Rule]) -> Matrix<Double> {
    var weights = Matrix<Double>(rows: values.rows, columns: values.columns)
    for (k, rule) in rules.enumerated() {
      let v = values.row(k)
      for (i, weight) in Self.weights(v, rule) { weights[k, i] = weight }
    }
    return DenseMap(weight: rows).adjoint(weights)
  }

  /// The derivatives of a rule's number in the values, those that are not zero.
  private static func weights(_ v: [Double], _ rule: Rule) -> [(Int, Double)] {
    func least(butNot other: Int? = nil) -> Int? { v.indices.filter { $0 != other }.min { v[$0] < v[$1] } }
    switch rule {
    case .row(let i): return [(i, 1)]
    case .least: return least().map { [($0, 1)] } ?? []
    case .ratio:
      guard let first = least() else { return [] }
      guard let second = least(butNot: first), v[first] > 0, v[second] > 0 else { return [(first, 1)] }
      return [(first, v[second]), (second, -v[first])]
    case .crossEntropy:
      guard let first = least() else { return [] }
      // Relative to the least value, so that nothing overflows.
      return v.indices.map { ($0, exp(v[first] - v[$0])) }
    }
  }
}
