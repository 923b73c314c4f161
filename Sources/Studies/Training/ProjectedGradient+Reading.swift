import NetworkFormats
import Training

extension ProjectedGradient {
  /// `adversary:` of a recipe, such as `{epsilon: 0.1, steps: 5}`; the step is the reference's in proportion unless it is given.
  static let notation = Notation<ProjectedGradient>.mapping(
    nil,
    .group(
      PerturbationNorm.field,
      Field(required: "epsilon", .positive(below: 1e9), "The radius of the ball around a sample in which the adversary searches."),
      Field("step", .positive(below: 1e9), "The length of a step; 2.26 epsilon / steps unless given, as in the literature's training."),
      Field("steps", .integer(in: 1...100_000), default: 10, "How many projected gradient steps it takes."),
      Field("random-start", .boolean, default: true, "Whether it starts at a random point of the ball rather than at the sample."),
      PerturbationNorm.bounded,
      Field("noise-draws", .integer(in: 1...10_000), default: 1, "How many draws of a noisy network's noise each gradient is averaged over.")
    ) { mapping, norm, epsilon, step, steps, startsAtRandom, isBounded, noiseDraws in
      do {
        var attack = try ProjectedGradient.training(norm: norm, epsilon: epsilon, count: steps)
        if let step { attack.step = step }
        if !isBounded { attack.domain = nil }
        (attack.startsAtRandom, attack.noiseDraws) = (startsAtRandom, noiseDraws)
        return attack
      } catch let error as TrainingError {
        throw mapping.failure(error.description)
      }
    }
  ).named("adversary")
}

extension PerturbationNorm {
  /// `norm:` of adversaries and attacks.
  static let field = Field(
    "norm", .word(["linf": PerturbationNorm.lInfinity, "l2": .l2], kind: "norm"), default: .lInfinity,
    "The norm in which perturbations are measured.")

  /// `bounded:` of adversaries and attacks.
  static let bounded = Field(
    "bounded", .boolean, default: true, "Whether perturbed values stay between 0 and 1, as those of pixels do.")
}
