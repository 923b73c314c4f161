import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// Exact l_∞ radii of small piecewise linear networks: a radius that branch and bound certifies, and an input with another answer at a distance
/// that agrees with it up to the tolerance.
///
/// For every rival the search alternates: ``PhaseSearch`` decides whether the rival draws level somewhere within (1 − tolerance) times the
/// least distance R known at which the answer changes. If it does, the input found is moved towards x₀ within its own linear piece of the
/// network, which makes R smaller, and the question is asked again; if not, the rival is done, also for every smaller R. So each rival costs one
/// proof, and the certified radius is (1 − tolerance) R in the end.
public struct ExactRadius: RadiusMethod {
  /// `exact`.
  public let name = "exact"
  /// The most units that may be undecided; the tree grows exponentially in their number.
  public var largestUnitCount = 2000

  /// The method.
  public init() {}

  /// Searches until the ends meet, or time is up: then the radius is what has been certified, and `isExact` is false.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    guard problem.norm == .lInfinity else { throw NotApplicable("exact radii are for the norm linf") }
    let network = problem.classifier.lowered
    guard network.isPiecewiseLinear else { throw NotApplicable("exact radii are for piecewise linear networks") }
    guard network.unitCount <= largestUnitCount else { throw NotApplicable("\(network.unitCount) units are too many for exact radii") }
    let watch = budget.start()
    var search = try ExactSearch(problem, ceiling: ceiling, budget: budget, watch: watch)
    try search.run()
    return RadiusEstimate(
      method: name, radius: search.radius, isExact: search.isExact, seconds: watch.seconds,
      note: "answer changes at \(search.end), \(search.programs) linear programs")
  }
}

extension LoweredNetwork {
  /// Whether every unit consists of straight pieces.
  var isPiecewiseLinear: Bool {
    nodes.allSatisfy { node in
      guard case .activation(_, let units) = node.kind else { return true }
      switch units {
      case .uniform(let activation): return activation.isPiecewiseLinear
      case .leakyReLU: return true
      }
    }
  }
}
