import CommandLineSupport
import Compression
import NetworkFormats
import Training

extension PruningMethod {
  /// `pruning:` of a recipe, such as `{rgsm: {lambda: 0.3, group-lasso: automatic}}`.
  static let notation = Notation<PruningMethod>.mapping(
    nil,
    .one(of: [
      .group(
        Field(
          required: "rvsm", relaxation(.variableSplitting()).checked,
          "Relaxed variable splitting: single weights become zero while the network is trained.")
      ) { $1 },
      .group(
        Field(
          required: "rgsm", relaxation(.groupSplitting()).checked,
          "Relaxed group-wise splitting: input channels become zero while the network is trained.")
      ) { $1 },
      .group(Field(required: "magnitude", magnitude.checked, "The smallest weights are removed after training.")) { $1 },
      .group(Field(required: "filter-norm", filterNorm.checked, "The filters or input channels of smallest norm are removed after training.")) {
        $1
      },
      .group(
        Field(required: "pattern", pattern.checked, "Of each block of neighbouring weights the largest are kept (N:M sparsity).")
      ) { $1 },
      .group(
        Field(
          required: "slimming", slimming.checked,
          "The channels with the smallest scales of batch normalisation are removed; a penalty makes scales small.")
      ) { $1 },
      .group(
        Field(
          required: "lottery-ticket", lotteryTicket.checked,
          "Trained and pruned in rounds; after each the weights that are kept go back to early values.")
      ) { $1 },
      .group(
        Field(
          required: "admm", alternatingDirections.checked,
          "The alternating direction method of multipliers, then a projection onto the sparse weights.")
      ) { $1 },
    ])
  ).named("pruning")

  private static let magnitude = Notation<PruningMethod>.mapping(
    nil,
    .group(
      share("sparsity", "The share of the weights that is removed."), scope(.hidden), perLayer(false)
    ) { .magnitude(MagnitudeSelection(sparsity: $1, scope: $2, isGlobal: !$3)) })

  private static let filterNorm = Notation<PruningMethod>.mapping(
    nil,
    .group(
      share("share", "The share of the groups that is removed."),
      Field(
        "groups", .word(["input-channels": WeightGroups.Kind.inputChannels, "filters": .filters], kind: "kind of groups"), default: .filters,
        "What is removed as a whole."),
      Field("norm", .word(["l1": WeightGroups.Norm.l1, "l2": .l2], kind: "norm"), default: .l2, "The norm that groups are compared in."),
      scope(.hidden), perLayer(true)
    ) { .filterNorm(FilterNormSelection(share: $1, kind: $2, norm: $3, scope: $4, isGlobal: !$5)) })

  private static let pattern = Notation<PruningMethod>.mapping(
    nil,
    .group(
      Field(required: "keep", .integer(in: 1...4096), "N: how many weights of a block are kept."),
      Field(required: "of", .integer(in: 1...4096), "M: how many weights a block has."),
      scope(.hidden),
      Field(
        "refinement", .positive(below: 1e6),
        "The strength with which weights that would be removed are pulled to zero in training; they are only removed after it unless given.")
    ) { .pattern(PatternSelection(keeping: $1, of: $2, scope: $3), refinement: $4) })

  private static let slimming = Notation<PruningMethod>.mapping(
    nil,
    .group(
      share("share", "The share of the channels that is removed."),
      Field(required: "strength", .positive(below: 1e6), "The strength of the l1 penalty on the scales in training.")
    ) { .slimming(SlimmingSelection(share: $1), strength: $2) })

  private static let lotteryTicket = Notation<PruningMethod>.mapping(
    nil,
    .group(
      Field(required: "rounds", .integer(in: 1...1000), "How often weights are removed."),
      Field("share", .positive(below: 1), default: 0.2, "The share of what is left that each round removes."),
      scope(.hidden), perLayer(false),
      Field("rewinding", .integer(in: 0...1_000_000), default: 0, "The epoch to whose values weights go back; 0 is the beginning.")
    ) { .lotteryTicket(LotteryTicket(rounds: $1, share: $2, scope: $3, isGlobal: !$4, rewindingEpochs: $5)) })

  private static let alternatingDirections = Notation<PruningMethod>.mapping(
    nil,
    .group(
      share("sparsity", "The share of the groups that is removed."), groups(.entries), scope(.hidden), perLayer(true),
      Field("penalty", .positive(below: 1e6), default: 0.01, "The weight of the distance to the sparse weights."),
      Field("growth", .real(in: 1...1e3), default: 1, "What the penalty is multiplied with at every update."),
      Field("interval", .integer(in: 1...1_000_000), default: 1, "The epochs from one update of the sparse weights to the next."),
      Field("epochs", .integer(in: 1...1_000_000), "The epochs of this phase; those of training unless given."),
      Field("learning-rate", .positive(below: 1e6), "The learning rate of this phase; that of training unless given.")
    ) {
      .alternatingDirections(
        AlternatingDirections.Settings(
          sparsity: $1, kind: $2, scope: $3, isGlobal: !$4, penalty: $5, growth: $6, interval: $7, epochs: $8, rate: $9))
    })

  /// RVSM where weights are pruned one by one, RGSM where input channels are.
  private static func relaxation(_ standard: RelaxationSettings) -> Notation<PruningMethod> {
    .mapping(
      nil,
      .group(
        Field("lambda", .real(in: 0...1e9), default: standard.strength, "The weight of the penalty: more makes more zeros."),
        Field(
          "beta", .positive(below: 1e9), default: standard.coupling,
          "How strongly trained and sparse weights are tied; less makes more zeros."),
        Penalty.field, groups(standard.groups), scope(standard.scope), StrengthSchedule.field("lambda"),
        GroupLassoStrength.field(standard.groupLasso), StrengthSchedule.field("group-lasso"),
        Field(
          "overwriting", .boolean, default: standard.overwritesWeights,
          "Whether the sparse weights take the place of the trained ones at the end of each epoch, so that training goes on from them.")
      ) { _, strength, coupling, penalty, groups, scope, strengthSchedule, groupLasso, groupLassoSchedule, overwritesWeights in
        var settings = RelaxationSettings(groups: groups, scope: scope, penalty: penalty, strength: strength, coupling: coupling)
        (settings.strengthSchedule, settings.groupLassoSchedule) = (strengthSchedule, groupLassoSchedule)
        (settings.groupLasso, settings.overwritesWeights) = (groupLasso, overwritesWeights)
        return .relaxedSplitting(settings)
      })
  }

  private static func share(_ name: String, _ description: String) -> Field<Double> {
    Field(required: name, .positive(below: 1), description)
  }

  private static func scope(_ standard: PruningScope) -> Field<PruningScope> {
    Field(
      "scope", .word(kind: "scope"), default: standard,
      "Which weights take part: those of convolutions, of all layers but the last, or all.")
  }

  private static func groups(_ standard: WeightGroups.Kind) -> Field<WeightGroups.Kind> {
    Field(
      "groups",
      .word(kind: "kind of groups"),
      default: standard, "What becomes zero as a whole: single weights, input channels or filters.")
  }

  private static func perLayer(_ standard: Bool) -> Field<Bool> {
    Field("per-layer", .boolean, default: standard, "Whether each layer gives the same share, rather than all of them together.")
  }
}

extension Notation<PruningMethod> {
  /// The same, of which settings that do not go together are complained about.
  fileprivate var checked: Notation {
    map { method, entry in
      do { try method.check() } catch let error as CompressionError { throw entry.failure(error.description) }
      return method
    }
  }
}

extension Penalty {
  /// `penalty:` and its parameter.
  static let field = Field<Penalty>.group(
    Field(
      "penalty", .word(["l0": Penalty.l0, "l1": .l1, "transformed-l1": .transformedL1()], kind: "penalty"), default: .l0,
      "What makes the sparse weights zero: their number, their l1 norm, or the transformed l1 between them."),
    Field("a", .positive(below: 1e9), "The parameter of penalty: transformed-l1; 1 unless given.")
  ) { mapping, penalty, a in
    guard let a else { return penalty }
    guard case .transformedL1 = penalty else {
      throw mapping["a"]?.failure("goes with 'penalty: transformed-l1'") ?? mapping.failure("'a' goes with 'penalty: transformed-l1'")
    }
    return .transformedL1(a: a)
  }
}

extension GroupLassoStrength {
  /// `group-lasso:` and its factor.
  static func field(_ standard: GroupLassoStrength) -> Field<GroupLassoStrength> {
    let strength = Notation<Double>.real(in: 0...1e6).map(written: { if case .fixed(let strength) = $0 { .number(strength) } else { nil } }) {
      strength, _ in GroupLassoStrength.fixed(strength)
    }
    return .group(
      Field(
        "group-lasso", .word(["automatic": .automatic()], or: strength), default: standard,
        "The weight of the group lasso on the trained weights; automatic finds one that lets groups reach the threshold by the end."),
      Field("group-lasso-factor", .positive(below: 1e6), "What group-lasso: automatic is multiplied with; 1 unless given.")
    ) { mapping, lasso, factor in
      guard let factor else { return lasso }
      if mapping["group-lasso"] != nil, case .fixed = lasso, let entry = mapping["group-lasso-factor"] {
        throw entry.failure("goes with 'group-lasso: automatic'")
      }
      return .automatic(factor: factor)
    }
  }
}

extension StrengthSchedule {
  /// When a strength begins and how it grows.
  static func field(_ name: String) -> Field<StrengthSchedule> {
    .group(
      Field("\(name)-start", .integer(in: 0...1_000_000), default: 0, "The epoch from which on \(name) counts."),
      Field("\(name)-ramp", .real(in: 0...1), default: 0, "The share of all epochs in which \(name) grows from nothing to its value.")
    ) { StrengthSchedule(startEpoch: $1, rampShare: $2) }
  }
}
