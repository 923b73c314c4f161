import LinearAlgebra
import Training

/// A way to prune a model, with all of its settings.
public enum PruningMethod: Hashable, Sendable {
  /// Single weights by magnitude.
  case magnitude(MagnitudeSelection)
  /// Filters or input channels by norm.
  case filterNorm(FilterNormSelection)
  /// N of every M weights, of trained weights or with a refinement λ while they are trained; see ``SparseRefinement``.
  case pattern(PatternSelection, refinement: Double? = nil)
  /// Channels by the scales of their normalisation, trained with the penalty λ Σ |γ|.
  case slimming(SlimmingSelection, strength: Double)
  /// Rounds of pruning by magnitude that each begin again from the first values.
  case lotteryTicket(LotteryTicket)
  /// The alternating direction method of multipliers, projected and trained again.
  case alternatingDirections(AlternatingDirections.Settings)
  /// RVSM and RGSM, which prune while they train.
  case relaxedSplitting(RelaxationSettings)

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    switch self {
    case .magnitude(let selection): try selection.check()
    case .filterNorm(let selection): try selection.check()
    case .pattern(let selection, let refinement):
      try selection.check()
      if let refinement { try SparseRefinement(selection, strength: refinement).check() }
    case .slimming(let selection, let strength):
      try selection.check()
      try Slimming(strength: strength).check()
    case .lotteryTicket(let ticket): try ticket.check()
    case .alternatingDirections(let settings): try settings.check()
    // What depends on the length of a run is checked with it.
    case .relaxedSplitting(let settings): try settings.check(epochs: .max)
    }
  }

  /// The trainings and choices that the method is made of.
  ///
  /// - Parameters:
  ///   - model: the model that will be pruned.
  ///   - training: how a model is trained from its first values.
  ///   - retraining: how what is kept is trained after pruning, if it is.
  /// - Throws: ``CompressionError/setting(key:detail:)`` when settings are out of range or do not fit the model, or what `TrainingSettings` find
  ///   wrong with themselves.
  public func phases(for model: Model<Float>, training: TrainingSettings, retraining: TrainingSettings?) throws -> [PruningPhase] {
    try check()
    try training.check()
    try retraining?.check()
    if let scope { _ = try scope.weights(of: model) } else { _ = try ChannelScales.layers(of: model) }
    func dense(_ selection: (any MaskSelection)?) -> PruningPhase {
      PruningPhase(name: "dense", settings: training, beginning: .initial, selection: selection)
    }
    func pruning(_ hook: any TrainingHook, _ selection: any MaskSelection) -> PruningPhase {
      PruningPhase(name: "pruning", settings: training, hooks: [hook], beginning: .initial, selection: selection)
    }
    let phases: [PruningPhase]
    switch self {
    case .magnitude(let selection): phases = [dense(selection)]
    case .filterNorm(let selection): phases = [dense(selection)]
    case .pattern(let selection, nil): phases = [dense(selection)]
    case .pattern(let selection, let refinement?): phases = [pruning(SparseRefinement(selection, strength: refinement), selection)]
    case .slimming(let selection, let strength): phases = [pruning(Slimming(strength: strength), selection)]
    case .lotteryTicket(let ticket): return ticket.phases(training: training)
    case .alternatingDirections(let settings):
      let hook = AlternatingDirections(settings)
      phases = [
        dense(nil),
        PruningPhase(name: "pruning", settings: try settings.training(training), hooks: [hook], selection: settings.selection),
      ]
    case .relaxedSplitting(let settings):
      phases = [pruning(try RelaxedSplitting(settings, training: training), NonZeroSelection(scope: settings.scope))]
    }
    return phases + (retraining.map { [PruningPhase(name: "retraining", settings: $0)] } ?? [])
  }

  /// The method's name in reports.
  public var name: String {
    switch self {
    case .magnitude: "magnitude"
    case .filterNorm: "norm"
    case .pattern: "pattern"
    case .slimming: "slimming"
    case .lotteryTicket: "lottery ticket"
    case .alternatingDirections: "ADMM"
    case .relaxedSplitting(let settings): settings.groups == .entries ? "RVSM" : "RGSM"
    }
  }

  /// The method and all of its settings in words.
  public var identity: String { String(reflecting: self) }

  /// The weights that are pruned; none where channels are pruned by their normalisation.
  public var scope: PruningScope? {
    switch self {
    case .magnitude(let selection): selection.scope
    case .filterNorm(let selection): selection.scope
    case .pattern(let selection, _): selection.scope
    case .slimming: nil
    case .lotteryTicket(let ticket): ticket.scope
    case .alternatingDirections(let settings): settings.scope
    case .relaxedSplitting(let settings): settings.scope
    }
  }
}

extension AlternatingDirections.Settings {
  /// The settings of the phase between dense training and retraining.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when the phase is too short for an update.
  func training(_ settings: TrainingSettings) throws(CompressionError) -> TrainingSettings {
    var settings = settings
    settings.epochs = epochs ?? settings.epochs
    settings.schedule.rate = rate ?? settings.schedule.rate
    guard settings.epochs >= interval else {
      throw .setting(key: "interval", detail: "there is no update in \(settings.epochs) epochs with \(interval) from one to the next")
    }
    return settings
  }
}
