import ConicPrograms
import LinearAlgebra

/// Programs whose solution is known because it was chosen first.
///
/// Any v splits into z − s with z = Π_{K*}(v), s = Π_K(−v) and s′z = 0 (Moreau); with random A and x, b = Ax + s and c = −A′z make (x, s, z)
/// optimal.
struct PlantedProgram {
  let program: ConicProgram
  let optimum: ConicPoint

  /// A program with these cones and a share of entries in A, whose x and v have size `scale` and whose A has size `matrixScale`.
  init(
    _ cones: [Cone], variables: Int, density: Double = 0.5, scale: Double = 1, matrixScale: Double = 1, seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    let rowCount = cones.reduce(0) { $0 + $1.dimension }
    var (s, z) = ([Double](), [Double]())
    for cone in cones {
      let v: [Double] = random.gaussianVector(cone.dimension, deviation: scale)
      let dual = try Self.dualProjection(cone, v)
      z += dual
      s += zip(dual, v).map { $0 - $1 }
    }
    let columns = (0..<variables).map { _ in
      (0..<rowCount).compactMap { row in
        random.nextUniform() < density ? (row: row, value: matrixScale * random.nextGaussian()) : nil
      }
    }
    let a = SparseColumns(rowCount: rowCount, columns: columns)
    let x: [Double] = random.gaussianVector(variables, deviation: scale)
    program = try ConicProgram(
      objective: a.transposedMultiplied(by: z).map { -$0 }, coefficients: a, constants: zip(a.multiplied(by: x), s).map { $0 + $1 },
      cones: cones)
    optimum = ConicPoint(x: x, s: s, z: z)
  }

  /// Every kind of cone.
  static let mixed: [Cone] = [
    .zero(2), .nonnegative(6), .secondOrder(5), .secondOrder(1), .semidefinite(order: 6), .semidefinite(order: 1),
  ]

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
