import LinearAlgebra
import Networks

/// y = scale (x − mean) / √(variance + ε) + shift in every channel, optionally followed by max(y, 0) in the same sweep.
///
/// In training the mean and the (biased) variance are those of all pixels of the batch, and the gradient goes through them; otherwise they
/// are running averages of the batches' means and unbiased variances. Means and variances are computed in double precision from sums of
/// distances, so that a mean far from zero costs no digits.
///
/// Ioffe, Szegedy: "Batch normalization", arXiv 1502.03167. Defaults are PyTorch's.
public struct BatchNormalizationLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The number of channels.
  public let channels: Int
  /// Whether negative results are replaced by zero.
  public let isRectified: Bool
  /// The share of the last batch in the running statistics.
  public let momentum: Double
  /// ε; a number of single precision, so that model files can hold it.
  public let epsilon: Double

  /// A normalisation that begins with scale 1 and shift 0.
  public init(_ name: String, channels: Int, isRectified: Bool = false, momentum: Double = 0.1, epsilon: Float = 1e-5) {
    self.name = name
    self.channels = channels
    self.isRectified = isRectified
    self.momentum = momentum
    self.epsilon = Double(epsilon)
  }

  /// The scale and the shift of every channel.
  public var parameters: [ParameterDeclaration] {
    [
      ParameterDeclaration(name: "scale", shape: [channels], role: .scale, initialiser: .constant(1)),
      ParameterDeclaration(name: "shift", shape: [channels], role: .bias, initialiser: .constant(0)),
    ]
  }

  /// The running mean and variance of every channel.
  public var statistics: [ParameterDeclaration] {
    [
      ParameterDeclaration(name: "mean", shape: [channels], role: .statistic, initialiser: .constant(0)),
      ParameterDeclaration(name: "variance", shape: [channels], role: .statistic, initialiser: .constant(1)),
    ]
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    guard shape.channels == channels else {
      throw .shape(layer: name, detail: "it normalises \(channels) channels, not those of \(shape)")
    }
    guard epsilon > 0, 0...1 ~= momentum else {
      throw .setting(key: name, detail: "epsilon \(epsilon) must be positive and momentum \(momentum) between 0 and 1")
    }
    return shape
  }

  private var parts: PixelParts { PixelParts(channels: channels) }
  /// What is smallest after normalisation.
  private var lowest: Element { isRectified ? 0 : -Element.infinity }

  /// Room for the factors of every channel and the sums of all parts.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> {
    let pixels = capacity * (inputs.first?.pixels ?? 0)
    return LayerMemory(doubles: doubles(parts.count(pixels)), elements: 5 * channels)
  }

  /// 1 / √(variance + ε), what rounding added to the mean, then two sums from each part.
  private func doubles(_ parts: Int) -> Int { channels * (2 + 2 * parts) }

  /// The layer's memory: the numbers of ``doubles(_:)``, then one element a channel of each of the others.
  private struct Places: Sendable {
    let inverseDeviation, excess, partial: SharedBuffer<Double>
    let mean, scale, shift, base, slope: SharedBuffer<Element>
  }

  private func places(_ memory: LayerMemory<Element>, capacity: Int, shape: FeatureShape) -> Places {
    let count = doubles(parts.count(capacity * shape.pixels))
    let doubles = memory.doubles(count)
    let elements = memory.elements(after: count)
    func vector(_ index: Int) -> SharedBuffer<Element> { SharedBuffer(base: elements + index * channels) }
    return Places(
      inverseDeviation: SharedBuffer(base: doubles), excess: SharedBuffer(base: doubles + channels),
      partial: SharedBuffer(base: doubles + 2 * channels), mean: vector(0), scale: vector(1), shift: vector(2), base: vector(3),
      slope: vector(4))
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, parts, channels, lowest) = (pass.inputs[0], pass.output, parts, channels, lowest)
    let pixels = y.batch * y.shape.pixels
    guard pixels > 0 else { return }
    let kernels = LayerKernels<Element>.shared
    let places = places(pass.memory, capacity: y.capacity, shape: y.shape)
    if pass.mode.isTraining {
      parts.run(pixels) { part, element, count in
        let partial = places.partial.base + 2 * channels * part
        kernels.channelMoments(count, channels, x.base + element, partial, partial + channels)
      }
      parts.combineMoments(places.partial.base, pixels: pixels)
    }
    prepare(pass, places, pixels: pixels)
    parts.run(pixels, isReversed: true) { _, element, count in
      kernels.channelNormalize(
        count, channels, x.base + element, places.mean.base, places.scale.base, places.shift.base, lowest, y.base + element)
    }
  }

  /// The channels' factors, and the running statistics after a batch.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func prepare(_ pass: ForwardPass<Element>, _ places: Places, pixels: Int) {
    for channel in 0..<channels {
      var mean = Double(pass.statistics[channel])
      var variance = Double(pass.statistics[channels + channel])
      if pass.mode.isTraining {
        let squares = places.partial.base[channels + channel]
        if pass.mode.updatesStatistics {
          let unbiased = squares / Double(max(1, pixels - 1))
          pass.statistics[channel] = Element(mean + momentum * (places.partial.base[channel] - mean))
          pass.statistics[channels + channel] = Element(variance + momentum * (unbiased - variance))
        }
        mean = places.partial.base[channel]
        variance = squares / Double(pixels)
      }
      let inverse = 1 / (variance + epsilon).squareRoot()
      let (rounded, scale) = (Element(mean), Double(pass.parameters[channel]) * inverse)
      // Kernels subtract the rounded mean, which costs no digits of x; the shift makes up for the rounding.
      let excess = Double(rounded) - mean
      places.inverseDeviation.base[channel] = inverse
      places.excess.base[channel] = excess
      places.mean.base[channel] = rounded
      places.scale.base[channel] = Element(scale)
      places.shift.base[channel] = Element(Double(pass.parameters[channels + channel]) + scale * excess)
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    let (x, gradient, parts, channels, lowest) = (pass.inputs[0], pass.outputGradient, parts, channels, lowest)
    let pixels = gradient.batch * gradient.shape.pixels
    guard pixels > 0 else { return }
    let kernels = LayerKernels<Element>.shared
    let places = places(pass.memory, capacity: pass.output.capacity, shape: pass.output.shape)
    if pass.mode.isTraining || pass.parameterGradient != nil {
      parts.run(pixels) { part, element, count in
        let partial = places.partial.base + 2 * channels * part
        kernels.channelGradientSums(
          count, channels, x.base + element, gradient.base + element, places.mean.base, places.scale.base, places.shift.base, lowest,
          partial, partial + channels)
      }
      parts.combineSums(places.partial.base, pixels: pixels)
    }
    finish(pass, places, pixels: pixels)
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates) = (input.tensor, input.accumulates)
    parts.run(pixels, isReversed: true) { _, element, count in
      kernels.channelGradient(
        count, channels, x.base + element, gradient.base + element, places.mean.base, places.scale.base, places.shift.base, lowest,
        places.base.base, places.slope.base, target.base + element, accumulates)
    }
  }

  /// The parameters' gradient, and what the gradient with respect to x has besides scale/σ · g: with x̂ the normalised input and averages
  /// over all pixels, ∂/∂x = scale/σ · (g − mean(g) − x̂ mean(g x̂)).
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func finish(_ pass: BackwardPass<Element>, _ places: Places, pixels: Int) {
    for channel in 0..<channels {
      let inverse = places.inverseDeviation.base[channel]
      let (sum, excess) = (places.partial.base[channel], places.excess.base[channel])
      let product = places.partial.base[channels + channel] + excess * sum
      if let gradient = pass.parameterGradient {
        gradient[channel] += Element(product * inverse)
        gradient[channels + channel] += Element(sum)
      }
      guard pass.mode.isTraining else {
        places.base.base[channel] = 0
        places.slope.base[channel] = 0
        continue
      }
      let share = Double(pass.parameters[channel]) * inverse / Double(pixels)
      let slope = share * product * inverse * inverse
      places.base.base[channel] = Element(share * sum + slope * excess)
      places.slope.base[channel] = Element(slope)
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let normalization = Operation.BatchNormalization(
      scale: values.parameters[0], shift: values.parameters[1], mean: values.statistics[0], variance: values.statistics[1],
      epsilon: epsilon)
    let node = try export.network.add(.batchNormalization(normalization), name: name, to: inputs)
    return isRectified ? try export.network.add(.activation(.relu), name: "\(name).relu", to: [node]) : node
  }
}
