import Certificates
import CommandLineSupport
import Lipschitz
import Robustness
import Training

extension ModelComparison {
  /// What is measured.
  public struct Settings: Sendable {
    /// The attacks of accuracies.
    public var attacks: [AccuracyEvaluation.NamedAttack] = []
    /// The methods of Lipschitz bounds, by id; none for an empty list.
    public var methods = ["product", "lifted", "attained"]
    /// The norm of the inputs of Lipschitz bounds.
    public var boundNorm = InputNorm.l2
    /// The relative gap at which bounds stop.
    public var tolerance = 1e-3
    /// Seconds for each method of bounds, and for each method and the attack on each sample; `nil` for no limit.
    public var timeLimit: Double?
    /// Choices of single methods of bounds.
    public var estimators = EstimatorSettings()
    /// Bytes of memory a proof may take.
    public var memoryLimit = Budget().memoryLimit
    /// The methods of certified radii, by id; none for an empty list.
    public var radiusMethods = ["local"]
    /// The norm of radii.
    public var radiusNorm = InputNorm.l2
    /// How many samples get a radius: the first ones.
    public var radiusCount = 20
    /// The attack that radii are compared with, by id; `nil` for none.
    public var radiusAttack: String? = Attacks.standard.name
    /// The relative precision of radii.
    public var radiusTolerance = 1e-2
    /// The radius of the regions on which models are compared with the reference.
    public var differenceRadius = 0.1
    /// Their norm.
    public var differenceNorm = InputNorm.l2
    /// How many samples have such a region: the first ones.
    public var differenceCount = 20
    /// The values that an input can have, or `nil` for any.
    public var domain: ClosedRange<Double>? = 0...1
    /// The sizes of batches in which inference is timed; none for an empty list.
    public var inferenceBatches = [1, 128]
    /// The seed of random choices.
    public var seed: UInt64 = 0

    /// Bounds, radii and differences with their defaults; no attack within a radius.
    public init() {}

    /// The settings in words, for reports and to tell questions apart.
    public var words: [(name: String, value: String)] {
      let limit = timeLimit.map { "at most \(Quantity.seconds($0)) s for each method" } ?? "no time limit"
      let range = domain.map { "each value of an input in \($0.lowerBound)...\($0.upperBound)" } ?? "any input"
      return [
        (
          "Attacks",
          attacks.isEmpty
            ? "none" : attacks.map { "\($0.name) \($0.settings.norm.rawValue) \($0.settings.epsilon)" }.joined(separator: ", ")
        ),
        ("Bounds", methods.isEmpty ? "none" : "\(methods.joined(separator: ", ")); \(boundNorm.rawValue), tolerance \(tolerance)"),
        (
          "Radii",
          radiusMethods.isEmpty || radiusCount == 0
            ? "none"
            : "\(radiusMethods.joined(separator: ", ")) in \(radiusNorm.rawValue) on the first \(radiusCount) samples, tolerance \(radiusTolerance), "
              + "attack \(radiusAttack ?? "none")"
        ),
        (
          "Differences",
          differenceCount == 0
            ? "none" : "within \(differenceRadius) (\(differenceNorm.rawValue)) of the first \(differenceCount) samples"
        ),
        ("Limits", "\(limit), \(Quantity.bytes(memoryLimit)) for a proof"), ("Domain", range), ("Seed", "\(seed)"),
      ]
    }
  }
}
