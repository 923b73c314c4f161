import LinearAlgebra
import Training

/// One training run of a pruning method, and the choice that follows it.
///
/// Methods are lists of phases: dense training, then a mask, then masked retraining; or one phase whose hook prunes while it trains; or, for
/// lottery tickets, rounds that each begin again from the first values.
public struct PruningPhase: Sendable {
  /// Where a phase begins.
  public enum Beginning: String, Hashable, Sendable, Codable {
    /// At the model's first values.
    case initial
    /// Where the phase before it ended.
    case previous
    /// Where the first phase ended.
    case dense
  }

  /// What it does, in a word or two: `dense`, `pruning`, `retraining`, `round 2`.
  public var name: String
  /// How it trains.
  public var settings: TrainingSettings
  /// What is done beside the optimiser's steps; the mask so far is kept in any case.
  public var hooks: [any TrainingHook]
  /// Where it begins.
  public var beginning: Beginning
  /// The choice of what is pruned at its end, if any.
  public var selection: (any MaskSelection)?

  /// Collects the parts.
  public init(
    name: String, settings: TrainingSettings, hooks: [any TrainingHook] = [], beginning: Beginning = .previous,
    selection: (any MaskSelection)? = nil
  ) {
    (self.name, self.settings, self.hooks, self.beginning, self.selection) = (name, settings, hooks, beginning, selection)
  }
}
