import ConicPrograms
import LinearAlgebra

/// The Gram matrix of the constraint matrices, ⟨σᵢFᵢ, σⱼFⱼ⟩ with powers of two σᵢ that bring the norms near 1, and what it proves.
///
/// **Lemma.** Let g > 0 be a lower bound of its eigenvalues, Ỹ any symmetric matrix, and ρᵢ = σᵢ(cᵢ − ⟨Fᵢ, Ỹ⟩). There is a Y with
/// ⟨Fᵢ, Y⟩ = cᵢ for all i and |Y − Ỹ|_F ≤ |ρ|₂ / √g.
///
/// *Proof.* Y = Ỹ + Σ wᵢσᵢFᵢ with Gw = ρ satisfies the equations, and |Y − Ỹ|² = w′Gw = ρ′G⁻¹ρ ≤ |ρ|²/g. ∎
///
/// So a floating-point matrix whose eigenvalues exceed |ρ|/√g proves that an exactly feasible one exists nearby (the argument of Peyrl and
/// Parrilo, Computing sum of squares decompositions with rational coefficients, 2008, without rational numbers).
struct ConstraintGram {
  /// m from which the dense Gram matrix is too large to be worth it.
  static let largestCount = 6000

  /// σ.
  let scales: [Double]
  /// g.
  let leastEigenvalue: Double
  private let problem: LinearMatrixInequality
  private let span: ConstraintSpan

  /// - Throws: ``NotProved`` when the constraints are linearly dependent, or nearly so.
  init(_ problem: LinearMatrixInequality, isCancelled: () -> Bool = { false }) throws {
    let (scales, enclosure) = try Self.enclosure(problem)
    self.problem = problem
    self.scales = scales
    leastEigenvalue = try enclosure.leastEigenvalue(isCancelled: isCancelled)
    guard leastEigenvalue > 0 else { throw NotProved("the constraint matrices are not proved to be linearly independent") }
    span = try ConstraintSpan(problem, scales: scales, gram: enclosure)
  }

  static func enclosure(_ problem: LinearMatrixInequality) throws -> (scales: [Double], SymmetricEnclosure) {
    try FloatingPointEnvironment.requireStandard()
    let m = problem.variableCount
    guard m <= largestCount else { throw NotProved("more than \(largestCount) constraints are not covered") }
    let scales = problem.coefficients.map { entries in
      let square = entries.reduce(0) { $0 + ($1.row == $1.column ? 1 : 2) * $1.value * $1.value }
      guard square > 0x1p-200, square < 0x1p200 else { return 1.0 }
      return Double(sign: .plus, exponent: -square.squareRoot().exponent, significand: 1)
    }
    // Entries of all matrices by place: each pair at a place is a term.
    struct Item {
      var block: Int32
      var row: Int32
      var column: Int32
      var matrix: Int32
      var value: Double
    }
    var items: [Item] = []
    for (i, entries) in problem.coefficients.enumerated() {
      for entry in entries {
        let value = entry.value * scales[i]
        guard value / scales[i] == entry.value else { throw NotProved("constraint \(i + 1) has entries of too different sizes") }
        items.append(
          Item(block: Int32(entry.block), row: Int32(entry.row), column: Int32(entry.column), matrix: Int32(i), value: value))
      }
    }
    items.sort { ($0.block, $0.row, $0.column, $0.matrix) < ($1.block, $1.row, $1.column, $1.matrix) }
    var sums = CompensatedMatrix(order: m)
    var terms = 0
    var start = 0
    while start < items.count {
      var end = start + 1
      while end < items.count,
        (items[end].block, items[end].row, items[end].column) == (items[start].block, items[start].row, items[start].column)
      {
        end += 1
      }
      terms += (end - start) * (end - start)
      guard terms < 1 << 29 else { throw NotProved("so many entries in common places are not covered") }
      let multiplicity: Double = items[start].row == items[start].column ? 1 : 2
      for a in start..<end {
        for b in start..<end where items[b].matrix <= items[a].matrix {
          sums.add(multiplicity * items[a].value, items[b].value, row: Int(items[a].matrix), column: Int(items[b].matrix))
        }
      }
      start = end
    }
    return (scales, sums.enclosure())
  }

  /// ρ for a matrix and right-hand sides c.
  func residual(_ y: BlockMatrix, _ c: [Double]) -> [Bounded] {
    (0..<scales.count).map { i in
      let inner = y.inner(problem.coefficients[i])
      let value = c[i] - inner.value
      // One rounding, of the difference; the scale is a power of two.
      return Bounded(value: scales[i] * value, radius: (scales[i] * (inner.radius + value.magnitude * 0x1p-52)).nextUp)
    }
  }

  /// A matrix near the given one that nearly satisfies ⟨Fᵢ, Y⟩ = cᵢ: its projection in floating point, refined.
  func projection(_ y: BlockMatrix, _ c: [Double]) throws -> BlockMatrix {
    var result = y
    for _ in 0..<3 {
      let w = try span.solve(residual(result, c).map(\.value))
      for i in w.indices where w[i] != 0 { result.add(w[i] * scales[i], problem.coefficients[i]) }
    }
    return result
  }

  /// At least the distance, in the Frobenius norm, of a matrix from one that satisfies ⟨Fᵢ, Y⟩ = cᵢ exactly.
  func distance(_ y: BlockMatrix, _ c: [Double]) -> Double {
    ErrorBounds.divideUp(Bounded.norm(residual(y, c)), ErrorBounds.sqrtDown(leastEigenvalue))
  }
}
