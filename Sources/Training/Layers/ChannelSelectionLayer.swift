import LinearAlgebra
import Networks

/// Some channels of its input in a given order, and zeros: how networks without pruned channels choose what a layer reads, and spread out again
/// what it yields.
public struct ChannelSelectionLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The number of channels of the input.
  public let inputCount: Int
  /// The channel of the input that each channel of the output is; none is zero.
  public let sources: [Int?]
  /// The same with −1 for none.
  private let places: [Int32]

  /// A selection from `inputs` channels.
  public init(_ name: String, of inputs: Int, sources: [Int?]) {
    self.name = name
    inputCount = inputs
    self.sources = sources
    places = sources.map { $0.map { Int32(clamping: $0) } ?? -1 }
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    guard shape.channels == inputCount, !sources.isEmpty, sources.allSatisfy({ $0.map { 0..<inputCount ~= $0 } ?? true }) else {
      throw .shape(layer: name, detail: "it selects \(sources.count) of \(inputCount) channels, but its input is \(shape)")
    }
    return FeatureShape(height: shape.height, width: shape.width, channels: sources.count)
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels, inputs, places) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared, inputCount, places)
    ElementLoop.samples(y.batch * y.shape.pixels, size: places.count) { pixels in
      kernels.select(
        pixels.count, inputs, places.count, places, x.base + pixels.lowerBound * inputs, y.base + pixels.lowerBound * places.count)
    }
  }

  /// Computes the gradients; those of an input that is selected several times add up.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient) = (input.tensor, input.accumulates, pass.outputGradient)
    let (kernels, inputs, places) = (LayerKernels<Element>.shared, inputCount, places)
    ElementLoop.samples(gradient.batch * gradient.shape.pixels, size: max(inputs, places.count)) { pixels in
      kernels.selectGradient(
        pixels.count, inputs, places.count, places, gradient.base + pixels.lowerBound * places.count,
        target.base + pixels.lowerBound * inputs, accumulates)
    }
  }

  /// Adds the trained layer to a network: a gather along the channels, of a padded input where there are zeros.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    var node = inputs[0]
    if sources.contains(nil) {
      let none = [Int](repeating: 0, count: export.network.nodes[node].shape.rank)
      let one = none.indices.map { $0 == 1 ? 1 : 0 }
      node = try export.network.add(.pad(before: none, after: one, value: 0), name: "\(name).padded", to: [node])
    }
    return try export.network.add(
      .gather(axis: 1, indices: sources.map { $0 ?? inputCount }, keepsAxis: true), name: name, to: [node])
  }
}
