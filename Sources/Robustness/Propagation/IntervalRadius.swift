import Certificates
import LinearAlgebra
import Lipschitz

/// A radius by interval arithmetic: the fastest and weakest of the methods.
public struct IntervalRadius: RadiusMethod {
  /// `ibp`.
  public var name: String { "ibp" }

  /// The method.
  public init() {}

  /// The largest radius at which intervals prove every margin positive.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    let search = try PropagationSearch(problem, tightening: .none, clock: budget.start())
    return RadiusEstimate(method: name, radius: try search.radius(ceiling: ceiling, budget: budget), seconds: search.clock.seconds)
  }
}
