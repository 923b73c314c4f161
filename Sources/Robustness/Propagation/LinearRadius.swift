import Certificates
import LinearAlgebra
import Lipschitz

/// A radius by backward linear bounds with the lines that enclose least, intersected with interval arithmetic (CROWN).
public struct LinearRadius: RadiusMethod {
  /// `crown`.
  public var name: String { "crown" }

  /// The method.
  public init() {}

  /// The largest radius at which linear bounds prove every margin positive.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    let search = try PropagationSearch(problem, tightening: .curved, clock: budget.start())
    let radius = search.replayable(try search.radius(ceiling: ceiling, budget: budget))
    var result = RadiusEstimate(method: name, radius: radius, seconds: search.clock.seconds)
    if radius > 0 { result.certificate = problem.certificate(radius: radius) { _ in .linear(nil) } }
    return result
  }
}
