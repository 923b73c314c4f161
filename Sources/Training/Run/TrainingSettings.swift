/// Everything that determines a training run beside the model, its first values and the data.
///
/// The words of a value (`String(reflecting:)`) name all settings; checkpoints are recognised by them. Augmentations and adversaries are
/// therefore values whose fields say what they do.
public struct TrainingSettings: Sendable {
  /// How often all samples are gone through.
  public var epochs: Int
  /// The samples of a step; the last step of an epoch takes what is left.
  public var batch: Int
  /// The optimiser.
  public var optimiser: OptimiserSettings
  /// The learning rate.
  public var schedule: LearningRateSchedule
  /// The pull of parameters towards zero.
  public var weightDecay = WeightDecay()
  /// The bound on gradients, if any.
  public var clipping: GradientClipping?
  /// What is minimised.
  public var loss: TrainingLoss
  /// The seed of all random numbers of the run.
  public var seed: UInt64
  /// What changes samples at random, if anything.
  public var augmentation: (any BatchAugmentation)?
  /// What makes adversarial samples, if anything.
  public var adversary: (any BatchAdversary)?
  /// Which epoch's parameters are the result.
  public var selection = Selection.last
  /// What attacks the validation samples, if anything; the deployed network is attacked, without noise.
  public var validationAdversary: (any BatchAdversary)?

  /// Which epoch's parameters are the result of a run.
  public enum Selection: String, Hashable, Sendable, Codable, CaseIterable {
    /// Those of the last epoch.
    case last
    /// Those of the epoch with the best accuracy on the validation samples, the first of several.
    case bestAccuracy
    /// Those of the epoch with the best accuracy on attacked validation samples, the first of several.
    case bestAttackedAccuracy
  }

  /// Settings without augmentation and adversary.
  public init(
    epochs: Int, batch: Int = 128, optimiser: OptimiserSettings = .gradientDescent(momentum: 0.9, isNesterov: true),
    schedule: LearningRateSchedule = LearningRateSchedule(rate: 0.1), loss: TrainingLoss = .crossEntropy(), seed: UInt64 = 0
  ) {
    self.epochs = epochs
    self.batch = batch
    self.optimiser = optimiser
    self.schedule = schedule
    self.loss = loss
    self.seed = seed
  }

  /// Checks all settings.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)``.
  public func check() throws(TrainingError) {
    guard epochs > 0 else { throw .setting(key: "epochs", detail: "\(epochs) is not a positive number") }
    guard batch > 0 else { throw .setting(key: "batch", detail: "\(batch) is not a positive number") }
    guard weightDecay.coefficient >= 0, weightDecay.coefficient.isFinite else {
      throw .setting(key: "weight decay", detail: "\(weightDecay.coefficient) is not a number that is zero or positive")
    }
    try optimiser.check()
    try schedule.check()
    try clipping?.check()
    try loss.check()
    if loss.wantsAdversary, adversary == nil {
      throw .setting(key: "loss", detail: "a loss of natural and adversarial samples wants an adversary")
    }
    if case .margin = loss, adversary != nil {
      throw .setting(key: "loss", detail: "a margin is of natural samples; it takes no adversary")
    }
    if selection == .bestAttackedAccuracy, validationAdversary == nil {
      throw .setting(key: "selection", detail: "accuracy under attack wants an adversary for validation")
    }
  }
}
