import CommandLineSupport
import NetworkFormats
import Training

extension AccuracyEvaluation {
  /// `evaluation:` of a recipe, such as `{epsilon: 0.1, attacks: [fgsm, ifgsm20]}`.
  static let notation = Notation<AccuracyEvaluation>.mapping(
    nil,
    .group(
      PerturbationNorm.field,
      Field("epsilon", .positive(below: 1e9), "The radius within which attacks search; all but nearest want it."),
      Field(
        "attacks", .parts(of: .attack, isUnique: true).examples("[fgsm, ifgsm20]"),
        "The attacks under which accuracy is measured: fgsm, ifgsmK and pgdK with K steps, and nearest for the nearest adversarial samples in l2."
      ),
      Field("draws", .integer(in: 1...10_000), default: 1, "How many draws of a noisy network's noise each answer is averaged over."),
      PerturbationNorm.bounded
    ) { mapping, norm, epsilon, choices, draws, isBounded in
      var evaluation = AccuracyEvaluation()
      let domain: ClosedRange<Double>? = isBounded ? 0...1 : nil
      for choice in choices ?? [] where choice != .nearest {
        guard let epsilon else { throw mapping.failure("the key 'epsilon' is missing, which \(choice.name) wants") }
        if let attack = try choice.settings(norm: norm, epsilon: epsilon, domain: domain) { evaluation.attacks.append(attack) }
      }
      if choices?.contains(.nearest) ?? false { evaluation.minimalNorm = try MinimalNormAttack(domain: domain) }
      evaluation.answerDraws = draws
      return evaluation
    }
  ).named("evaluation")
}

extension Notation<AttackChoice> {
  /// An attack's word, such as `ifgsm20`.
  static var attack: Notation {
    let numbered = Schema(["type": .string("string"), "pattern": .string("^(ifgsm|pgd)0*([1-9][0-9]{0,3}|10000)$")])
    return Notation(.any(of: [.words(["fgsm", "nearest"]), numbered]), written: { .string($0.name) }) { entry in
      guard let choice = entry.value.text.flatMap({ AttackChoice($0) }) else {
        throw entry.failure("unknown attack\(entry.found); choose from \(AttackChoice.names)")
      }
      return choice
    }
  }
}
