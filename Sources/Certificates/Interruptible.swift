import LinearAlgebra

/// Parallel loops that can be cancelled.
enum Interruptible {
  /// Multiplications between two questions: some tens of milliseconds.
  private static let batchCost = 0x1p30

  /// What is thrown.
  static let cancelled = NotProved("cancelled")

  /// ``ParallelFor/run(_:_:)`` in batches; `isCancelled` is asked before each, on the calling thread.
  ///
  /// - Parameters:
  ///   - count: the number of indices.
  ///   - cost: the multiplications behind one index, about.
  ///   - isCancelled: whether to give up.
  ///   - body: called for every index; what it computes must not depend on the batches.
  /// - Throws: ``NotProved`` when cancelled.
  static func run(_ count: Int, cost: Double, isCancelled: () -> Bool, _ body: @Sendable (Int) -> Void) throws {
    var batch = max(Threads.count, Int(min(Double(max(1, count)), batchCost / max(1, cost))))
    var start = 0
    while start < count {
      try check(isCancelled)
      let (first, length) = (start, min(batch, count - start))
      let seconds = ContinuousClock().measure { ParallelFor.run(length) { body(first + $0) } }
      start += length
      // The cost is often less than it can be at most.
      if seconds < .milliseconds(10) { batch *= 2 }
    }
  }

  /// - Throws: ``NotProved`` when cancelled.
  static func check(_ isCancelled: () -> Bool) throws {
    if isCancelled() { throw cancelled }
  }
}
