import LinearAlgebra

/// y = x + σ g with independent standard normal g, when the mode is noisy; the identity otherwise and in the exported network.
public struct GaussianNoiseLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// σ.
  public let deviation: Element

  /// Noise of a fixed standard deviation.
  public init(_ name: String, deviation: Element) {
    self.name = name
    self.deviation = deviation
  }

  /// The input: noise does not depend on it.
  public var passesGradientTo: Int? { 0 }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard deviation >= 0, deviation.isFinite else {
      throw .setting(key: name, detail: "a standard deviation of \(deviation) is not a finite number that is not negative")
    }
    return try single(inputs)
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    if pass.mode.isNoisy { addNoise(pass, deviation: deviation) } else { copy(pass) }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) { self.pass(pass) }

  /// Adds nothing: the network is deployed without noise.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int { inputs[0] }
}
