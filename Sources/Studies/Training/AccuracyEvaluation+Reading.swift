import NetworkFormats
import Training

extension AccuracyEvaluation {
  /// Reads `evaluation:` of a recipe, such as `{epsilon: 0.1, attacks: [fgsm, ifgsm20]}`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry, seed: UInt64) throws {
    let mapping = try value.mapping(["norm", "epsilon", "attacks", "draws", "bounded"])
    self.init()
    self.seed = seed
    let norm = try mapping["norm"]?.choice(["linf": PerturbationNorm.lInfinity, "l2": .l2]) ?? .lInfinity
    let isBounded = try mapping["bounded"]?.boolean() ?? true
    let domain: ClosedRange<Double>? = isBounded ? 0...1 : nil
    if let words = mapping["attacks"] {
      let choices = try words.words().map { word in
        guard let choice = AttackChoice(word) else { throw words.failure("unknown attack '\(word)'; choose from \(AttackChoice.names)") }
        return choice
      }
      for choice in choices where choice != .nearest {
        let epsilon = try mapping.required("epsilon").positive(below: 1e9)
        if let attack = try choice.settings(norm: norm, epsilon: epsilon, domain: domain) { attacks.append(attack) }
      }
      if choices.contains(.nearest) { minimalNorm = try MinimalNormAttack(domain: domain) }
    }
    answerDraws = try mapping["draws"]?.integer(in: 1...10_000) ?? 1
  }
}
