/// Seconds that the measurements of one model took, which differ from machine to machine and from hour to hour.
public struct ModelTimings: Codable, Sendable, Equatable {
  /// The time of one evaluation of the model.
  public struct Inference: Codable, Sendable, Equatable {
    /// Samples evaluated at once.
    public var batch: Int
    /// The median over the repetitions of the seconds for one sample of the batch.
    public var secondsPerSample: Double
    /// Repetitions.
    public var repetitions: Int
    /// Threads.
    public var threads: Int
    /// What evaluated the model: `layers` or `evaluator`, both in single precision.
    public var engine: String

    /// Collects the parts.
    public init(batch: Int, secondsPerSample: Double, repetitions: Int, threads: Int, engine: String) {
      (self.batch, self.secondsPerSample, self.repetitions) = (batch, secondsPerSample, repetitions)
      (self.threads, self.engine) = (threads, engine)
    }
  }

  /// Seconds of natural answers.
  public var natural: Double?
  /// Seconds of each attack, in the order of the accuracies.
  public var attacks: [Double] = []
  /// Seconds of each method, by its id.
  public var bounds: [String: Double] = [:]
  /// Seconds of all radii, by the clock.
  public var radii: Double?
  /// Inference, one entry for each engine and size of batches.
  public var inference: [Inference] = []

  /// Nothing yet.
  public init() {}
}
