import ArgumentParser
import Certificates
import CommandLineSupport
import Lipschitz
import Robustness
import Studies
import Training

/// What `compare` measures.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Attacks, separated by commas: fgsm, ifgsmK and pgdK with K steps, or none (default: fgsm,ifgsm20).", valueName: "attacks"),
    transform: Self.attacks)
  var attack: [AttackChoice] = [.fastGradientSign, .iterated(count: 20)]

  @Option(help: ArgumentHelp("The norm of attacks: linf or l2.", valueName: "norm"))
  var norm = PerturbationNorm.lInfinity

  @Option(
    help: ArgumentHelp(
      "The greatest perturbations of attacks, such as 2/255,8/255 (default: 0.031 for linf, 0.5 for l2).", valueName: "e,.."),
    transform: InputOptions.numbers)
  var epsilon: [Double] = []

  @Option(
    help: ArgumentHelp(
      "Methods of Lipschitz bounds, separated by commas, or all, or none: \(Estimators.names.joined(separator: ", ")).",
      valueName: "methods"),
    transform: Self.methods)
  var method = ModelComparison.Settings().methods

  @Option(
    help: ArgumentHelp("The norm of the inputs of Lipschitz bounds: l2, linf or l1.", valueName: "norm"),
    completion: .list(InputNorm.allCases.map(\.rawValue)))
  var boundNorm = InputNorm.l2

  @Option(help: ArgumentHelp("Relative gap (upper - lower) / upper at which bounds stop.", valueName: "gap"))
  var tolerance = 1e-3

  @Option(help: ArgumentHelp("Seconds for each method on each model, and on each sample (default: none).", valueName: "seconds"))
  var timeLimit: Double?

  @Option(
    help: ArgumentHelp(
      "Methods of certified radii, separated by commas, or all, or none: \(RadiusMethods.names.joined(separator: ", ")) (default: local, or crown for linf).",
      valueName: "methods"),
    transform: RadiusMethodList.parse)
  var radiusMethod: [String]?

  @Option(
    help: ArgumentHelp("The norm of radii: l2 or linf.", valueName: "norm"),
    completion: .list([InputNorm.l2.rawValue, InputNorm.lInfinity.rawValue]))
  var radiusNorm = InputNorm.l2

  @Option(help: ArgumentHelp("Radii for the first N samples; 0 for none.", valueName: "N"))
  var radiusCount = 20

  @Option(
    help: ArgumentHelp("Radii at which to state the certified accuracy, such as 36/255,0.5 (default: round ones).", valueName: "r,.."),
    transform: InputOptions.numbers)
  var radii: [Double] = []

  @Option(help: ArgumentHelp("Bound the difference of outputs within this distance of samples.", valueName: "r"))
  var differenceRadius = 0.1

  @Option(
    help: ArgumentHelp("The norm of that distance: l2 or linf.", valueName: "norm"),
    completion: .list([InputNorm.l2.rawValue, InputNorm.lInfinity.rawValue]))
  var differenceNorm = InputNorm.l2

  @Option(help: ArgumentHelp("Bound the difference around the first N samples; 0 for none, also without data.", valueName: "N"))
  var differenceCount = 20

  @Flag(name: .customLong("no-timing"), help: "Do not time inference.")
  var isWithoutTiming = false

  func validate() throws {
    guard epsilon.allSatisfy({ $0 > 0 }) else { throw ValidationError("--epsilon must be positive") }
    guard tolerance > 0, tolerance < 1 else { throw ValidationError("--tolerance must lie between 0 and 1") }
    if let timeLimit, !(timeLimit > 0 && timeLimit.isFinite) { throw ValidationError("--time-limit must be positive") }
    guard radiusNorm != .l1, differenceNorm != .l1 else { throw ValidationError("--radius-norm and --difference-norm are l2 or linf") }
    guard radiusCount >= 0, differenceCount >= 0 else {
      throw ValidationError("--radius-count and --difference-count must not be negative")
    }
    guard differenceRadius > 0, differenceRadius.isFinite else { throw ValidationError("--difference-radius must be positive") }
    guard radii.allSatisfy({ $0 >= 0 }) else { throw ValidationError("--radii must not be negative") }
  }

  /// The choices as the library takes them.
  ///
  /// - Throws: `TrainingError` when an attack cannot be had.
  func settings(domain: ClosedRange<Double>?) throws -> ModelComparison.Settings {
    var settings = ModelComparison.Settings()
    for size in epsilon.isEmpty ? [norm == .lInfinity ? 0.031 : 0.5] : epsilon {
      settings.attacks += try attack.compactMap { try $0.settings(norm: norm, epsilon: size, domain: domain) }
    }
    settings.methods = method
    settings.boundNorm = boundNorm
    settings.tolerance = tolerance
    settings.timeLimit = timeLimit
    settings.radiusMethods = radiusMethod ?? [radiusNorm == .l2 ? "local" : "crown"]
    settings.radiusNorm = radiusNorm
    settings.radiusCount = radiusCount
    (settings.differenceRadius, settings.differenceNorm) = (differenceRadius, differenceNorm)
    settings.differenceCount = differenceCount
    settings.domain = domain
    if isWithoutTiming { settings.inferenceBatches = [] }
    return settings
  }

  private static func methods(_ text: String) throws -> [String] { text == "none" ? [] : try MethodList.parse(text) }

  private static func attacks(_ text: String) throws -> [AttackChoice] {
    let choices = try AttackChoice.parse(text)
    guard !choices.contains(.nearest) else {
      throw ValidationError("attack 'nearest' has no radius; distances of adversaries are searched for together with radii")
    }
    return choices
  }
}
