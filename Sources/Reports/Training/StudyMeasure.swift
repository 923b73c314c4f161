import Compression
import Robustness
import Training

/// A number that a run of a study comes to, and that claims compare.
public struct StudyMeasure: Sendable, Hashable {
  /// Its word in study files, such as `natural`, `ifgsm20`, `channel-sparsity`.
  public let word: String

  /// The measure that a word names; attacks are named as in recipes.
  public init(_ word: String) { self.word = word }

  /// Measures of networks that were pruned.
  public static let ofPruning: KeyValuePairs<String, String> = [
    "weight-sparsity": "weights that are zero", "channel-sparsity": "input channels that are zero",
    "trained-weight-sparsity": "zero weights before the choice", "trained-channel-sparsity": "zero input channels before the choice",
    "parameters": "parameters of the saved network", "multiplications": "multiplications of the saved network",
    "non-zero-parameters": "parameters that are not zero",
  ]
  /// Measures of all networks beside their accuracies.
  public static let ofTraining: KeyValuePairs<String, String> = ["largest-increase": "largest increase of the loss with its penalty"]

  /// Measures of networks that were certified; `vra@R` for every radius R is another.
  public static let ofCertification: KeyValuePairs<String, String> = [
    "bound": "certified Lipschitz bound", "tightness": "bound over attained gain", "radius": "median certified radius",
  ]

  /// R of `vra@R`: the radius of a verified-robust accuracy.
  public var vraRadius: Double? {
    let parts = word.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "vra", let radius = Double(parts[1]), radius.isFinite, radius >= 0 else { return nil }
    return radius
  }

  /// What it is, in words.
  public var title: String {
    if word == "natural" { return "natural" }
    if let vraRadius { return "right and certified at \(vraRadius)" }
    return (Array(Self.ofPruning) + Array(Self.ofTraining) + Array(Self.ofCertification)).first { $0.key == word }?.value ?? "under \(word)"
  }

  /// What stands above its column in a table.
  var heading: String {
    if let vraRadius { return "VRA at \(vraRadius)" }
    return switch word {
    case "weight-sparsity": "zero weights"
    case "channel-sparsity": "zero channels"
    case "parameters": "parameters left"
    case "non-zero-parameters": "not zero"
    case "multiplications": "multiplications"
    case "bound": "bound"
    case "tightness": "tightness"
    case "radius": "median radius"
    default: title
    }
  }

  /// Whether it is a share, shown in percent; differences of shares are points.
  public var isShare: Bool {
    !["parameters", "non-zero-parameters", "multiplications", "largest-increase", "bound", "tightness", "radius"].contains(word)
  }

  /// The value, shares in percent; `nil` when the run has none.
  public func value(of run: TrainingReport.Run, noisy: Bool = false) -> Double? {
    let record = run.record
    if let vraRadius { return (run.measurement?.radii).map { 100 * $0.certifiedCurve.share(at: vraRadius) } }
    return switch word {
    case "bound": run.measurement?.best?.upper
    case "tightness": run.measurement.flatMap { measurement in measurement.best.flatMap { measurement.tightness($0) } }
    case "radius": run.measurement?.radii?.medianCertified
    case "weight-sparsity": (record.pruning?.sparsity.weightShare).map { 100 * $0 }
    case "channel-sparsity": (record.pruning?.sparsity.channelShare).map { 100 * $0 }
    case "trained-weight-sparsity": (record.pruning?.trained.weightShare).map { 100 * $0 }
    case "trained-channel-sparsity": (record.pruning?.trained.channelShare).map { 100 * $0 }
    case "parameters": Double(record.pruning?.compact.parameters ?? record.parameterCount)
    case "non-zero-parameters": Double(record.pruning?.compact.nonZeroParameters ?? record.parameterCount)
    case "multiplications": (record.pruning?.compact.multiplications).map(Double.init)
    case "largest-increase": Self.largestIncrease(record.curve)
    default: ((noisy ? record.noisy ?? record.deployed : record.deployed)?[word]).map { 100 * $0 }
    }
  }

  /// The largest step upwards of the loss with its penalty from one epoch to the next; not positive where it never rises.
  private static func largestIncrease(_ curve: [EpochRecord]) -> Double? {
    let values = curve.map { $0.loss + $0.penalty }
    return zip(values.dropFirst(), values).map { $0 - $1 }.max()
  }
}
