import LinearAlgebra
import Training

/// Trains towards an N:M pattern from the beginning: the passes see the weights projected on the pattern, the gradient there moves all weights, and
/// those outside the pattern are pulled to zero by the gradient λ w, so that the pattern settles.
///
/// Zhou et al.: Learning N:M fine-grained structured sparse neural networks from scratch (SR-STE), ICLR 2021.
public struct SparseRefinement: TrainingHook {
  /// The pattern.
  public let pattern: PatternSelection
  /// λ; the paper has 2·10⁻⁴.
  public let strength: Double
  private var filters: WeightGroups?
  /// What the passes of this step see.
  private var mask: PruningMask?

  /// Refinement towards a pattern.
  public init(_ pattern: PatternSelection, strength: Double = 2e-4) {
    self.pattern = pattern
    self.strength = strength
  }

  /// Names the pattern and λ.
  public var identity: String { "sparse refinement \(strength) towards \(pattern.identity)" }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    try pattern.check()
    guard strength >= 0, strength.isFinite else { throw .setting(key: "strength", detail: "\(strength) is not zero or positive") }
  }

  /// Nothing: the pattern is that of the weights.
  public var memory: TrainingMemory {
    get { TrainingMemory() }
    set {}
  }

  /// The passes see the projected weights.
  public var isSubstituting: Bool { true }

  /// Finds the weights.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public mutating func begin(_ parameters: [Float], model: Model<Float>) throws {
    try check()
    filters = try WeightGroups(.filters, of: model, scope: pattern.scope)
  }

  /// Projects on the pattern.
  public mutating func substitute(_ parameters: inout [Float], at position: TrainingPosition) {
    mask = filters.map { pattern.mask(parameters, of: $0) }
    mask?.apply(to: &parameters)
  }

  /// Adds λ w of what the passes did not see.
  public mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
    guard let filters, let mask else { return 0 }
    var sum = 0.0
    for layer in filters.layers {
      for i in layer.range where !mask.isKept[i] {
        gradient[i] += Float(strength) * parameters[i]
        sum += Double(parameters[i]) * Double(parameters[i])
      }
    }
    return strength / 2 * sum
  }

  /// What is deployed has the pattern.
  public func deploy(_ parameters: inout [Float]) {
    if let filters { pattern.mask(parameters, of: filters).apply(to: &parameters) }
  }
}
