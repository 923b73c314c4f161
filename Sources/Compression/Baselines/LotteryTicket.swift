import LinearAlgebra
import Training

/// The search for a lottery ticket: train, prune a share of what is left by magnitude, go back to the first values, and again.
///
/// After r rounds round((1 − (1 − share)ʳ) · n) of n weights are pruned; what one round prunes stays pruned in the next. Going back to values
/// from early in training instead (rewinding) is what makes it work for larger networks: a short training without decay of the rate then
/// precedes the first round, and its end is where every training begins.
///
/// Frankle, Carbin: The lottery ticket hypothesis, ICLR 2019; Frankle et al.: Linear mode connectivity and the lottery ticket hypothesis, ICML
/// 2020.
public struct LotteryTicket: Hashable, Sendable {
  /// The number of times that weights are pruned.
  public var rounds: Int
  /// The share of what is left that each round prunes, from 0 to below 1.
  public var share: Double
  /// Which weights.
  public var scope: PruningScope
  /// Whether weights are compared across layers.
  public var isGlobal: Bool
  /// The epochs of the training whose end every round goes back to; with none rounds go back to the first values.
  public var rewindingEpochs: Int

  /// Collects the settings.
  public init(rounds: Int, share: Double = 0.2, scope: PruningScope = .hidden, isGlobal: Bool = true, rewindingEpochs: Int = 0) {
    (self.rounds, self.share, self.scope, self.isGlobal, self.rewindingEpochs) = (rounds, share, scope, isGlobal, rewindingEpochs)
  }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    guard rounds > 0 else { throw .setting(key: "rounds", detail: "\(rounds) is not a positive number") }
    try CompressionError.check(share: share, key: "share")
    guard rewindingEpochs >= 0 else { throw .setting(key: "rewinding", detail: "\(rewindingEpochs) is not a number of epochs") }
  }

  /// The share of all weights that is pruned after a number of rounds.
  public func sparsity(after rounds: Int) -> Double {
    var kept = 1.0
    for _ in 0..<rounds { kept *= 1 - share }
    return 1 - kept
  }

  /// Dense training, then the rounds, each a training in full.
  func phases(training: TrainingSettings) -> [PruningPhase] {
    func selection(_ round: Int) -> (any MaskSelection)? {
      round > rounds ? nil : MagnitudeSelection(sparsity: sparsity(after: round), scope: scope, isGlobal: isGlobal)
    }
    var phases: [PruningPhase] = []
    if rewindingEpochs > 0 {
      var early = training
      early.epochs = rewindingEpochs
      early.schedule.course = .constant
      early.selection = .last
      phases.append(PruningPhase(name: "rewinding point", settings: early, beginning: .initial))
    }
    // The first phase ends at the rewinding point, if there is one.
    let beginning = rewindingEpochs > 0 ? PruningPhase.Beginning.dense : .initial
    phases.append(PruningPhase(name: "dense", settings: training, beginning: beginning, selection: selection(1)))
    for round in 1...rounds {
      phases.append(PruningPhase(name: "round \(round)", settings: training, beginning: beginning, selection: selection(round + 1)))
    }
    return phases
  }
}
