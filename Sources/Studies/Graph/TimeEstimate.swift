/// How much longer a study will take, from what its methods took so far.
struct TimeEstimate {
  /// Seconds that a method may take on a network, or `nil`.
  let limit: Double?
  /// The methods still to be run, first to last.
  private(set) var pending: [String]
  private var past: [String: [Double]] = [:]

  init(pending: [String], limit: Double?) { (self.pending, self.limit) = (pending, limit) }

  /// Notes that a method ended.
  mutating func finish(_ method: String, seconds: Double) {
    past[method, default: []].append(seconds)
    if let index = pending.firstIndex(of: method) { pending.remove(at: index) }
  }

  /// Takes methods away that will not be run.
  mutating func skip(_ methods: [String]) {
    for method in methods { if let index = pending.firstIndex(of: method) { pending.remove(at: index) } }
  }

  /// Seconds left, `elapsed` of them spent on the method that runs; `nil` before anything has ended.
  ///
  /// A method is expected to take as long as it did on average, and one that has not ended before as long as any did; neither longer than it
  /// may.
  func remaining(elapsed: Double) -> Double? {
    let all = past.values.flatMap { $0 }
    guard !all.isEmpty else { return nil }
    let common = all.reduce(0, +) / Double(all.count)
    let expected = pending.map { method -> Double in
      let mean = past[method].map { $0.reduce(0, +) / Double($0.count) } ?? common
      return min(mean, limit ?? .infinity)
    }
    return max(0, expected.reduce(0, +) - elapsed)
  }
}
