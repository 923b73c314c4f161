/// The attacks that measurements of accuracy know by name.
public enum AttackChoice: Hashable, Sendable {
  /// One step of length ε from the sample.
  case fastGradientSign
  /// Steps of the reference's length, no random start.
  case iterated(count: Int)
  /// A random start and steps of 2.5 ε / count.
  case projectedGradient(count: Int)
  /// The nearest adversarial sample in l₂.
  case nearest

  /// What is said about the names.
  public static let names = "fgsm, ifgsmK and pgdK with K steps, nearest"

  /// The name.
  public var name: String {
    switch self {
    case .fastGradientSign: "fgsm"
    case .iterated(let count): "ifgsm\(count)"
    case .projectedGradient(let count): "pgd\(count)"
    case .nearest: "nearest"
    }
  }

  /// What a word says, or `nil` when it says nothing.
  public init?(_ word: some StringProtocol) {
    func count(after prefix: String) -> Int? {
      guard word.hasPrefix(prefix), let count = Int(word.dropFirst(prefix.count)), 1...10_000 ~= count else { return nil }
      return count
    }
    if word == "fgsm" {
      self = .fastGradientSign
    } else if word == "nearest" {
      self = .nearest
    } else if let count = count(after: "ifgsm") {
      self = .iterated(count: count)
    } else if let count = count(after: "pgd") {
      self = .projectedGradient(count: count)
    } else {
      return nil
    }
  }

  /// The attack within a radius; `nil` for the one that has none.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when the radius is none.
  public func settings(
    norm: PerturbationNorm, epsilon: Double, domain: ClosedRange<Double>?
  ) throws(TrainingError) -> AccuracyEvaluation.NamedAttack? {
    switch self {
    case .fastGradientSign: .init(name, try .fastGradientSign(norm: norm, epsilon: epsilon, domain: domain))
    case .iterated(let count): .init(name, try .iterated(norm: norm, epsilon: epsilon, count: count, domain: domain))
    case .projectedGradient(let count):
      .init(name, try ProjectedGradient(norm: norm, epsilon: epsilon, step: 2.5 * epsilon / Double(count), count: count, domain: domain))
    case .nearest: nil
    }
  }
}
