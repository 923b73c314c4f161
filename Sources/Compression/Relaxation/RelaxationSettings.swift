import Training

/// What ``RelaxedSplitting`` minimises and how.
public struct RelaxationSettings: Hashable, Sendable, Codable {
  /// What is pruned together.
  public var groups: WeightGroups.Kind
  /// Which weights are pruned.
  public var scope: PruningScope
  /// P, of the relaxed weights u.
  public var penalty: Penalty
  /// λ, the strength of P.
  public var strength: Double
  /// β, which ties the weights w to u: smaller means a larger threshold, and so more zeros.
  public var coupling: Double
  /// How λ grows.
  public var strengthSchedule = StrengthSchedule()
  /// λ₂, the strength of the group lasso on w.
  public var groupLasso = GroupLassoStrength.fixed(0)
  /// How λ₂ grows.
  public var groupLassoSchedule = StrengthSchedule()
  /// Whether w ← u at the end of every epoch, so that training goes on from the pruned weights.
  ///
  /// The reference implementation does so. The descent of the Lagrangian does not cover it: f at u may be larger than at w. Penalties other than
  /// l₀ make what they keep smaller, and this way do so to the trained weights themselves once an epoch.
  public var overwritesWeights = true

  /// Collects the parts; without group lasso and schedules.
  public init(groups: WeightGroups.Kind, scope: PruningScope = .convolutions, penalty: Penalty = .l0, strength: Double, coupling: Double) {
    (self.groups, self.scope, self.penalty, self.strength, self.coupling) = (groups, scope, penalty, strength, coupling)
  }

  /// RVSM, which prunes weights one by one; the reference implementation's values.
  public static func variableSplitting(strength: Double = 1e-6, coupling: Double = 1e-2) -> RelaxationSettings {
    RelaxationSettings(groups: .entries, strength: strength, coupling: coupling)
  }

  /// RGSM, which prunes input channels; the reference implementation's values but for λ₂, which is made to fit the run.
  ///
  /// The reference takes `.fixed(1e-5)`.
  public static func groupSplitting(
    strength: Double = 1e-2, coupling: Double = 1, groupLasso: GroupLassoStrength = .automatic()
  ) -> RelaxationSettings {
    var settings = RelaxationSettings(groups: .inputChannels, strength: strength, coupling: coupling)
    settings.groupLasso = groupLasso
    return settings
  }

  /// The norm up to which groups are set to zero when λ is there as a whole: √(2λ/β) for l₀.
  public var threshold: Double { penalty.threshold(weight: strength / coupling) }

  /// Checks all settings.
  ///
  /// - Parameter epochs: the epochs of the run.
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check(epochs: Int) throws(CompressionError) {
    try penalty.check()
    guard strength >= 0, strength.isFinite else {
      throw .setting(key: "strength", detail: "\(strength) is not a number that is zero or positive")
    }
    guard coupling > 0, coupling.isFinite else { throw .setting(key: "coupling", detail: "\(coupling) is not a positive number") }
    guard (strength / coupling).isFinite else {
      throw .setting(key: "coupling", detail: "\(coupling) is too small for a strength of \(strength)")
    }
    try groupLasso.check()
    try strengthSchedule.check("strength schedule", epochs: epochs)
    try groupLassoSchedule.check("group lasso schedule", epochs: epochs)
  }
}
