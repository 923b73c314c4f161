/// Seconds of several repetitions of the same work.
struct Timing {
  /// Ascending.
  private let seconds: [Double]

  /// - Precondition: there is at least one.
  init(_ seconds: [Double]) { self.seconds = seconds.sorted() }

  /// The least: what the machine can do when nobody disturbs it.
  var best: Double { seconds[0] }
  /// The median: what it did.
  var median: Double { (seconds[(seconds.count - 1) / 2] + seconds[seconds.count / 2]) / 2 }
  /// How many there are.
  var count: Int { seconds.count }
}
