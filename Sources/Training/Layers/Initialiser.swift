import LinearAlgebra

/// How a parameter begins.
public enum Initialiser: Hashable, Sendable {
  /// All the same.
  case constant(Double)
  /// Independent normal numbers of mean zero.
  case normal(deviation: Double)
  /// Independent numbers, uniform between −bound and bound.
  case uniform(bound: Double)
  /// Orthonormal rows or columns (whichever is the shorter side) of the matrix of first axis × the others, times a gain.
  case orthogonal(gain: Double)

  /// He's: normal of variance 2 / fan, which keeps the variance of signals through ReLU layers.
  ///
  /// He, Zhang, Ren, Sun: Delving deep into rectifiers, equation 10 (fan in) and 14 (fan out).
  public static func he(fan: Int) -> Initialiser { .normal(deviation: (2 / Double(max(1, fan))).squareRoot()) }

  /// The first values of a tensor of this shape.
  ///
  /// - Throws: `LinearAlgebraError` when LAPACK finds no singular vectors of random numbers.
  public func values<Element: Scalar>(shape: [Int], random: RandomStream) throws -> [Element] {
    let count = shape.reduce(1, *)
    var generator = random.generator
    switch self {
    case .constant(let value): return [Element](repeating: Element(value), count: count)
    case .normal(let deviation): return generator.gaussianVector(count, deviation: deviation)
    case .uniform(let bound): return (0..<count).map { _ in Element(bound * (2 * generator.nextUniform() - 1)) }
    case .orthogonal(let gain):
      let rows = shape.first ?? 1
      let columns = count / max(1, rows)
      guard count > 0 else { return [] }
      let gaussian: Matrix<Double> = generator.gaussianMatrix(rows: rows, columns: columns)
      // U Vᵀ is the orthogonal matrix nearest to a Gaussian one, and is distributed as Haar's measure is.
      let svd = try gaussian.svd()
      return Matrix.product(svd.u, svd.vt).elements.map { Element(gain * $0) }
    }
  }
}
