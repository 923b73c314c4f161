import NetworkFormats
import Training

extension AccuracyEvaluation {
  /// Reads `evaluation:` of a recipe, such as `{epsilon: 0.1, attacks: [fgsm, pgd20]}`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry, seed: UInt64) throws {
    let mapping = try value.mapping(["norm", "epsilon", "attacks", "nearest", "draws", "bounded"])
    self.init()
    self.seed = seed
    let norm = try mapping["norm"]?.choice(["linf": PerturbationNorm.lInfinity, "l2": .l2]) ?? .lInfinity
    let isBounded = try mapping["bounded"]?.boolean() ?? true
    let domain: ClosedRange<Double>? = isBounded ? 0...1 : nil
    if let words = mapping["attacks"] {
      let epsilon = try mapping.required("epsilon").positive(below: 1e9)
      attacks = try words.words().map { word in
        guard let attack = try NamedAttack(word: word, norm: norm, epsilon: epsilon, domain: domain) else {
          throw words.failure("unknown attack '\(word)'; choose from fgsm and pgdN for N steps, such as pgd20")
        }
        return attack
      }
    }
    if try mapping["nearest"]?.boolean() ?? false { minimalNorm = try MinimalNormAttack(domain: domain) }
    answerDraws = try mapping["draws"]?.integer(in: 1...10_000) ?? 1
  }
}

extension AccuracyEvaluation.NamedAttack {
  /// The reference's attacks by name: `fgsm`, or `pgdN` for the iterated method with N steps and no random start; `nil` for other words.
  init?(word: String, norm: PerturbationNorm, epsilon: Double, domain: ClosedRange<Double>?) throws {
    if word == "fgsm" {
      self.init(word, try .fastGradientSign(norm: norm, epsilon: epsilon, domain: domain))
    } else if word.hasPrefix("pgd"), let count = Int(word.dropFirst(3)), 1...100_000 ~= count {
      self.init(word, try .iterated(norm: norm, epsilon: epsilon, count: count, domain: domain))
    } else {
      return nil
    }
  }
}
