import Certificates

extension Classifier {
  /// The network prepared for bound propagation, the first time it is asked for.
  ///
  /// - Throws: `NotProved` when a coefficient is out of range.
  public func propagation() throws -> PropagationNetwork { try cache.network { try PropagationNetwork(lowered) } }

  /// The network prepared for reductions around points, the first time it is asked for.
  ///
  /// - Throws: `NotProved` when a coefficient is out of range.
  public func increments() throws -> IncrementNetwork { try cache.increments { try IncrementNetwork(lowered) } }

  /// The network prepared for the search of slopes, the first time it is asked for.
  public func slopeOptimizer() -> SlopeOptimizer { cache.optimizer { SlopeOptimizer(lowered) } }
}
