import Foundation

/// What a study keeps of one comparison of methods: the part of its `results.json` that overviews need, read back from there.
///
/// Numbers in `results.json` are decimals rounded outwards; read back to the nearest double they never cross the number they stand for.
public struct ComparisonSummary: Decodable, Sendable, Equatable {
  /// The network.
  public struct Model: Decodable, Sendable, Equatable {
    /// The file's name.
    public var path: String
    /// SHA-256 of the file.
    public var sha256: String
    /// Input coordinates.
    public var inputs: Int
    /// Outputs.
    public var outputs: Int
    /// Activation units.
    public var units: Int
  }

  /// What one method found.
  public struct Result: Decodable, Sendable, Equatable {
    /// The method's id.
    public var method: String
    /// The upper bound, or `nil`.
    public var upper: Double?
    /// The lower number, or `nil`.
    public var lower: Double?
    /// Whether the checker accepted the upper bound.
    public var certified: Bool
    /// Wall-clock seconds.
    public var seconds: Double
    /// Bytes held at most.
    public var peakMemoryBytes: Int
    /// Why the method stopped.
    public var stopReason: String
    /// The method's note, or `nil`.
    public var note: String?
    /// Why there is no upper bound, or `nil`.
    public var absence: String?
  }

  /// The certificate that was written.
  public struct CertificateFile: Decodable, Sendable, Equatable {
    /// Its method.
    public var method: String
    /// What it proves.
    public var bound: Double
    /// Whether it was read back and checked.
    public var checked: Bool
  }

  /// The network.
  public var model: Model
  /// The norm of the inputs: `l2`, `linf`, ...
  public var norm: String
  /// The outputs: `nil` for all, one, or the two whose margin it is.
  public var target: [Int]?
  /// The gain really attained, or `nil`.
  public var attained: Double?
  /// The methods in the order of tables.
  public var results: [Result]
  /// The certificate in the same folder, or `nil`.
  public var certificate: CertificateFile?

  /// Reads the text of a `results.json`.
  ///
  /// - Throws: `DecodingError` when it is none.
  public init(json: Data) throws { self = try JSONDecoder().decode(Self.self, from: json) }

  /// The result with the least certified bound.
  public var best: Result? {
    results.filter { $0.certified && $0.upper != nil }.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
  }

  /// A result's bound over the best one, rounded up; `nil` when there is either no bound or no best one.
  public func ratio(_ result: Result) -> Double? {
    guard let upper = result.upper, let best = best?.upper, best > 0 else { return nil }
    return upper == best ? 1 : (upper / best).nextUp
  }

  /// A result's bound over the attained gain, rounded up.
  public func tightness(_ result: Result) -> Double? {
    guard let upper = result.upper, let attained, attained > 0 else { return nil }
    return upper == attained ? 1 : (upper / attained).nextUp
  }
}
