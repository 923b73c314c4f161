import Dispatch
import Synchronization

/// The one place where work is spread over threads.
///
/// BLAS runs on one thread throughout (see ``Threads``); loops that are worth it run here. A loop started inside another runs serially, so
/// task parallelism never multiplies.
public enum ParallelFor {
  @TaskLocal static var isNested = false

  /// Calls `body` once for every index in `0 ..< count`, on at most ``Threads/count`` threads.
  ///
  /// Indices are handed out in order from a shared counter, so a slow core does not hold up the loop. The result must not depend on which
  /// thread runs which index; then it does not depend on the number of threads either.
  ///
  /// - Complexity: about one microsecond over the work itself.
  public static func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(Threads.count, count)
    if workers <= 1 || isNested {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      $isNested.withValue(true) {
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if index >= count { return }
          body(index)
        }
      }
    }
  }

  /// The results of `body` for every index in `0 ..< count`, in order.
  ///
  /// - Throws: the error of the first index that has one, after all have run.
  public static func map<T: Sendable, Failure: Error>(
    _ count: Int, _ body: @Sendable (Int) throws(Failure) -> T
  ) throws(Failure) -> [T] {
    let results = Mutex([Result<T, Failure>?](repeating: nil, count: count))
    run(count) { index in
      let result = Result { () throws(Failure) in try body(index) }
      results.withLock { $0[index] = result }
    }
    var values: [T] = []
    for result in results.withLock({ $0.compactMap { $0 } }) { values.append(try result.get()) }
    return values
  }

  /// The results of `body` on consecutive parts of `elements`, about as many as there are threads, one after the other.
  public static func inParts<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable ([Element]) -> [Result]
  ) -> [Result] {
    let parts = min(Threads.count, elements.count)
    let results = Mutex([[Result]](repeating: [], count: parts))
    run(parts) { part in
      let own = body(Array(elements[elements.count * part / parts..<elements.count * (part + 1) / parts]))
      results.withLock { $0[part] = own }
    }
    return results.withLock { Array($0.joined()) }
  }

  /// Calls `body` on consecutive ranges that cover `0 ..< count`, each of at least `minimumChunk` indices, about four for every thread.
  public static func runRanges(_ count: Int, minimumChunk: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let chunks = max(1, min(4 * Threads.count, count / max(1, minimumChunk)))
    if chunks == 1 {
      body(0..<count)
      return
    }
    run(chunks) { body(count * $0 / chunks..<count * ($0 + 1) / chunks) }
  }
}
