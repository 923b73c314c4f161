import ConicPrograms
import LinearAlgebra

@testable import Certificates

/// A problem whose optimal points are known exactly, in integers.
///
/// With X* = (v′v)I − vv′ and Y* = vv′ in a symmetric block and X* = (0, a), Y* = (b, 0) in a diagonal one, random Fᵢ and x*, the data
/// F₀ = Σ xᵢ*Fᵢ − X* and cᵢ = ⟨Fᵢ, Y*⟩ make x* and Y* optimal, for ⟨X*, Y*⟩ = 0.
struct KnownOptimum {
  let problem: LinearMatrixInequality
  let x: [Double]
  /// svec(Y*).
  let z: [Double]
  let value: Double
  let traces: [Double]

  /// - Parameter hasIdentity: whether F₁ = I, so that there is a direction into the cone.
  init(seed: UInt64, order: Int, variables m: Int, hasIdentity: Bool = true) throws {
    var generator = SplitMix64(seed: seed)
    let v = (0..<order).map { _ in Double(Int.random(in: -3...3, using: &generator)) + 0.5 }
    let square = v.reduce(0) { $0 + $1 * $1 }
    let (a, b) = (Double(Int.random(in: 1...4, using: &generator)), Double(Int.random(in: 1...4, using: &generator)))
    let x = (0..<m).map { _ in Double(Int.random(in: -4...4, using: &generator)) }
    typealias Entry = LinearMatrixInequality.Entry
    var coefficients: [[Entry]] = []
    for i in 0..<m {
      var entries: [Entry] = []
      for column in 0..<order {
        for row in 0...column {
          let value = hasIdentity && i == 0 ? (row == column ? 1 : 0) : Double(Int.random(in: -2...2, using: &generator))
          if value != 0 { entries.append(Entry(block: 0, row: row, column: column, value: value)) }
        }
      }
      for j in 0..<2 {
        let value = hasIdentity && i == 0 ? 1 : Double(Int.random(in: -2...2, using: &generator))
        entries.append(Entry(block: 1, row: j, column: j, value: value))
      }
      coefficients.append(entries)
    }
    // −X*, then Σ x*F: entries of one place add up, which the readers of F₀ have to respect.
    var constant: [Entry] = []
    for column in 0..<order {
      for row in 0...column {
        constant.append(Entry(block: 0, row: row, column: column, value: v[row] * v[column] - (row == column ? square : 0)))
      }
    }
    constant.append(Entry(block: 1, row: 1, column: 1, value: -a))
    for i in 0..<m {
      for entry in coefficients[i] {
        constant.append(Entry(block: entry.block, row: entry.row, column: entry.column, value: x[i] * entry.value))
      }
    }
    let c = coefficients.map { entries in
      entries.reduce(0.0) { sum, entry in
        if entry.block == 1 { return sum + (entry.row == 0 ? b * entry.value : 0) }
        return sum + (entry.row == entry.column ? 1 : 2) * entry.value * v[entry.row] * v[entry.column]
      }
    }
    problem = try LinearMatrixInequality(
      blocks: [.symmetric(order), .diagonal(2)], objective: c, constant: constant, coefficients: coefficients)
    self.x = x
    value = zip(c, x).reduce(0) { $0 + $1.0 * $1.1 }
    var y = Matrix<Double>(rows: order, columns: order)
    for i in 0..<order { for j in 0..<order { y[i, j] = v[i] * v[j] } }
    z = SymmetricVector.vector(y) + [b, 0]
    traces = [square, b]
  }

  static func noisy(_ vector: [Double], _ size: Double, _ generator: inout SplitMix64) -> [Double] {
    vector.map { $0 + size * Double.random(in: -1...1, using: &generator) }
  }

  /// Whether X(x) is positive definite in exact arithmetic.
  static func isExactlyDefinite(_ problem: LinearMatrixInequality, _ x: [Double], withConstant: Bool = true) -> Bool {
    for (index, block) in problem.blocks.enumerated() {
      var entries = Array(repeating: Array(repeating: Dyadic.zero, count: block.order), count: block.order)
      for (factor, matrix) in zip(x, problem.coefficients) + (withConstant ? [(-1, problem.constant)] : []) {
        for entry in matrix where entry.block == index {
          entries[entry.column][entry.row] = entries[entry.column][entry.row] + Dyadic(factor) * Dyadic(entry.value)
        }
      }
      if !SymmetricForm(order: block.order, entry: { entries[$0][$1] }).isPositiveDefinite { return false }
    }
    return true
  }
}

private func + (a: Zip2Sequence<[Double], [[LinearMatrixInequality.Entry]]>, b: [(Double, [LinearMatrixInequality.Entry])])
  -> [(Double, [LinearMatrixInequality.Entry])]
{ Array(a) + b }
