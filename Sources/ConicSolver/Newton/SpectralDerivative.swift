import ConicPrograms
import LinearAlgebra

/// The derivative of the projection onto the positive semidefinite cone at a symmetric matrix V = Q Λ Q′: D(H) = Q (Ω ∘ Q′HQ) Q′ with Ω 1
/// on the block of positive eigenvalues, 0 on the block of the other ones, and λₖ/(λₖ − λₗ) between them.
///
/// The projection needs the eigenpairs on one side of 0 only, its derivative all of them: the other side is computed when it is asked for.
final class SpectralDerivative {
  private let projection: SpectralProjection
  /// The eigenpairs on ``side``, with eigenvectors as rows.
  private(set) var pairs: SymmetricEigen<Double>
  private var others: SymmetricEigen<Double>?
  private var transposedVectors: Matrix<Double>?

  /// The derivative at V; writes svec of the projection to `target`.
  ///
  /// - Parameter v: svec of V.
  init(at v: UnsafePointer<Double>, order: Int, projectionTo target: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    projection = try SpectralProjection(order: order)
    try projection.project(v, to: target)
    pairs = projection.eigenpairs
  }

  /// The order of V.
  var order: Int { projection.order }
  /// The side of 0 with fewer eigenvalues.
  var side: SpectralSplitting.Side { projection.side }
  /// Whether the eigenpairs of the other side are known.
  var isComplete: Bool { others != nil }

  /// The eigenpairs of the other side; their eigenvectors complete the basis.
  ///
  /// The first call changes ``pairs`` by rounding; an eigenvalue that is 0 up to rounding may leave them, or join them.
  func complement() throws(LinearAlgebraError) -> SymmetricEigen<Double> {
    if let others { return others }
    let (smaller, larger) = try projection.bothSides()
    (pairs, others, transposedVectors) = (smaller, larger, nil)
    return larger
  }

  /// The eigenvectors of ``pairs`` as columns.
  var columns: Matrix<Double> {
    let result = transposedVectors ?? pairs.vectors.transposed
    transposedVectors = result
    return result
  }

  /// The weight λₖ/(λₖ − λₗ) of the mixed block, for λₖ in ``pairs`` and λₗ on the other side.
  ///
  /// The same formula serves both sides: for λₖ ≤ 0 it is the weight of I − D.
  static func weight(_ λk: Double, _ λl: Double) -> Double {
    let sum = λk.magnitude + λl.magnitude
    return sum > 0 ? λk.magnitude / sum : 0
  }

  /// svec of D(H) for svec of H, from the side with fewer eigenvectors: of I − D when these are the nonpositive ones.
  ///
  /// - Complexity: O(n² r), r being the number of these eigenvectors, once all eigenvectors are known.
  func apply(_ h: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    let others = try complement()
    let (r, n, count) = (pairs.count, order, SymmetricVector.dimension(order: order))
    if r == 0 {
      for k in 0..<count { target[k] = side == .positive ? 0 : h[k] }
      return
    }
    var matrix = Matrix<Double>(rows: n, columns: n)
    matrix.elements.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { SymmetricVector.unpack(h, order: n, to: base) } }
    let half = Matrix.product(pairs.vectors, matrix)
    // X = ½ (Q_S′ H Q_S) Q_S′ + (Ω ∘ Q_S′ H Q_O) Q_O′, so that the result is Q_S X + X′ Q_S′.
    let own = Matrix.product(half, pairs.vectors, transposingRight: true, scale: 0.5)
    var x = Matrix.product(own, pairs.vectors)
    if others.count > 0 {
      var mixed = Matrix.product(half, others.vectors, transposingRight: true)
      weigh(&mixed, others)
      Matrix.multiply(mixed, others.vectors, into: &x, accumulating: true)
    }
    let product = Matrix.product(pairs.vectors, x, transposingLeft: true)
    product.elements.withUnsafeBufferPointer { p in
      let root2 = 2.0.squareRoot()
      var k = 0
      for j in 0..<n {
        for i in 0..<j {
          target[k] = (p[j &* n &+ i] + p[i &* n &+ j]) * root2
          k &+= 1
        }
        target[k] = 2 * p[j &* n &+ j]
        k &+= 1
      }
    }
    if side == .nonpositive { for k in 0..<count { target[k] = h[k] - target[k] } }
  }

  /// The same as ``apply(_:to:)`` for an H with entries in the pattern only, at the places of the pattern only.
  func apply(
    _ h: UnsafePointer<Double>, _ pattern: AggregatePattern, to target: UnsafeMutablePointer<Double>
  ) throws(LinearAlgebraError) {
    let others = try complement()
    let (own, r, n) = (columns, pairs.count, order)
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
    let inner = Matrix.product(half, own, transposingLeft: true, scale: 0.5)
    var x = Matrix.product(own, inner, transposingRight: true)
    if others.count > 0, r > 0 {
      var mixed = Matrix.product(half, others.vectors, transposingLeft: true, transposingRight: true)
      weigh(&mixed, others)
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

  /// Multiplies Q_S′ H Q_O by Ω.
  private func weigh(_ mixed: inout Matrix<Double>, _ others: SymmetricEigen<Double>) {
    for (k, λk) in pairs.values.enumerated() { for (l, λl) in others.values.enumerated() { mixed[k, l] *= Self.weight(λk, λl) } }
  }
}
