/// What a solve did.
public struct ConicInfo: Sendable, Equatable, Codable {
  /// The engines that ran, in order, with their iterations and seconds.
  public var runs: [Run] = []
  /// Seconds of reformulating and setting up.
  public var setupSeconds = 0.0
  /// Seconds altogether.
  public var seconds = 0.0
  /// Reformulations that were applied, in words, such as "2 cliques of orders 10 and 12 for a cone of order 20".
  public var reformulations: [String] = []
  /// Why engines gave up, in words.
  public var notes: [String] = []

  /// One engine's share.
  public struct Run: Sendable, Equatable, Codable {
    /// The engine.
    public var phase: ConicPhase
    /// Its iterations.
    public var iterations: Int
    /// Its seconds.
    public var seconds: Double
  }

  /// The iterations of all engines together.
  public var iterations: Int { runs.reduce(0) { $0 + $1.iterations } }
}
