import Training

/// A model's answers on samples as they are and under attacks.
public struct MeasuredAccuracy: Codable, Sendable, Equatable {
  /// Under one attack, which bounds the robust accuracy from above: a stronger one may find more.
  public struct Attacked: Codable, Sendable, Equatable {
    /// The attack's name.
    public var name: String
    /// How perturbations are measured.
    public var norm: PerturbationNorm
    /// The greatest perturbation.
    public var epsilon: Double
    /// Samples that keep the right answer.
    public var correct: Int

    /// Collects the parts.
    public init(name: String, norm: PerturbationNorm, epsilon: Double, correct: Int) {
      (self.name, self.norm, self.epsilon, self.correct) = (name, norm, epsilon, correct)
    }
  }

  /// The samples that were evaluated.
  public var sampleCount: Int
  /// Samples with the right answer.
  public var correct: Int
  /// One entry for each attack.
  public var attacks: [Attacked]
  /// The answer on each sample.
  public var answers: [Int]

  /// Collects the parts.
  public init(sampleCount: Int, correct: Int, attacks: [Attacked] = [], answers: [Int]) {
    (self.sampleCount, self.correct, self.attacks, self.answers) = (sampleCount, correct, attacks, answers)
  }

  /// What an evaluation found.
  public init(_ result: AccuracyResult) {
    self.init(
      sampleCount: result.count, correct: result.correct,
      attacks: result.attacks.map {
        Attacked(
          name: $0.attack.name, norm: $0.attack.settings.norm, epsilon: $0.attack.settings.epsilon, correct: $0.correct)
      }, answers: result.answers)
  }

  /// The share of right answers.
  public var natural: Double { share(correct) }

  /// The share of a number of samples.
  public func share(_ count: Int) -> Double { sampleCount == 0 ? 0 : Double(count) / Double(sampleCount) }
}
