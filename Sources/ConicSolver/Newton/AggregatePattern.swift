import ConicPrograms
import LinearAlgebra

/// The places where some matrix F₁, …, F_m of a semidefinite cone has an entry, when they are few.
struct AggregatePattern {
  /// Their rows, not greater than the columns.
  let rows: [Int]
  /// Their columns.
  let columns: [Int]

  /// The pattern of the rows `range` of A; `nil` when it is so dense that whole matrices are cheaper.
  init?(order: Int, range: Range<Int>, of a: SparseColumns) {
    var isTouched = [Bool](repeating: false, count: range.count)
    for row in a.rows where range.contains(row) { isTouched[row - range.lowerBound] = true }
    let places = isTouched.indices.filter { isTouched[$0] }
    guard 16 * places.count < range.count else { return nil }
    let entries = places.map(SymmetricVector.entry(at:))
    rows = entries.map(\.row)
    columns = entries.map(\.column)
  }
}

extension Spectrum {
  /// The same as ``applyDerivative(_:to:)`` for an H with entries in the pattern only, at the places of the pattern only.
  func applyDerivative(
    _ h: UnsafePointer<Double>, _ pattern: AggregatePattern, to target: UnsafeMutablePointer<Double>
  ) throws(LinearAlgebraError) {
    let (r, n) = (pairs.count, order)
    let others = try complement()
    let own = columns
    // H Q_S.
    var half = Matrix<Double>(rows: n, columns: r)
    let scale = 0.5.squareRoot()
    half.elements.withUnsafeMutableBufferPointer { half in
      own.elements.withUnsafeBufferPointer { q in
        for (i, j) in zip(pattern.rows, pattern.columns) {
          let value = h[SymmetricVector.index(i, j)] * (i == j ? 1 : scale)
          for k in 0..<r { half[i &* r &+ k] += value * q[j &* r &+ k] }
          if i != j { for k in 0..<r { half[j &* r &+ k] += value * q[i &* r &+ k] } }
        }
      }
    }
    // X′, as in the dense case.
    var inner = Matrix.product(half, own, transposingLeft: true)
    for k in inner.elements.indices { inner.elements[k] /= 2 }
    var x = Matrix.product(own, inner, transposingRight: true)
    if others.count > 0, r > 0 {
      var mixed = Matrix.product(half, others.vectors, transposingLeft: true, transposingRight: true)
      for k in 0..<r { for l in 0..<others.count { mixed[k, l] *= Self.weight(pairs.values[k], others.values[l]) } }
      Matrix.multiply(others.vectors, mixed, transposingLeft: true, transposingRight: true, into: &x, accumulating: true)
    }
    x.elements.withUnsafeBufferPointer { x in
      own.elements.withUnsafeBufferPointer { q in
        for (i, j) in zip(pattern.rows, pattern.columns) {
          var sum = 0.0
          for k in 0..<r { sum += q[i &* r &+ k] * x[j &* r &+ k] + q[j &* r &+ k] * x[i &* r &+ k] }
          let place = SymmetricVector.index(i, j)
          let value = i == j ? sum : sum * 2.0.squareRoot()
          target[place] = side == .positive ? value : h[place] - value
        }
      }
    }
  }
}
