import LinearAlgebra

extension GainProof {
  /// Proves |f(x) − f(x′)| ≤ L |x − x′| for all x, x′ in a norm of the input from |f(x) − f(x′)|² ≤ (x − x′)′ Q (x − x′), and returns L.
  ///
  /// - l₂: ρI − Q > 0 gives L = √ρ.
  /// - l_∞: diag(d) − Q > 0 gives L = √(Σ d), since Σ dᵢ zᵢ² ≤ (Σ dᵢ) |z|_∞².
  /// - l₁: z′Qz ≤ max |q_ij| |z|₁². The real numbers z′Qz are upper bounds of squares, so the floating-point matrix Q is positive
  ///   semidefinite *exactly*, its largest entry in magnitude stands on the diagonal, and ρ ≥ max q_jj gives L = √ρ without any rounding.
  ///   Moving one coordinate at a time shows the same: |f(x) − f(x′)| ≤ Σ √q_jj |z_j|.
  ///
  /// - Parameters:
  ///   - norm: the norm of the inputs.
  ///   - weights: ρ alone, or the dᵢ for l_∞.
  ///   - isCancelled: asked on the calling thread, many times a second.
  /// - Returns: L, rounded up.
  /// - Throws: ``NotProved``, also when cancelled.
  public func bound(inputNorm norm: InputNorm, weights: [Double], isCancelled: () -> Bool = { false }) throws -> Double {
    guard norm == .lInfinity || weights.count == 1 else { throw NotProved("the \(norm.rawValue) norm needs one input weight ρ") }
    switch norm {
    case .l1:
      let rho = weights[0]
      guard rho.isFinite, rho >= 0, columnGains.allSatisfy({ $0 <= rho }) else {
        throw NotProved("at the input: an entry of the gain's diagonal is larger than ρ")
      }
      return ErrorBounds.sqrtUp(rho)
    case .l2:
      try prove(inputWeights: Array(repeating: weights[0], count: inputGain.rows), isCancelled: isCancelled)
      return ErrorBounds.sqrtUp(weights[0])
    case .lInfinity:
      try prove(inputWeights: weights, isCancelled: isCancelled)
      return ErrorBounds.sqrtUp(weights.reduce(0) { ErrorBounds.addUp($0, $1) })
    }
  }

  /// q_jj for every input j: the square of a bound on the gain when that input alone moves.
  public var columnGains: [Double] { (0..<inputGain.rows).map { inputGain[$0, $0] } }
}
