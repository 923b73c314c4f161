import LinearAlgebra
import Training

/// Pulls the scales γ of batch normalisation to zero: the penalty λ Σ |γ|, with the subgradient λ sgn γ that is zero at zero.
///
/// Liu et al.: Learning efficient convolutional networks through network slimming, ICCV 2017; λ is 10⁻⁴ or 10⁻⁵ there.
public struct Slimming: TrainingHook {
  /// λ.
  public let strength: Double
  private var scales: [Range<Int>] = []

  /// The penalty with a strength.
  public init(strength: Double) { self.strength = strength }

  /// Names λ.
  public var identity: String { "slimming \(strength)" }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) { try CompressionError.check(positive: strength, key: "strength") }

  /// Nothing.
  public var memory: TrainingMemory {
    get { TrainingMemory() }
    set {}
  }

  /// Finds the scales.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when there are none.
  public mutating func begin(_ parameters: [Float], model: Model<Float>) throws {
    try check()
    scales = try ChannelScales.layers(of: model).map(\.scale)
  }

  /// Adds the subgradient.
  public mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
    var sum = 0.0
    for i in scales.joined() where parameters[i] != 0 {
      gradient[i] += parameters[i] > 0 ? Float(strength) : -Float(strength)
      sum += Double(parameters[i].magnitude)
    }
    return strength * sum
  }
}
