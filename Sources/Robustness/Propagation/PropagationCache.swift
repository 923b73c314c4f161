import Certificates
import Synchronization

/// What bound propagation prepares of a network once for all inputs.
final class PropagationCache: Sendable {
  private let network = Mutex<PropagationNetwork?>(nil)
  private let optimizer = Mutex<SlopeOptimizer?>(nil)
  private let increments = Mutex<IncrementNetwork?>(nil)

  func network(_ make: () throws -> PropagationNetwork) rethrows -> PropagationNetwork {
    try network.withLock { stored in
      if let stored { return stored }
      let fresh = try make()
      stored = fresh
      return fresh
    }
  }

  func increments(_ make: () throws -> IncrementNetwork) rethrows -> IncrementNetwork {
    try increments.withLock { stored in
      if let stored { return stored }
      let fresh = try make()
      stored = fresh
      return fresh
    }
  }

  func optimizer(_ make: () -> SlopeOptimizer) -> SlopeOptimizer {
    optimizer.withLock { stored in
      if let stored { return stored }
      let fresh = make()
      stored = fresh
      return fresh
    }
  }
}
