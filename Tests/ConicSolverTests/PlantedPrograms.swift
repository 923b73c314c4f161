import ConicPrograms
import LinearAlgebra

@testable import ConicSolver

/// Programs whose solution is known because it was chosen first.
///
/// Any vector v splits into s − z with s ∈ K, z ∈ K*, s′z = 0 (Moreau); with x and A at random, b = Ax + s and c = −A′z make (x, s, z)
/// optimal.
struct PlantedProgram {
  let program: ConicProgram
  let solution: ConicPoint

  init(cones: [Cone], variables: Int, seed: UInt64, scale: Double = 1, density: Double = 0.5) throws {
    var generator = SplitMix64(seed: seed)
    func uniform() -> Double { Double.random(in: -1...1, using: &generator) }
    let rowCount = cones.reduce(0) { $0 + $1.dimension }
    let v = (0..<rowCount).map { _ in scale * uniform() }
    let s = try Self.projection(of: v, cones: cones)
    // K is self-dual but for equations, whose projection is zero and whose dual vector is free.
    let z = zip(s, v).map { $0 - $1 }
    let x = (0..<variables).map { _ in scale * uniform() }
    let columns = (0..<variables).map { _ in
      (0..<rowCount).compactMap { row -> (row: Int, value: Double)? in
        Double.random(in: 0..<1, using: &generator) < density ? (row, uniform()) : nil
      }
    }
    let a = SparseColumns(rowCount: rowCount, columns: columns)
    program = try ConicProgram(
      objective: a.transposedMultiplied(by: z).map { -$0 }, coefficients: a, constants: zip(a.multiplied(by: x), s).map { $0 + $1 },
      cones: cones)
    solution = ConicPoint(x: x, s: s, z: z)
  }

  /// Π_K by eigenvalues and formulas written down here, apart from the solver's own.
  static func projection(of v: [Double], cones: [Cone]) throws -> [Double] {
    var result: [Double] = []
    var start = 0
    for cone in cones {
      let part = Array(v[start..<start + cone.dimension])
      start += cone.dimension
      switch cone {
      case .zero: result += part.map { _ in 0 }
      case .nonnegative: result += part.map { max(0, $0) }
      case .secondOrder:
        guard let t = part.first else { continue }
        let u = Array(part.dropFirst())
        let norm = length(u)
        if norm <= t {
          result += part
        } else if norm <= -t {
          result += part.map { _ in 0 }
        } else {
          let mean = (t + norm) / 2
          result += [mean] + u.map { $0 * mean / norm }
        }
      case .semidefinite(let n):
        guard n > 0 else { continue }
        let eigen = try SymmetricVector.matrix(part[...], order: n).symmetricEigen()
        var matrix = Matrix<Double>(rows: n, columns: n)
        for k in 0..<n where eigen.values[k] > 0 {
          for i in 0..<n { for j in 0..<n { matrix[i, j] += eigen.values[k] * eigen.vectors[k, i] * eigen.vectors[k, j] } }
        }
        result += SymmetricVector.vector(matrix)
      }
    }
    return result
  }
}
