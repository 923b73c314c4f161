import ConicPrograms
import LinearAlgebra

extension Spectrum {
  /// The weight λₖ/(λₖ − λₗ) of the mixed block, for λₖ in ``pairs`` and λₗ on the other side.
  ///
  /// The same formula serves both sides: for λₖ ≤ 0 it is the weight of I − D.
  static func weight(_ λk: Double, _ λl: Double) -> Double {
    let sum = λk.magnitude + λl.magnitude
    return sum > 0 ? λk.magnitude / sum : 0
  }

  /// svec of D(H) = Q (Ω ∘ Q′HQ) Q′, from the side with fewer eigenvectors: of I − D when these are the nonpositive ones.
  ///
  /// - Complexity: O(n² r), r being the number of these eigenvectors, once all eigenvectors are known.
  func applyDerivative(_ h: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    let count = SymmetricVector.dimension(order: order)
    let (r, n) = (pairs.count, order)
    if r == 0 {
      for k in 0..<count { target[k] = side == .positive ? 0 : h[k] }
      return
    }
    var matrix = Matrix<Double>(rows: n, columns: n)
    matrix.elements.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { SymmetricVector.unpack(h, order: n, to: base) } }
    let others = try complement()
    let half = Matrix.product(pairs.vectors, matrix)
    // X = ½ (Q_S′ H Q_S) Q_S′ + (Ω ∘ Q_S′ H Q_O) Q_O′, so that the result is Q_S X + X′ Q_S′.
    var own = Matrix.product(half, pairs.vectors, transposingRight: true)
    for k in own.elements.indices { own.elements[k] /= 2 }
    var x = Matrix.product(own, pairs.vectors)
    if others.count > 0 {
      var mixed = Matrix.product(half, others.vectors, transposingRight: true)
      for k in 0..<r { for l in 0..<others.count { mixed[k, l] *= Self.weight(pairs.values[k], others.values[l]) } }
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
    if side == .nonpositive {
      for k in 0..<count {
        let reduced = h[k] - target[k]
        target[k] = reduced
      }
    }
  }
}
