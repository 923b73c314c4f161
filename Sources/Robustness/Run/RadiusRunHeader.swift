import Certificates

/// The first line of a run's results: what the records are about. Records are only ever added to those of the same header.
public struct RadiusRunHeader: Codable, Sendable, Equatable {
  /// The value of ``format`` in every file.
  public static let formatName = "lipcert-radii"
  /// The version this code reads and writes.
  public static let currentVersion = 1

  /// `lipcert-radii`.
  public var format = RadiusRunHeader.formatName
  /// The format's version.
  public var version = RadiusRunHeader.currentVersion
  /// `NetworkDigest` of the network.
  public var model: String
  /// SHA-256 of the inputs and labels, after scaling.
  public var inputs: String
  /// The number of inputs there.
  public var inputCount: Int
  /// Whether labels are the network's own answers.
  public var isSelfLabelled: Bool
  /// The norm of all distances.
  public var norm: InputNorm
  /// The least and the greatest value that an input can have, or `nil` for any.
  public var domain: [Double]?
  /// The ids of the methods, in the order of tables.
  public var methods: [String]
  /// The attack's id, or `nil` for none.
  public var attack: String?
  /// Whether methods were not told what the attack found, so that they could contradict it.
  public var isIndependent: Bool
  /// The relative precision of radii.
  public var tolerance: Double
  /// Seconds for each method and input, or `nil` for no limit.
  public var timeLimit: Double?
  /// The seed of random choices.
  public var seed: UInt64

  /// Collects the parts.
  public init(
    model: String, inputs: String, inputCount: Int, isSelfLabelled: Bool, norm: InputNorm, domain: ClosedRange<Double>?, methods: [String],
    attack: String?, isIndependent: Bool = false, tolerance: Double, timeLimit: Double?, seed: UInt64
  ) {
    self.model = model
    self.inputs = inputs
    self.inputCount = inputCount
    self.isSelfLabelled = isSelfLabelled
    self.norm = norm
    self.domain = domain.map { [$0.lowerBound, $0.upperBound] }
    self.methods = methods
    self.attack = attack
    self.isIndependent = isIndependent
    self.tolerance = tolerance
    self.timeLimit = timeLimit
    self.seed = seed
  }

  /// What differs from another header, in words; empty when both are the same.
  public func differences(from other: RadiusRunHeader) -> [String] {
    func list(_ names: [String]) -> String { names.joined(separator: ",") }
    func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "none" }
    var result: [String] = []
    if format != other.format || version != other.version { result.append("the format") }
    if model != other.model { result.append("the model's weights") }
    if inputs != other.inputs || inputCount != other.inputCount { result.append("the inputs") }
    if isSelfLabelled != other.isSelfLabelled { result.append("where labels come from") }
    if norm != other.norm { result.append("the norm (\(other.norm.rawValue) there, \(norm.rawValue) here)") }
    if domain != other.domain { result.append("the domain (\(text(other.domain)) there, \(text(domain)) here)") }
    if methods != other.methods { result.append("the methods (\(list(other.methods)) there, \(list(methods)) here)") }
    if attack != other.attack { result.append("the attack (\(text(other.attack)) there, \(text(attack)) here)") }
    if isIndependent != other.isIndependent { result.append("whether methods know the attack's radius") }
    if tolerance != other.tolerance { result.append("the tolerance (\(other.tolerance) there, \(tolerance) here)") }
    if timeLimit != other.timeLimit { result.append("the time limit (\(text(other.timeLimit)) there, \(text(timeLimit)) here)") }
    if seed != other.seed { result.append("the seed (\(other.seed) there, \(seed) here)") }
    return result
  }
}
