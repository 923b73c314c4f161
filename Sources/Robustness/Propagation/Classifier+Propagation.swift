import Certificates
import Synchronization

/// What bound propagation prepares of a network once for all inputs.
final class PropagationCache: Sendable {
  private let network = Mutex<PropagationNetwork?>(nil)
  private let optimizer = Mutex<SlopeOptimizer?>(nil)
  private let increments = Mutex<IncrementNetwork?>(nil)

  fileprivate func network(_ make: () throws -> PropagationNetwork) rethrows -> PropagationNetwork {
    try network.withLock { stored in
      if let stored { return stored }
      let fresh = try make()
      stored = fresh
      return fresh
    }
  }

  fileprivate func increments(_ make: () throws -> IncrementNetwork) rethrows -> IncrementNetwork {
    try increments.withLock { stored in
      if let stored { return stored }
      let fresh = try make()
      stored = fresh
      return fresh
    }
  }

  fileprivate func optimizer(_ make: () -> SlopeOptimizer) -> SlopeOptimizer {
    optimizer.withLock { stored in
      if let stored { return stored }
      let fresh = make()
      stored = fresh
      return fresh
    }
  }
}

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
