import NetworkFormats
import Training

extension ProjectedGradient {
  /// Reads `adversary:` of a recipe, such as `{epsilon: 0.1, steps: 5}`; the step is the reference's in proportion unless it is given.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry) throws {
    let mapping = try value.mapping(["norm", "epsilon", "step", "steps", "random-start", "bounded", "noise-draws"])
    let norm = try mapping["norm"]?.choice(["linf": PerturbationNorm.lInfinity, "l2": .l2]) ?? .lInfinity
    let epsilon = try mapping.required("epsilon").positive(below: 1e9)
    let count = try mapping["steps"]?.integer(in: 1...100_000) ?? 10
    do {
      var attack = try ProjectedGradient.training(norm: norm, epsilon: epsilon, count: count)
      if let step = mapping["step"] { attack.step = try step.positive(below: 1e9) }
      if let start = mapping["random-start"] { attack.startsAtRandom = try start.boolean() }
      if let bounded = mapping["bounded"], try !bounded.boolean() { attack.domain = nil }
      attack.noiseDraws = try mapping["noise-draws"]?.integer(in: 1...10_000) ?? 1
      self = attack
    } catch let error as TrainingError {
      throw value.failure(error.description)
    }
  }
}
