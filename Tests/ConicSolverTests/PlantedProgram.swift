import ConicPrograms
import LinearAlgebra

/// A program with a known solution, planted through Moreau's decomposition: any v splits into z − s with z = Π_{K*}(v), s = Π_K(−v) and
/// s′z = 0; then b = Ax + s and c = −A′z make (x, s, z) optimal.
struct PlantedProgram {
  let program: ConicProgram
  let solution: ConicPoint

  /// A program with `variables` variables and dense random columns.
  ///
  /// - Parameter scale: the size of x, z and A, whose product stays 1 × scale³.
  init(cones: [Cone], variables: Int, seed: UInt64, scale: Double = 1) throws {
    var random = SplitMix64(seed: seed)
    let rowCount = cones.reduce(0) { $0 + $1.dimension }
    let columns = (0..<variables).map { _ in (0..<rowCount).map { (row: $0, value: scale * random.nextGaussian()) } }
    let a = SparseColumns(rowCount: rowCount, columns: columns)
    let x: [Double] = random.gaussianVector(variables, deviation: scale)
    var (s, z) = ([Double](), [Double]())
    for cone in cones {
      let v: [Double] = random.gaussianVector(cone.dimension, deviation: scale)
      let dual = try Self.dualProjection(cone, v)
      z += dual
      s += zip(dual, v).map { $0 - $1 }
    }
    let ax = a.multiplied(by: x)
    program = try ConicProgram(
      objective: a.transposedMultiplied(by: z).map { -$0 }, coefficients: a, constants: zip(ax, s).map { $0 + $1 }, cones: cones)
    solution = ConicPoint(x: x, s: s, z: z)
  }

  /// Π_{K*}(v), independently of the solver: by a full eigendecomposition and the textbook formula for second-order cones.
  static func dualProjection(_ cone: Cone, _ v: [Double]) throws -> [Double] {
    switch cone {
    case .zero: return v
    case .nonnegative: return v.map { max(0, $0) }
    case .secondOrder:
      guard let t = v.first else { return v }
      let norm = v.dropFirst().reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm <= t { return v }
      if norm <= -t { return v.map { _ in 0 } }
      let length = (t + norm) / 2
      return [length] + v.dropFirst().map { $0 * length / norm }
    case .semidefinite(let order):
      let eigen = try SymmetricVector.matrix(v[...], order: order).symmetricEigen()
      var result = Matrix<Double>(rows: order, columns: order)
      for (k, λ) in eigen.values.enumerated() where λ > 0 {
        for i in 0..<order { for j in 0..<order { result[i, j] += λ * eigen.vectors[k, i] * eigen.vectors[k, j] } }
      }
      return SymmetricVector.vector(result)
    }
  }
}
