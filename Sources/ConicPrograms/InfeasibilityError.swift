import LinearAlgebra

/// How far normalised vectors are from certificates of infeasibility, in the user's data.
public enum InfeasibilityError {
  /// The error of z with b′z = −1 as a proof that no (x, s) is feasible: the greater of |A′z|₂ and the violation of z ∈ K*, times
  /// max(1, |z|₂).
  ///
  /// For a feasible x, −1 = b′z = x′A′z + s′z ≥ −|x| |A′z| − (violation) tr s: an error ε leaves room only for points of size 1/ε. The
  /// factor |z| keeps weakly infeasible programs out, which have no certificate but vectors with any |A′z|, as long as they may be long:
  /// for [[0, 1], [1, x]] ⪰ 0 the product stays at 1/4 whatever the length.
  ///
  /// - Parameters:
  ///   - program: the user's program.
  ///   - z: the candidate.
  ///   - cones: whether to compute the violation of the cones as well, which takes all eigenvalues.
  /// - Returns: infinity when an eigenvalue iteration fails or an element is not finite.
  public static func dualRay(_ program: ConicProgram, _ z: [Double], cones: Bool = true) -> Double {
    let atz = program.coefficients.transposedMultiplied(by: z)
    var error = VectorKernels.norm(atz)
    if error.isNaN { return .infinity }
    let size = max(1, VectorKernels.norm(z))
    guard cones else { return error * size }
    for (cone, range) in zip(program.cones, program.ranges) {
      guard let violation = try? cone.dualViolation(z[range]) else { return .infinity }
      error = max(error, violation)
    }
    return error * size
  }

  /// The error of x with c′x = −1 as a proof that no dual vector is feasible: the violation of −Ax ∈ K, times max(1, |x|₂).
  public static func primalRay(_ program: ConicProgram, _ x: [Double]) -> Double {
    let s = program.coefficients.multiplied(by: x).map { -$0 }
    var error = 0.0
    for (cone, range) in zip(program.cones, program.ranges) {
      guard let violation = try? cone.violation(s[range]) else { return .infinity }
      error = max(error, violation)
    }
    return error * max(1, VectorKernels.norm(x))
  }
}
