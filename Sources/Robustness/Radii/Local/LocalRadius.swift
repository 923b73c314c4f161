import Certificates
import Lipschitz

/// Local l₂ radii: for every radius tried, linear bounds decide the rivals that they can, and the others are decided by the units that are not
/// linear in the ball.
///
/// Each rival needs one proof: backward linear bounds, or a `MarginProof`. Its forms are the anchored sectors with the multipliers of a
/// `SectorBound`, which costs little on any network; or, where few units are undecided, those of a `MarginProgram`, which contains the linear
/// bounds as well as the sectors. Where linear bounds are the strongest of the three their slopes are optimised. See the article on local radii.
public struct LocalRadius: RadiusMethod {
  /// `local`.
  public let name = "local"
  /// More units than this that are not linear in a ball are left to linear bounds.
  public var unitLimit = 1000
  /// More units than this are left to the sectors alone.
  public var programLimit = 100

  /// The method.
  public init() {}

  /// See ``RadiusMethod``.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    guard problem.norm == .l2 else { throw NotApplicable("local radii are in the l2 norm") }
    let clock = budget.start()
    var search = try LocalSearch(problem, unitLimit: unitLimit, programLimit: programLimit, isCancelled: { clock.mustStop })
    let found = try search.largest(ceiling: ceiling, tolerance: max(budget.tolerance, 1e-4)) { clock.mustStop }
    var result = RadiusEstimate(method: name, radius: found, seconds: clock.seconds)
    result.note = search.note
    if found > 0 { result.certificate = search.certificate(radius: found) }
    return result
  }
}
