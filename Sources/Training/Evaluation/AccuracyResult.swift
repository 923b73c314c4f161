/// A classifier's accuracy on samples as they are and under attacks.
public struct AccuracyResult: Sendable, Equatable {
  /// What an attack did.
  public struct Attacked: Sendable, Equatable {
    /// The attack.
    public let attack: AccuracyEvaluation.NamedAttack
    /// The samples that keep the right answer.
    public internal(set) var correct = 0
    /// Seconds of wall time.
    public internal(set) var seconds = 0.0
  }

  /// The samples that were to be evaluated.
  public let total: Int
  /// The samples that were, the first ones.
  public internal(set) var count = 0
  /// The samples with the right answer.
  public internal(set) var correct = 0
  /// The class of the greatest logit of every sample, as it is: two classifiers agree on a sample where these are the same.
  public internal(set) var answers: [Int] = []
  /// Seconds of wall time of the natural answers.
  public internal(set) var naturalSeconds = 0.0
  /// One for each attack.
  public internal(set) var attacks: [Attacked]
  /// The l₂ distance of each sample's nearest adversarial one that was found: 0 where the answer is wrong, infinite where none was found;
  /// `nil` when none were looked for.
  public internal(set) var distances: [Double]?
  /// Seconds of wall time of that search.
  public internal(set) var nearestSeconds = 0.0

  init(total: Int, attacks: [AccuracyEvaluation.NamedAttack], searchesNearest: Bool) {
    self.total = total
    self.attacks = attacks.map { Attacked(attack: $0) }
    distances = searchesNearest ? [] : nil
  }

  /// The share of a number of samples among those that were evaluated.
  public func share(_ number: Int) -> Double { count == 0 ? 0 : Double(number) / Double(count) }

  /// The share of right answers.
  public var naturalAccuracy: Double { share(correct) }

  /// The share of samples whose nearest adversarial one, as far as it was found, is farther than `radius`; `nil` when none were looked for.
  public func accuracy(at radius: Double) -> Double? { distances.map { distances in share(distances.count { $0 > radius }) } }

  /// The median distance over the samples with the right answer; `nil` when there are none, infinite when most have no adversarial one.
  public var medianDistance: Double? {
    let sorted = (distances ?? []).filter { $0 > 0 }.sorted()
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
