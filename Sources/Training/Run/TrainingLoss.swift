/// What training minimises.
public enum TrainingLoss: Hashable, Sendable, Codable {
  /// Cross-entropy: of adversarial samples alone where there is an adversary, of natural ones otherwise.
  case crossEntropy(smoothing: Double = 0)
  /// natural · CE(f(x), y) + adversarial · CE(f(x′), y).
  ///
  /// Lyu and others, arXiv:2008.13305; its weights are 1 and 8.
  case tradeOff(natural: Double = 1, adversarial: Double = 8)
  /// CE(f(x), y) + weight · KL(f(x) ‖ f(x′)); see ``Trades``. The adversary seeks x′ by the cross-entropy, as the others do.
  case trades(weight: Double = 6)
  /// A margin that closes an l₂ ball; see ``MarginLoss``. It is of natural samples: there is no adversary.
  case margin(MarginTraining)

  /// Whether there is no loss without an adversary.
  public var wantsAdversary: Bool {
    switch self {
    case .crossEntropy, .margin: false
    case .tradeOff, .trades: true
    }
  }

  /// Checks the constants.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)``.
  func check() throws(TrainingError) {
    switch self {
    case .crossEntropy(let smoothing):
      guard 0..<1 ~= smoothing else { throw .setting(key: "smoothing", detail: "\(smoothing) is not in [0, 1)") }
    case .tradeOff(let natural, let adversarial):
      guard natural >= 0, adversarial >= 0, (natural + adversarial).isFinite, natural + adversarial > 0 else {
        throw .setting(key: "weights", detail: "\(natural) and \(adversarial) are not two weights")
      }
    case .trades(let weight):
      guard weight >= 0, weight.isFinite else { throw .setting(key: "weight", detail: "\(weight) is not a weight") }
    case .margin(let margin): try margin.check()
    }
  }
}
