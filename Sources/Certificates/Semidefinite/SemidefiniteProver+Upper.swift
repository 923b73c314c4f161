import ConicPrograms
import LinearAlgebra

extension SemidefiniteProver {
  /// The bound c′x, if x is feasible: X(x) ⪰ 0 by a verified Cholesky factorisation of each block.
  ///
  /// - Throws: ``NotProved``.
  /// - Complexity: n³/6 multiplications for each block.
  public func upperBound(at x: [Double]) throws -> SemidefiniteBound {
    try require(x)
    for (index, block) in try problem.enclosure(at: x).enumerated() {
      do { try block.prove(isCancelled: isCancelled) } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("block \(index + 1): \(error.description)")
      }
    }
    let value = try finite(Bounded(dot: problem.objective, x).upper)
    return SemidefiniteBound(side: .upper, value: value, method: .feasiblePoint, point: x)
  }

  /// An upper bound of the dual optimum by way of trace bounds, from any point: c′x + Σ t_k max(0, −λ_min(X_k(x))).
  ///
  /// For every dual feasible Y with tr Y_k ≤ t_k is ⟨F₀, Y⟩ = c′x − ⟨X(x), Y⟩ ≤ c′x − Σ λ_min(X_k) tr Y_k on the blocks where λ_min is
  /// negative (Jansson, Chaykin and Keil, Rigorous error bounds for the optimal value in semidefinite programming, 2007).
  ///
  /// - Parameters:
  ///   - x: the point; it need not be feasible.
  ///   - dualTraceBounds: t, one for each block.
  /// - Throws: ``NotProved``.
  public func upperBound(at x: [Double], dualTraceBounds: [Double]) throws -> SemidefiniteBound {
    try check(dualTraceBounds, count: problem.blocks.count)
    let least = try leastEigenvalues(at: x)
    var value = Bounded(dot: problem.objective, x).upper
    for (least, trace) in zip(least, dualTraceBounds) where least < 0 {
      value = ErrorBounds.addUp(value, ErrorBounds.multiplyUp(-least, trace))
    }
    return SemidefiniteBound(
      side: .upper, value: try finite(value), method: .dualTraceBounds,
      assumptions: [.dualTraceBounds(dualTraceBounds), .noDualityGap])
  }

  func finite(_ value: Double) throws -> Double {
    guard value.isFinite else { throw NotProved("the objective is beyond the range of double precision") }
    return value
  }
}
