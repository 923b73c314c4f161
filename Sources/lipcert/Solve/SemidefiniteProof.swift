import Certificates
import CommandLineSupport
import ConicPrograms
import ConicSolver

/// What can be proved from a solution's vectors about the problem whose data are the doubles nearest to the numbers of the file.
struct SemidefiniteProof {
  /// The optimum of (P) is at least this.
  private(set) var lower: Double?
  /// The optimum of (P) is at most this.
  private(set) var upper: Double?
  /// What is proved and what is not, in words.
  private(set) var words: String

  /// Proves what the solution's status claims; bad vectors give bad bounds, or none.
  init(_ problem: LinearMatrixInequality, _ solution: ConicSolution) {
    let prover = SemidefiniteProver(problem, isCancelled: { Interruption.isRequested })
    do {
      switch solution.status {
      case .primalInfeasible:
        _ = try prover.provePrimalInfeasible(ray: solution.point.z)
        words = "no x is feasible for (P)"
      case .dualInfeasible:
        _ = try prover.proveDualInfeasible(ray: solution.point.x)
        words = "no Y is feasible for (D)"
      default:
        guard solution.residuals != nil else {
          words = "nothing: there is no point"
          return
        }
        let enclosure = try prover.enclosure(near: solution.point.x, solution.point.z)
        (lower, upper) = (enclosure.lower?.value, enclosure.upper?.value)
        switch (lower, upper) {
        case (_?, _?): words = "both bounds of the optimum of (P)"
        case (_?, nil): words = "the lower bound; no point could be proved feasible for (P)"
        case (nil, _?): words = "the upper bound; no matrix could be proved feasible for (D)"
        case (nil, nil): words = "nothing: neither a point of (P) nor one of (D) could be proved feasible"
        }
      }
    } catch {
      words = "nothing: \(error)"
    }
  }
}
