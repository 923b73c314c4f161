import Certificates
import Compression

/// What is known of one model: size, accuracy, Lipschitz bounds and radii.
///
/// All of it but ``timings`` is the same whenever the same question is asked again, so that it can be kept in a file and read back; ``untimed``
/// is what is to be compared.
public struct ModelMeasurement: Codable, Sendable, Equatable {
  /// What the model is called in tables.
  public var name: String
  /// The file it was read from.
  public var path: String
  /// SHA-256 of the file.
  public var sha256: String
  /// Bytes of the file.
  public var bytes: Int
  /// Input coordinates.
  public var inputs: Int
  /// Outputs.
  public var outputs: Int
  /// Activation units.
  public var units: Int
  /// Parameters, zeros and multiplications, layer by layer.
  public var size: NetworkSize
  /// SHA-256 of the data and the settings: a measurement that was kept answers the same question when this and ``sha256`` are the same.
  public var question: String
  /// On the samples, as they are and under attacks; `nil` when there are no samples or it was not measured.
  public var accuracy: MeasuredAccuracy?
  /// The norm of the inputs that ``bounds`` are about.
  public var boundNorm = InputNorm.l2
  /// Lipschitz bounds, by method; `attained` is the gain really found.
  public var bounds: [MeasuredBound] = []
  /// Certified radii of the first samples; `nil` when none were asked for.
  public var radii: MeasuredRadii?
  /// Whether everything asked for is there: false after an interruption.
  public var isComplete = false
  /// Seconds, of this machine and this hour.
  public var timings = ModelTimings()

  /// A model of which only the size is known.
  public init(
    name: String, path: String, sha256: String, bytes: Int, inputs: Int, outputs: Int, units: Int, size: NetworkSize, question: String
  ) {
    (self.name, self.path, self.sha256, self.bytes) = (name, path, sha256, bytes)
    (self.inputs, self.outputs, self.units) = (inputs, outputs, units)
    (self.size, self.question) = (size, question)
  }

  /// The same without its timings.
  public var untimed: ModelMeasurement {
    var result = self
    result.timings = ModelTimings()
    return result
  }

  // MARK: - What follows from it

  /// The gain that is really attained somewhere, or `nil`.
  public var attained: Double? { bounds.first { $0.method == "attained" }?.lower.flatMap { $0 > 0 ? $0 : nil } }

  /// The least bound that the checker accepted.
  public var best: MeasuredBound? {
    bounds.filter { $0.isCertified && $0.upper != nil }.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
  }

  /// A bound over the attained gain, rounded up; `nil` when there is either no bound or no gain.
  public func tightness(_ bound: MeasuredBound) -> Double? {
    guard let upper = bound.upper, let attained else { return nil }
    return upper == attained ? 1 : (upper / attained).nextUp
  }

  /// The number of samples that both models give the same answer, of those that both were given; `nil` when there are none.
  public func agreement(with reference: ModelMeasurement) -> (count: Int, of: Int)? {
    guard let own = accuracy?.answers, let other = reference.accuracy?.answers else { return nil }
    let count = min(own.count, other.count)
    return count == 0 ? nil : (zip(own, other).count { $0 == $1 }, count)
  }
}
