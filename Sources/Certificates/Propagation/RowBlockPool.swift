import Networks
import Synchronization

/// The row blocks of a network: as many as have been used at once.
final class RowBlockPool: Sendable {
  private let idle = Mutex<[RowBlock]>([])

  /// Calls `body` with a block that nobody else uses at the time.
  func withBlock<T>(of network: LoweredNetwork, _ body: (RowBlock) -> T) -> T {
    let block = idle.withLock { $0.popLast() } ?? RowBlock(network)
    defer { idle.withLock { $0.append(block) } }
    return body(block)
  }
}
