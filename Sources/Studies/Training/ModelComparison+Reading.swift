import Certificates
import CommandLineSupport
import Lipschitz
import NetworkFormats
import Robustness

extension ModelComparison.Settings {
  /// `certification:` of a study, such as `{methods: [lifted, attained], radii: 50, norm: l2}`.
  ///
  /// Accuracies are the recipes' own business, and speed is not asked for.
  static let notation = Notation<ModelComparison.Settings>.mapping(
    nil,
    .group(
      Field("methods", .names(among: Estimators.names, kind: "method"), default: standard.methods, "The methods of Lipschitz bounds."),
      Field("tolerance", .positive(below: 1), default: standard.tolerance, "The relative gap at which bounds stop."),
      Field(
        "time-limit", .positive(below: 1e9),
        "Seconds for each method of bounds, and for each method of radii and the attack on each sample; no limit unless given."),
      Field(
        "radii", .integer(in: 0...1_000_000), default: standard.radiusCount, "How many test samples get a certified radius: the first ones."),
      Field(
        "radius-methods", .names(among: RadiusMethods.names, kind: "method"), default: standard.radiusMethods,
        "The methods of certified radii."),
      Field(
        "radius-attack", .orNone(.name(among: Attacks.all.map(\.name), kind: "attack")), default: standard.radiusAttack,
        "The attack that radii are compared with."),
      Field(
        "norm", .word(["l2": InputNorm.l2, "linf": .lInfinity], kind: "norm"), default: standard.radiusNorm, "The norm of radii."),
      Field("bounded", .boolean, default: true, "Whether inputs stay between 0 and 1, as pixels do.")
    ) { _, methods, tolerance, timeLimit, radii, radiusMethods, radiusAttack, norm, isBounded in
      var settings = standard
      (settings.differenceCount, settings.inferenceBatches) = (0, [])
      (settings.methods, settings.tolerance, settings.timeLimit) = (methods, tolerance, timeLimit)
      (settings.radiusCount, settings.radiusMethods, settings.radiusAttack) = (radii, radiusMethods, radiusAttack)
      (settings.radiusNorm, settings.domain) = (norm, isBounded ? 0...1 : nil)
      return settings
    }
  ).named("certification")

  private static let standard = ModelComparison.Settings()
}

extension Notation<[String]> {
  /// Some of several names; a single one may be written without a list.
  static func names(among names: [String], kind: String) -> Notation {
    .parts(of: .name(among: names, kind: kind), isUnique: true)
  }
}
