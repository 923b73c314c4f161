import ArgumentParser
import Training

/// The attacks of `evaluate`, by name.
enum AttackChoice: Equatable {
  /// One step of length ε from the sample.
  case fastGradientSign
  /// Steps of the reference's length, no random start.
  case iterated(count: Int)
  /// A random start and steps of 2.5 ε / count.
  case projectedGradient(count: Int)
  /// The nearest adversarial sample in l₂.
  case nearest

  /// What is said about the names.
  static let names = "fgsm, ifgsmK and pgdK with K steps, nearest"

  /// The name.
  var name: String {
    switch self {
    case .fastGradientSign: "fgsm"
    case .iterated(let count): "ifgsm\(count)"
    case .projectedGradient(let count): "pgd\(count)"
    case .nearest: "nearest"
    }
  }

  /// Reads a list such as `fgsm,pgd20`; `none` is an empty one.
  static func parse(_ text: String) throws -> [AttackChoice] {
    if text == "none" { return [] }
    var choices: [AttackChoice] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let choice = choice(word) else { throw ValidationError("unknown attack '\(word)'; choose from \(names), or none") }
      guard !choices.contains(choice) else { throw ValidationError("attack '\(word)' is named twice") }
      choices.append(choice)
    }
    return choices
  }

  private static func choice(_ word: Substring) -> AttackChoice? {
    func count(after prefix: String) -> Int? {
      guard word.hasPrefix(prefix), let count = Int(word.dropFirst(prefix.count)), 1...10_000 ~= count else { return nil }
      return count
    }
    if word == "fgsm" { return .fastGradientSign }
    if word == "nearest" { return .nearest }
    if let count = count(after: "ifgsm") { return .iterated(count: count) }
    return count(after: "pgd").map { .projectedGradient(count: $0) }
  }

  /// The attack within a radius; `nil` for the one that has none.
  func settings(
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
