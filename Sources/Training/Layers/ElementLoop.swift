import LinearAlgebra

/// How the work on a tensor is spread over threads.
enum ElementLoop {
  /// The elements worth a task of their own; a task's share then stays in the second-level cache from one sweep to the next.
  static let grain = 1 << 14

  /// Ranges that cover `0 ..< count`, for work on single elements, where their borders do not change the result.
  static func run(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    ParallelFor.runRanges(count, minimumChunk: grain, body)
  }

  /// Ranges of samples that have `size` elements each, likewise.
  static func samples(_ batch: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void) {
    ParallelFor.runRanges(batch, minimumChunk: max(1, grain / max(1, size)), body)
  }
}
