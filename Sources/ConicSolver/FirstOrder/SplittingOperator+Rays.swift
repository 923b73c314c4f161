import ConicPrograms
import LinearAlgebra

/// Candidates for certificates of infeasibility.
///
/// On infeasible programs the iterates run away in the direction of a certificate, and their steps converge to one (Banjac, Goulart, Stellato,
/// Boyd, J. Optim. Theory Appl. 183, 2019, doi:10.1007/s10957-019-01575-y). Alternating projections, aimed at the inside of the cone, bring a
/// direction that is near to the cone and to the subspace of certificates; only the monitor accepts it.
extension SplittingOperator {
  /// The most alternating projections for a candidate.
  private static let rounds = 16
  /// The violation, relative to the decrease of the objective, at which a candidate is ready to be judged.
  private static let readiness = 1e-10

  /// A vector z near `direction` with z ∈ K*, A′z ≈ 0 and b′z < 0, or `nil` when that is not in sight.
  func dualRay(near direction: [Double]) throws(LinearAlgebraError) -> [Double]? {
    var z = direction
    var (inside, outside) = (z, z)
    var last = Double.infinity
    var aim = 1.0
    for _ in 0..<Self.rounds {
      let length = VectorKernels.norm(z)
      let correction = coefficients.multiplied(by: try gram.solved(coefficients.transposedMultiplied(by: z)))
      VectorKernels.add(-1, correction, to: &z)
      // Directions of feasible programs are far from the subspace.
      guard length > 0, length.isFinite, VectorKernels.norm(correction) <= 0.5 * length else { return nil }
      let decrease = -VectorKernels.dot(constants, z)
      guard decrease > 1e-6 * length else { return nil }
      try projector.split(z.map { -$0 }, s: &outside, z: &inside)
      let violation = VectorKernels.norm(outside)
      if violation <= Self.readiness * decrease {
        return weights.map { weights in z.indices.map { inside[$0] * weights[$0] } } ?? inside
      }
      guard violation <= last else { return nil }
      last = violation
      aim *= 2
      z = inside
      addInterior(aim * violation, to: &z)
    }
    return nil
  }

  /// A vector x near `direction` with −Ax ∈ K, approximately, and c′x < 0, or `nil` when that is not in sight.
  func primalRay(near direction: [Double]) throws(LinearAlgebraError) -> [Double]? {
    var x = direction
    var inside = [Double](repeating: 0, count: program.rowCount)
    var outside = inside
    // Multipliers of the equations, which least squares alone would meet but slowly.
    var multipliers = inside
    var last = Double.infinity
    var aim = 1.0
    for _ in 0..<Self.rounds {
      let decrease = -VectorKernels.dot(program.objective, x)
      let length = VectorKernels.norm(x)
      guard length > 0, length.isFinite, decrease > 1e-6 * length else { return nil }
      try projector.split(coefficients.multiplied(by: x).map { -$0 }, s: &inside, z: &outside)
      let violation = VectorKernels.norm(outside)
      if violation <= Self.readiness * decrease { return x }
      guard violation <= last, violation <= 0.5 * VectorKernels.norm(inside) else { return nil }
      last = violation
      for (cone, range) in zip(program.cones, program.ranges) {
        guard case .zero = cone else { continue }
        for k in range {
          multipliers[k] += outside[k]
          inside[k] = multipliers[k]
          outside[k] = 0
        }
      }
      addInterior(aim * VectorKernels.norm(outside), to: &inside)
      aim *= 2
      x = try gram.solved(coefficients.transposedMultiplied(by: inside.map { -$0 }))
    }
    return nil
  }

  /// Adds a multiple of each cone's unit, a point well inside: ones, the axis, the identity.
  private func addInterior(_ amount: Double, to v: inout [Double]) {
    for (cone, range) in zip(program.cones, program.ranges) {
      switch cone {
      case .zero: break
      case .nonnegative: for k in range { v[k] += amount }
      case .secondOrder: if let first = range.first { v[first] += amount }
      case .semidefinite(let order): for i in 0..<order { v[range.lowerBound + SymmetricVector.index(i, i)] += amount }
      }
    }
  }
}
