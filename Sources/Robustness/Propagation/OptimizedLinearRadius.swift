import Certificates
import LinearAlgebra
import Lipschitz

/// A radius by backward linear bounds whose slopes are optimised, for every rival and for every unit of the layers between (α-CROWN).
public struct OptimizedLinearRadius: RadiusMethod {
  /// `alpha-crown`.
  public var name: String { "alpha-crown" }
  /// Whether the slopes in the bounds of intermediate units are optimised as well.
  public var optimizesIntermediates = true

  /// The method.
  public init() {}

  /// The largest radius at which optimised linear bounds prove every margin positive; never less than ``LinearRadius`` finds, up to the
  /// tolerance.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    let search = try PropagationSearch(problem, tightening: .curved, clock: budget.start())
    let plain = try search.radius(ceiling: ceiling, budget: budget)
    let radius = try search.improved(plain, ceiling: ceiling, budget: budget, optimizesIntermediates: optimizesIntermediates)
    return RadiusEstimate(method: name, radius: radius, seconds: search.clock.seconds)
  }
}
