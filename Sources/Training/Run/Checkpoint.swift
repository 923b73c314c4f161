import LinearAlgebra

/// All that a run needs to go on bit for bit as if it had not been interrupted.
public struct Checkpoint: Sendable, Equatable {
  /// What tells runs apart: checksums of everything that determines one.
  public struct Identity: Sendable, Equatable {
    /// Of the settings and the hooks.
    public let settings: UInt32
    /// Of the layers and how they hang together.
    public let model: UInt32
    /// Of the samples and labels, those for validation included.
    public let data: UInt32
    /// Of the first values.
    public let beginning: UInt32

    /// 32 hexadecimal digits: the name of a file for this run among others.
    public var name: String {
      [settings, model, data, beginning].map { part in
        let digits = String(part, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }.joined()
    }
  }

  /// The run it belongs to.
  public var identity: Identity
  /// The epoch of the next step, counted from 0.
  public var epoch: Int
  /// The next step within its epoch.
  public var step: Int
  /// The numbers of the model.
  public var state: ModelState<Float>
  /// What the optimiser remembers.
  public var optimiser: TrainingMemory
  /// What every hook remembers.
  public var hooks: [TrainingMemory]
  /// What the loss remembers.
  public var loss: TrainingMemory
  /// The sums over the epoch so far.
  public var sums: EpochSums
  /// The epoch that is the result so far, if any.
  public var best: BestEpoch?
  /// The finished epochs.
  public var curve: [EpochRecord]
  /// Seconds of training so far.
  public var seconds: Double

  /// What is added up over an epoch.
  public struct EpochSums: Sendable, Equatable {
    /// Samples so far.
    public var samples = 0
    /// Those classified correctly.
    public var correct = 0
    /// Steps so far.
    public var steps = 0
    /// The sum of the samples' losses.
    public var loss = 0.0
    /// The sum of the steps' penalties.
    public var penalty = 0.0
  }

  /// The epoch that is the result unless a better one comes.
  public struct BestEpoch: Sendable, Equatable {
    /// The epoch, counted from 0.
    public var epoch: Int
    /// The numbers that were deployed at its end.
    public var state: ModelState<Float>
  }
}
