import Training

/// What pruning a network came to.
public struct PruningRecord: Codable, Sendable, Equatable {
  /// One training run of the method.
  public struct Phase: Codable, Sendable, Equatable {
    /// What it did, such as `dense`, `pruning`, `retraining`.
    public var name: String
    /// Its epochs.
    public var epochs: Int
    /// The zeros of the weights as training left them, before any choice.
    public var trained: Sparsity
    /// The zeros after the choice at its end; `nil` when there was none.
    public var chosen: Sparsity?

    /// Collects the parts.
    public init(name: String, epochs: Int, trained: Sparsity, chosen: Sparsity?) {
      (self.name, self.epochs, self.trained, self.chosen) = (name, epochs, trained, chosen)
    }
  }

  /// The method and its settings in words.
  public var method: String
  /// The training runs, in order.
  public var phases: [Phase]
  /// The zeros of the network before channels are removed.
  public var sparsity: Sparsity
  /// The network with zeros.
  public var masked: NetworkSize
  /// The network that is saved: without the channels that nothing reads.
  public var compact: NetworkSize
  /// The greatest difference of an output of the two over 256 random inputs with coordinates in [0, 1], in double precision; what is
  /// saved is rounded to single precision.
  public var deviation: Double

  /// Collects the parts.
  public init(
    method: String, phases: [Phase], sparsity: Sparsity, masked: NetworkSize, compact: NetworkSize, deviation: Double
  ) {
    (self.method, self.phases, self.sparsity) = (method, phases, sparsity)
    (self.masked, self.compact, self.deviation) = (masked, compact, deviation)
  }

  /// The zeros of the weights as the last choosing phase left them before the choice: those that a method reaches by itself.
  public var trained: Sparsity { phases.last { $0.chosen != nil }?.trained ?? sparsity }
}
