import Training

/// The strength λ₂ of the group lasso that makes groups small enough for the proximal map to set them to zero.
public enum GroupLassoStrength: Hashable, Sendable, Codable {
  /// This λ₂; 0 leaves the group lasso out.
  case fixed(Double)
  /// The λ₂ by which the norms of groups would fall `factor` times from their mean at the beginning to the threshold within the run; see
  /// ``scaled(fall:rate:schedule:gain:stepsPerEpoch:epochs:)``. A factor of about 1 prunes; larger factors prune more.
  case automatic(factor: Double = 1)

  /// The λ₂ by which the group lasso alone makes norms fall by a given amount within a run.
  ///
  /// The lasso's gradient has length λ₂ whatever the group, so each step shortens a norm by gain · ηₖ sₖ λ₂, and
  /// λ₂ = fall / (gain · Σₖ ηₖ sₖ). Loss and weight decay are left out: the loss is what keeps the groups that matter. So is the lag of momentum,
  /// which costs μ / (1 − μ) of the steps.
  ///
  /// The published λ₂ = 10⁻⁵ belongs to 78 000 steps with weight decay; a short run prunes nothing with it, for input channels of the residual
  /// networks begin at norms of about √2 and the thresholds √(2λ/β) lie at 0.14 … 0.45.
  ///
  /// - Parameters:
  ///   - fall: by how much norms are to fall.
  ///   - rate: the learning rate ηₖ.
  ///   - schedule: the share sₖ of the strength at each step.
  ///   - gain: what a gradient that stays moves in the end, in units of the learning rate: 1 / (1 − μ) for momentum μ.
  ///   - stepsPerEpoch: the steps in an epoch.
  ///   - epochs: the epochs in all.
  /// - Returns: λ₂; 0 when norms need not fall, or when the strength is never more than zero.
  /// - Complexity: one evaluation of both schedules for each step of the run.
  public static func scaled(
    fall: Double, rate: LearningRateSchedule, schedule: StrengthSchedule = StrengthSchedule(), gain: Double = 10, stepsPerEpoch: Int,
    epochs: Int
  ) -> Double {
    var position = TrainingPosition(stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    var way = 0.0
    for epoch in 0..<epochs {
      for step in 0..<stepsPerEpoch {
        (position.epoch, position.step) = (epoch, step)
        way += rate.rate(step: position.totalStep, stepsPerEpoch: stepsPerEpoch, epochs: epochs) * schedule.factor(at: position)
      }
    }
    return way > 0 ? max(0, fall) / (gain * way) : 0
  }

  /// Checks the number.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    switch self {
    case .fixed(let strength):
      guard strength >= 0, strength.isFinite else {
        throw .setting(key: "group lasso", detail: "\(strength) is not a number that is zero or positive")
      }
    case .automatic(let factor):
      guard factor > 0, factor.isFinite else {
        throw .setting(key: "group lasso", detail: "a factor of \(factor) is not a positive number")
      }
    }
  }
}
