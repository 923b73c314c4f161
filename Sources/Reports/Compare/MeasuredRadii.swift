import Certificates
import Robustness

/// How far samples can move without a change of a model's answer: proved from below, attacked from above.
public struct MeasuredRadii: Codable, Sendable, Equatable {
  /// One sample.
  public struct Sample: Codable, Sendable, Equatable {
    /// Its place in the data, from 0.
    public var index: Int
    /// The class it should have.
    public var label: Int
    /// The class the model gives it.
    public var answer: Int
    /// Whether the model gives the label, without a tie.
    public var isCorrect: Bool
    /// The greatest proved radius; 0 when nothing was proved or the answer is wrong.
    public var certified: Double
    /// The method that proved it.
    public var method: String?
    /// The distance of the nearest adversary found; `nil` when none was found or none was looked for.
    public var attacked: Double?

    /// Collects the parts.
    public init(
      index: Int, label: Int, answer: Int, isCorrect: Bool, certified: Double, method: String? = nil, attacked: Double? = nil
    ) {
      (self.index, self.label, self.answer, self.isCorrect) = (index, label, answer, isCorrect)
      (self.certified, self.method, self.attacked) = (certified, method, attacked)
    }

    /// What a run found out about an input.
    public init(_ record: RadiusRecord) {
      self.init(
        index: record.index, label: record.label, answer: record.answer, isCorrect: record.isCorrect, certified: record.radius,
        method: record.best?.method, attacked: record.isCorrect ? record.attack?.radius : nil)
    }
  }

  /// The norm of all distances.
  public var norm: InputNorm
  /// The methods that proved radii, in the order of tables.
  public var methods: [String]
  /// The attack, or `nil` for none.
  public var attack: String?
  /// The samples, by index.
  public var samples: [Sample]

  /// Sorts the samples.
  public init(norm: InputNorm, methods: [String], attack: String?, samples: [Sample]) {
    (self.norm, self.methods, self.attack) = (norm, methods, attack)
    self.samples = samples.sorted { $0.index < $1.index }
  }

  /// The share of all samples that are both right and proved to stay so at every radius: verified-robust accuracy (VRA).
  public var certifiedCurve: RadiusCurve {
    RadiusCurve(.closed, inputCount: samples.count, radii: samples.filter(\.isCorrect).map(\.certified))
  }

  /// The share of all samples that are right and whose answer the attack does not change at every radius; `nil` without attack.
  public var attackedCurve: RadiusCurve? {
    guard attack != nil else { return nil }
    return RadiusCurve(.open, inputCount: samples.count, radii: samples.filter(\.isCorrect).map { $0.attacked ?? .infinity })
  }

  /// The middle one of the certified radii over the samples with the right answer; `nil` when there are none.
  public var medianCertified: Double? {
    let sorted = samples.filter(\.isCorrect).map(\.certified).sorted()
    guard !sorted.isEmpty else { return nil }
    return 0.5 * sorted[(sorted.count - 1) / 2] + 0.5 * sorted[sorted.count / 2]
  }
}
