import LinearAlgebra

/// Measures a classifier's accuracy: on samples as they are, under attacks within a radius, and by the distance of adversarial samples.
///
/// An answer is right when the label's logit is greater than every other one. Under an attack a sample counts as right when both its natural
/// answer and the attacked one are, since an attack may leave a sample as it is.
public struct AccuracyEvaluation: Sendable {
  /// An attack with what tables call it.
  public struct NamedAttack: Hashable, Sendable, Codable {
    /// The name, such as `pgd20`.
    public var name: String
    /// The attack.
    public var settings: ProjectedGradient

    /// A named attack.
    public init(_ name: String, _ settings: ProjectedGradient) {
      self.name = name
      self.settings = settings
    }
  }

  /// The attacks within a radius, in the order of tables.
  public var attacks: [NamedAttack] = []
  /// The search for the nearest adversarial sample, or `nil` for none.
  public var minimalNorm: MinimalNormAttack?
  /// Answers of a noisy classifier are those of its mean logits over this many draws; 1 is a single draw, as the reference measures.
  public var answerDraws = 1
  /// The seed of random starts and noise.
  public var seed: UInt64 = 0
  /// Asked before each batch; when it says true the evaluation ends with the samples there are.
  public var isCancelled: @Sendable () -> Bool = { false }

  /// Natural accuracy only.
  public init() {}

  /// Evaluates a classifier on samples in their order, in batches as large as it takes.
  ///
  /// - Parameters:
  ///   - classifier: what is measured.
  ///   - data: the samples.
  ///   - progress: told the number of samples done and the result so far, after each batch.
  /// - Throws: ``TrainingError/data(_:)`` when the samples or labels are not what the classifier takes, or samples lie outside of an attack's
  ///   domain.
  public func run<Element: Scalar>(
    _ classifier: some DifferentiableClassifier<Element>, on data: Dataset, progress: (AccuracyResult) -> Void = { _ in }
  ) throws(TrainingError) -> AccuracyResult {
    try check(classifier, data)
    var result = AccuracyResult(total: data.count, attacks: attacks, searchesNearest: minimalNorm != nil)
    let (capacity, random) = (classifier.input.capacity, RandomStream(seed: seed).stream(.attack))
    for first in stride(from: 0, to: data.count, by: capacity) where !isCancelled() {
      let indices = first..<min(first + capacity, data.count)
      let labels = Array(data.labels[indices])
      let stream = random.stream(first)
      func logits(_ random: RandomStream) -> [Element] {
        LogitMargins.meanLogits(classifier, draws: answerDraws, random: random.stream(.noise))
      }
      func rightAnswers(_ logits: [Element]) -> [Bool] { LogitMargins.margins(logits, labels).map { $0 > 0 } }
      var clock = LapClock()
      data.copy(indices, into: classifier.input)
      let naturalLogits = logits(stream)
      let natural = rightAnswers(naturalLogits)
      result.answers += LogitMargins.answers(naturalLogits, count: labels.count)
      result.correct += natural.count { $0 }
      result.naturalSeconds += clock.lap()
      for (place, attack) in attacks.enumerated() {
        let own = stream.stream(place + 1)
        data.copy(indices, into: classifier.input)
        attack.settings.perturb(classifier, labels: labels, random: own)
        result.attacks[place].correct += zip(rightAnswers(logits(own)), natural).count { $0 && $1 }
        result.attacks[place].seconds += clock.lap()
      }
      if let minimalNorm {
        data.copy(indices, into: classifier.input)
        let distances = minimalNorm.perturb(classifier, labels: labels, random: stream.stream(0))
        result.distances? += zip(distances, natural).map { $1 ? $0 : 0 }
        result.nearestSeconds += clock.lap()
      }
      result.count += indices.count
      progress(result)
    }
    return result
  }

  private func check<Element: Scalar>(_ classifier: some DifferentiableClassifier<Element>, _ data: Dataset) throws(TrainingError) {
    guard classifier.input.shape == data.shape else {
      throw .data("\(data.name): samples are \(data.shape), but the model takes \(classifier.input.shape)")
    }
    let classes = classifier.outputGradient.shape.count
    if let index = data.labels.firstIndex(where: { $0 >= classes }) {
      throw .data("\(data.name): sample \(index) has label \(data.labels[index]), but the model has \(classes) classes, counted from 0")
    }
    for domain in attacks.map(\.settings.domain) + [minimalNorm.flatMap(\.domain)] {
      guard let domain, let index = data.samples.firstIndex(where: { !domain.contains(Double($0)) }) else { continue }
      throw .data(
        "\(data.name): sample \(index / data.shape.count) has the value \(data.samples[index]), which attacks within "
          + "[\(domain.lowerBound), \(domain.upperBound)] cannot start from")
    }
  }
}

/// Wall time in laps.
private struct LapClock {
  private var began = ContinuousClock.now

  /// Seconds since the last lap or the beginning.
  mutating func lap() -> Double {
    defer { began = .now }
    return began.duration(to: .now) / .seconds(1)
  }
}
