import Compression
import NetworkFormats
import Training

extension PruningMethod {
  private static let kinds = ["rvsm", "rgsm", "magnitude", "filter-norm", "pattern", "slimming", "lottery-ticket", "admm"]

  /// Reads `pruning:` of a recipe, such as `{rgsm: {lambda: 0.3, group-lasso: automatic}}`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry) throws {
    let mapping = try value.mapping(Self.kinds)
    guard mapping.keys.count == 1, let kind = mapping.keys.first, let entry = mapping[kind] else {
      throw value.failure("needs one of \(Self.kinds.joined(separator: ", "))")
    }
    do {
      switch kind {
      case "rvsm": self = try Self.relaxation(entry, isGrouped: false)
      case "rgsm": self = try Self.relaxation(entry, isGrouped: true)
      case "magnitude":
        let mapping = try entry.mapping(["sparsity", "scope", "per-layer"])
        self = .magnitude(
          MagnitudeSelection(
            sparsity: try Self.share(mapping, "sparsity"), scope: try Self.scope(mapping),
            isGlobal: try !(mapping["per-layer"]?.boolean() ?? false)))
      case "filter-norm":
        let mapping = try entry.mapping(["share", "groups", "norm", "scope", "per-layer"])
        self = .filterNorm(
          FilterNormSelection(
            share: try Self.share(mapping, "share"), kind: try Self.groups(mapping, default: .filters),
            norm: try mapping["norm"]?.choice(["l1": WeightGroups.Norm.l1, "l2": .l2]) ?? .l2, scope: try Self.scope(mapping),
            isGlobal: try !(mapping["per-layer"]?.boolean() ?? true)))
      case "pattern":
        let mapping = try entry.mapping(["keep", "of", "scope", "refinement"])
        self = .pattern(
          PatternSelection(
            keeping: try mapping.required("keep").integer(in: 1...4096), of: try mapping.required("of").integer(in: 1...4096),
            scope: try Self.scope(mapping)), refinement: try mapping["refinement"]?.positive(below: 1e6))
      case "slimming":
        let mapping = try entry.mapping(["share", "strength"])
        self = .slimming(
          SlimmingSelection(share: try Self.share(mapping, "share")), strength: try mapping.required("strength").positive(below: 1e6))
      case "lottery-ticket":
        let mapping = try entry.mapping(["rounds", "share", "scope", "per-layer", "rewinding"])
        self = .lotteryTicket(
          LotteryTicket(
            rounds: try mapping.required("rounds").integer(in: 1...1000), share: try mapping["share"]?.positive(below: 1) ?? 0.2,
            scope: try Self.scope(mapping), isGlobal: try !(mapping["per-layer"]?.boolean() ?? false),
            rewindingEpochs: try mapping["rewinding"]?.integer(in: 0...1_000_000) ?? 0))
      default:
        let mapping = try entry.mapping([
          "sparsity", "groups", "scope", "per-layer", "penalty", "growth", "interval", "epochs", "learning-rate",
        ])
        self = .alternatingDirections(
          AlternatingDirections.Settings(
            sparsity: try Self.share(mapping, "sparsity"), kind: try Self.groups(mapping, default: .entries),
            scope: try Self.scope(mapping), isGlobal: try !(mapping["per-layer"]?.boolean() ?? true),
            penalty: try mapping["penalty"]?.positive(below: 1e6) ?? 0.01,
            growth: try mapping["growth"]?.real(in: 1...1e3) ?? 1, interval: try mapping["interval"]?.integer(in: 1...1_000_000) ?? 1,
            epochs: try mapping["epochs"]?.integer(in: 1...1_000_000), rate: try mapping["learning-rate"]?.positive(below: 1e6)))
      }
      try check()
    } catch let error as CompressionError {
      throw entry.failure(error.description)
    }
  }

  /// RVSM where weights are pruned one by one, RGSM where input channels are.
  private static func relaxation(_ value: YAMLEntry, isGrouped: Bool) throws -> PruningMethod {
    let mapping = try value.mapping([
      "penalty", "a", "lambda", "beta", "scope", "groups", "lambda-start", "lambda-ramp", "group-lasso", "group-lasso-factor",
      "group-lasso-start", "group-lasso-ramp", "overwriting",
    ])
    func schedule(_ name: String) throws -> StrengthSchedule {
      StrengthSchedule(
        startEpoch: try mapping["\(name)-start"]?.integer(in: 0...1_000_000) ?? 0,
        rampShare: try mapping["\(name)-ramp"]?.real(in: 0...1) ?? 0)
    }
    var settings: RelaxationSettings = isGrouped ? .groupSplitting() : .variableSplitting()
    settings.groups = try groups(mapping, default: settings.groups)
    settings.scope = try scope(mapping, default: settings.scope)
    settings.penalty = try mapping["penalty"]?.choice(["l0": Penalty.l0, "l1": .l1, "transformed-l1": .transformedL1()]) ?? .l0
    if let a = mapping["a"] {
      guard case .transformedL1 = settings.penalty else { throw a.failure("goes with 'penalty: transformed-l1'") }
      settings.penalty = .transformedL1(a: try a.positive(below: 1e9))
    }
    settings.strength = try mapping["lambda"]?.real(in: 0...1e9) ?? settings.strength
    settings.coupling = try mapping["beta"]?.positive(below: 1e9) ?? settings.coupling
    settings.strengthSchedule = try schedule("lambda")
    settings.groupLassoSchedule = try schedule("group-lasso")
    if let factor = mapping["group-lasso-factor"] {
      if let lasso = mapping["group-lasso"], lasso.value.text != "automatic" { throw factor.failure("goes with 'group-lasso: automatic'") }
      settings.groupLasso = .automatic(factor: try factor.positive(below: 1e6))
    } else if let lasso = mapping["group-lasso"] {
      settings.groupLasso = lasso.value.text == "automatic" ? .automatic() : .fixed(try lasso.real(in: 0...1e6))
    }
    settings.overwritesWeights = try mapping["overwriting"]?.boolean() ?? settings.overwritesWeights
    return .relaxedSplitting(settings)
  }

  private static func share(_ mapping: YAMLMapping, _ key: String) throws -> Double { try mapping.required(key).positive(below: 1) }

  private static func scope(_ mapping: YAMLMapping, default scope: PruningScope = .hidden) throws -> PruningScope {
    try mapping["scope"]?.choice(["convolutions": PruningScope.convolutions, "hidden": .hidden, "all": .all]) ?? scope
  }

  private static func groups(_ mapping: YAMLMapping, default kind: WeightGroups.Kind) throws -> WeightGroups.Kind {
    try mapping["groups"]?.choice(["entries": WeightGroups.Kind.entries, "input-channels": .inputChannels, "filters": .filters]) ?? kind
  }
}
