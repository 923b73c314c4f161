import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz

/// Radii in l_∞ by linear programs: the largest found for which every margin's safe bound over the linear relaxation of the network is positive.
///
/// The intervals are those of bound propagation, optionally tightened by linear programs layer by layer. A margin that linear bounds prove
/// needs no program, so the radius test passes wherever theirs does. Every program of one size starts from the basis of the last.
public struct LinearProgramRadius: RadiusMethod {
  /// `lp`.
  public let name = "lp"
  /// Whether intermediate intervals are tightened by linear programs.
  public var tightens: Bool
  /// Networks whose relaxation has more rows are not treated.
  public var largestRowCount = 6000

  /// The method.
  public init(tightens: Bool = true) { self.tightens = tightens }

  /// Searches by bisection.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    guard problem.norm == .lInfinity else { throw NotApplicable("linear programs are for the norm linf") }
    let watch = budget.start()
    var test = try MarginTest(problem, tightens: tightens, largestRowCount: largestRowCount, watch: watch, isCancelled: budget.isCancelled)
    let start = RadiusSearch.largest(from: ceiling ?? 0.01, ceiling: ceiling, tolerance: 0.2, mustStop: { watch.mustStop }) {
      test.isProvedByBounds($0)
    }
    var radius = start
    if start > 0, !watch.mustStop {
      // Programs rarely prove more than a few times what linear bounds do.
      radius = try RadiusSearch.largest(
        from: 1.2 * start, ceiling: ceiling, tolerance: budget.tolerance, mustStop: { watch.mustStop }
      ) { $0 <= start ? true : try test.isProved($0) }
      radius = max(radius, start)
    }
    return RadiusEstimate(method: name, radius: radius, seconds: watch.seconds, note: "\(test.programs) linear programs")
  }
}
