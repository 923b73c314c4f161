import NetworkFormats
import Training

extension TrainingSettings {
  /// The keys of `training:`.
  static let keys = [
    "epochs", "batch", "optimiser", "learning-rate", "schedule", "warm-up", "weight-decay", "decayed", "clip-norm", "clip-value", "loss",
    "augmentation", "adversary", "select", "validation-adversary",
  ]

  /// Reads `training:` of a recipe.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ mapping: YAMLMapping, seed: UInt64) throws {
    let optimiser = try mapping["optimiser"].map(Self.optimiser) ?? .gradientDescent(momentum: 0.9, isNesterov: true)
    self.init(
      epochs: try mapping.required("epochs").integer(in: 1...1_000_000), batch: try mapping["batch"]?.integer(in: 1...1_000_000) ?? 128,
      optimiser: optimiser, schedule: try Self.schedule(mapping), loss: try mapping["loss"].map(Self.loss) ?? .crossEntropy(), seed: seed)
    weightDecay = WeightDecay(
      try mapping["weight-decay"]?.real(in: 0...1e3) ?? 0,
      scope: try mapping["decayed"]?.choice(["all": WeightDecay.Scope.all, "weights": .weights]) ?? .all)
    switch (mapping["clip-norm"], mapping["clip-value"]) {
    case (nil, nil): break
    case (let norm?, nil): clipping = .norm(try norm.positive(below: 1e9))
    case (nil, let bound?): clipping = .value(try bound.positive(below: 1e9))
    case (_, let bound?): throw bound.failure("excludes 'clip-norm'")
    }
    func present(_ key: String) -> YAMLEntry? { mapping[key].flatMap { $0.value.text == "none" ? nil : $0 } }
    augmentation = try present("augmentation").map(Augmentation.init)
    adversary = try present("adversary").map(ProjectedGradient.init)
    validationAdversary = try present("validation-adversary").map(ProjectedGradient.init)
    selection =
      try mapping["select"]?.choice([
        "last": Selection.last, "best-accuracy": .bestAccuracy, "best-attacked-accuracy": .bestAttackedAccuracy,
      ]) ?? .last
    do {
      try check()
    } catch {
      throw mapping.failure(error.description)
    }
  }

  private static func optimiser(_ value: YAMLEntry) throws -> OptimiserSettings {
    if let word = value.value.text {
      switch word {
      case "sgd": return .gradientDescent(momentum: 0.9, isNesterov: true)
      case "adam": return .adaptiveMoments(.adam)
      case "adamw": return .adaptiveMoments(.adamW)
      case "nadam": return .adaptiveMoments(.nadam)
      default: throw value.failure("unknown optimiser '\(word)'; choose from sgd, adam, adamw, nadam")
      }
    }
    let mapping = try value.mapping(["sgd", "adam", "adamw", "nadam"])
    guard mapping.keys.count == 1, let kind = mapping.keys.first, let entry = mapping[kind] else {
      throw value.failure("needs one of sgd, adam, adamw, nadam")
    }
    if kind == "sgd" {
      let constants = try entry.mapping(["momentum", "dampening", "nesterov"])
      return .gradientDescent(
        momentum: try constants["momentum"]?.real(in: 0...1) ?? 0, dampening: try constants["dampening"]?.real(in: 0...1) ?? 0,
        isNesterov: try constants["nesterov"]?.boolean() ?? false)
    }
    let constants = try entry.mapping(["first-decay", "second-decay", "stabiliser"])
    let variants: [String: AdaptiveMoments.Variant] = ["adam": .adam, "adamw": .adamW, "nadam": .nadam]
    return .adaptiveMoments(
      variants[kind] ?? .adam, firstDecay: try constants["first-decay"]?.real(in: 0...1) ?? 0.9,
      secondDecay: try constants["second-decay"]?.real(in: 0...1) ?? 0.999,
      stabiliser: try constants["stabiliser"]?.positive(below: 1) ?? 1e-8)
  }

  private static func schedule(_ mapping: YAMLMapping) throws -> LearningRateSchedule {
    let rate = try mapping.required("learning-rate").positive(below: 1e6)
    let warmUp = try mapping["warm-up"]?.real(in: 0...1e6) ?? 0
    guard let value = mapping["schedule"] else { return LearningRateSchedule(rate: rate, warmUpEpochs: warmUp) }
    if value.value.text == "constant" { return LearningRateSchedule(rate: rate, warmUpEpochs: warmUp) }
    if value.value.text == "cosine" { return LearningRateSchedule(rate: rate, course: .cosine(end: 0), warmUpEpochs: warmUp) }
    let kinds = ["milestones", "every", "cosine", "exponential", "one-cycle"]
    let course = try value.mapping(kinds + ["factor", "from", "end", "begin"])
    func factor() throws -> Double { try course["factor"]?.positive(below: 1e6) ?? 0.1 }
    let result: LearningRateSchedule.Course
    switch kinds.filter(course.keys.contains) {
    case ["milestones"]:
      result = .milestones(try course.required("milestones").parts().map { try $0.integer(in: 1...1_000_000) }, factor: try factor())
    case ["every"]: result = .steps(epochs: try course.required("every").integer(in: 1...1_000_000), factor: try factor())
    case ["cosine"]: result = .cosine(end: try course.required("cosine").real(in: 0...1))
    case ["exponential"]:
      result = .exponential(
        start: try course["from"]?.integer(in: 0...1_000_000) ?? 0, end: try course.required("exponential").positive(below: 1e6))
    case ["one-cycle"]:
      result = .oneCycle(
        rise: try course.required("one-cycle").real(in: 0...1), begin: try course["begin"]?.positive(below: 1) ?? 0.04,
        end: try course["end"]?.positive(below: 1) ?? 4e-6)
    default: throw value.failure("needs one of \((["constant"] + kinds).joined(separator: ", "))")
    }
    return LearningRateSchedule(rate: rate, course: result, warmUpEpochs: warmUp)
  }

  private static func loss(_ value: YAMLEntry) throws -> TrainingLoss {
    if value.value.text == "cross-entropy" { return .crossEntropy() }
    let mapping = try value.mapping(["smoothing", "trade-off", "trades"])
    switch mapping.keys.sorted() {
    case ["smoothing"]: return .crossEntropy(smoothing: try mapping.required("smoothing").real(in: 0...1))
    case ["trade-off"]:
      let weights = try mapping.required("trade-off").list().map { try $0.real(in: 0...1e6) }
      guard weights.count == 2 else { throw value.failure("expected the weights of the natural and the adversarial loss, such as [1, 8]") }
      return .tradeOff(natural: weights[0], adversarial: weights[1])
    case ["trades"]: return .trades(weight: try mapping.required("trades").real(in: 0...1e6))
    default: throw value.failure("needs cross-entropy or one of smoothing, trade-off, trades")
    }
  }
}
