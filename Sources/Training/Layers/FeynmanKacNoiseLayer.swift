import LinearAlgebra

/// y = x + c s g with independent standard normal g and s the standard deviation of all elements of the batch, when the mode is noisy; the
/// identity otherwise and in the exported network.
///
/// In training the gradient goes through s, as in the authors' code. Outside training s is a running average of the batches' deviations,
/// so that the noisy network is a function of each sample alone.
///
/// Wang, Shi, Osher: "ResNets ensemble via the Feynman-Kac formalism to improve natural and robust accuracies", arXiv 1811.10745.
public struct FeynmanKacNoiseLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// c.
  public let coefficient: Double
  /// The share of the last batch in the running deviation.
  public let momentum: Double

  /// Noise in proportion to what it is added to.
  public init(_ name: String, coefficient: Double = 0.1, momentum: Double = 0.1) {
    self.name = name
    self.coefficient = coefficient
    self.momentum = momentum
  }

  /// The running deviation.
  public var statistics: [ParameterDeclaration] {
    [ParameterDeclaration(name: "deviation", shape: [1], role: .statistic, initialiser: .constant(1))]
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard coefficient >= 0, coefficient.isFinite, 0...1 ~= momentum else {
      throw .setting(
        key: name, detail: "coefficient \(coefficient) must be finite and not negative, momentum \(momentum) between 0 and 1")
    }
    return try single(inputs)
  }

  /// Elements are treated as pixels of one channel.
  private var parts: PixelParts { PixelParts(channels: 1) }

  /// Room for the mean and the deviation, and for two sums from each part.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> {
    LayerMemory(doubles: 2 + 2 * parts.count(capacity * (inputs.first?.count ?? 0)))
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    guard pass.mode.isNoisy, coefficient > 0, pass.output.count > 0 else { return copy(pass) }
    guard pass.mode.isTraining else { return addNoise(pass, deviation: Element(coefficient * Double(pass.statistics[0]))) }
    let (x, parts, kernels, count) = (pass.inputs[0], parts, LayerKernels<Element>.shared, pass.output.count)
    let doubles = SharedBuffer(base: pass.memory.doubles(2 + 2 * parts.count(count)))
    parts.run(count) { part, element, count in
      let partial = doubles.base + 2 + 2 * part
      kernels.channelMoments(count, 1, x.base + element, partial, partial + 1)
    }
    parts.combineMoments(doubles.base + 2, pixels: count)
    let deviation = (doubles.base[3] / Double(max(1, count - 1))).squareRoot()
    doubles.base[0] = doubles.base[2]
    doubles.base[1] = deviation
    if pass.mode.updatesStatistics {
      let running = Double(pass.statistics[0])
      pass.statistics[0] = Element(running + momentum * (deviation - running))
    }
    addNoise(pass, deviation: Element(coefficient * deviation))
  }

  /// Computes the gradients: ∂s/∂xᵢ = (xᵢ − mean) / ((n − 1) s), and c g = (y − x) / s.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    guard pass.mode.isNoisy, pass.mode.isTraining, coefficient > 0, pass.output.count > 0 else { return self.pass(pass) }
    let (x, y, gradient, parts, kernels) = (pass.inputs[0], pass.output, pass.outputGradient, parts, LayerKernels<Element>.shared)
    let (target, accumulates, count) = (input.tensor, input.accumulates, pass.outputGradient.count)
    let doubles = SharedBuffer(base: pass.memory.doubles(2 + 2 * parts.count(count)))
    parts.run(count) { part, element, count in
      doubles.base[2 + part] = kernels.noiseProduct(count, gradient.base + element, x.base + element, y.base + element)
    }
    var product = 0.0
    for part in 0..<parts.count(count) { product += doubles.base[2 + part] }
    let (mean, deviation) = (doubles.base[0], doubles.base[1])
    // Where all elements are the same there is no noise, and s has no derivative.
    let slope = deviation > 0 ? product / (deviation * deviation * Double(max(1, count - 1))) : 0
    ElementLoop.run(count) { range in
      let start = range.lowerBound
      kernels.noiseGradient(
        range.count, gradient.base + start, Element(slope), Element(mean), x.base + start, target.base + start, accumulates)
    }
  }

  /// Adds nothing: the network is deployed without noise.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int { inputs[0] }
}
