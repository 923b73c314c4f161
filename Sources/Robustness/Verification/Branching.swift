import LinearAlgebra

/// The parts of a branch and bound search that are still open: the last ones are treated first, in batches on all threads.
struct Branching<Part: Sendable> {
  /// What became of one part.
  struct Outcome: Sendable {
    /// The parts it was split into; none when it is done.
    var children: [Part] = []
    /// Whether it is neither done nor can be split.
    var isStuck = false
    /// What was found in it.
    var witness: Witness?
  }

  /// The parts that are left.
  private(set) var open: [Part]
  /// The parts that were treated last.
  private(set) var batch: [Part] = []
  private var isStuck = false

  init(_ parts: [Part]) { open = parts }

  /// Treats the next parts, up to `size` for each thread.
  ///
  /// - Returns: how the search ended, or `nil` when there is more to do.
  mutating func advance(
    size: Int, statistics: inout BranchingStatistics, mustStop: () -> Bool, treat: @Sendable ([Part]) -> [Outcome]
  ) -> BranchingResult? {
    guard !open.isEmpty else { return isStuck ? .stuck : .proved }
    if mustStop() { return .stopped }
    batch = Array(open.suffix(size * Threads.count))
    open.removeLast(batch.count)
    let outcomes = ParallelFor.inParts(batch, treat)
    statistics.boxes += batch.count
    if let witness = outcomes.lazy.compactMap(\.witness).first { return .found(witness) }
    if mustStop() { return .stopped }
    for outcome in outcomes {
      isStuck = isStuck || outcome.isStuck
      open += outcome.children
    }
    return nil
  }
}
