/// The choice of an optimiser and its constants; formulas and defaults are PyTorch's.
public enum OptimiserSettings: Hashable, Sendable, Codable {
  /// Stochastic gradient descent with momentum; see ``StochasticGradientDescent``.
  case gradientDescent(momentum: Double = 0, dampening: Double = 0, isNesterov: Bool = false)
  /// Adam and its kin; see ``AdaptiveMoments``.
  case adaptiveMoments(
    AdaptiveMoments.Variant = .adam, firstDecay: Double = 0.9, secondDecay: Double = 0.999, stabiliser: Double = 1e-8)

  /// The optimiser for `count` parameters, before its first step.
  public func optimiser(count: Int) -> any Optimiser {
    switch self {
    case .gradientDescent(let momentum, let dampening, let isNesterov):
      StochasticGradientDescent(count: count, momentum: momentum, dampening: dampening, isNesterov: isNesterov)
    case .adaptiveMoments(let variant, let firstDecay, let secondDecay, let stabiliser):
      AdaptiveMoments(variant, count: count, firstDecay: firstDecay, secondDecay: secondDecay, stabiliser: stabiliser)
    }
  }

  /// Checks the constants.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)``.
  func check() throws(TrainingError) {
    switch self {
    case .gradientDescent(let momentum, let dampening, let isNesterov):
      guard 0..<1 ~= momentum else { throw .setting(key: "momentum", detail: "\(momentum) is not in [0, 1)") }
      guard 0...1 ~= dampening else { throw .setting(key: "dampening", detail: "\(dampening) is not between 0 and 1") }
      guard !isNesterov || (momentum > 0 && dampening == 0) else {
        throw .setting(key: "nesterov", detail: "it wants a momentum and no dampening")
      }
    case .adaptiveMoments(_, let firstDecay, let secondDecay, let stabiliser):
      for decay in [firstDecay, secondDecay] where !(0..<1 ~= decay) {
        throw .setting(key: "betas", detail: "\(decay) is not in [0, 1)")
      }
      guard stabiliser > 0, stabiliser.isFinite else { throw .setting(key: "epsilon", detail: "\(stabiliser) is not a positive number") }
    }
  }
}
