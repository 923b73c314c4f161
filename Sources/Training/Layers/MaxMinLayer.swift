import LinearAlgebra
import Networks

/// The greater and the lesser of two halves a and b of the channels: (max(a, b), min(a, b)), the order of LiResNet.
///
/// Hu, Zou, Wang, Leino, Fredrikson: "Unlocking deterministic robustness certification on ImageNet", arXiv 2301.12549.
public struct MaxMinLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String

  /// A layer that compares the halves of the channels.
  public init(_ name: String) { self.name = name }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    guard shape.channels.isMultiple(of: 2) else {
      throw .shape(layer: name, detail: "it compares the halves of the channels, but \(shape) has an odd number of them")
    }
    return shape
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared)
    let channels = x.shape.channels
    ElementLoop.samples(y.batch * y.shape.pixels, size: channels) { pixels in
      let start = pixels.lowerBound * channels
      kernels.extremes(pixels.count, channels / 2, x.base + start, y.base + start)
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient, x) = (input.tensor, input.accumulates, pass.outputGradient, pass.inputs[0])
    let (channels, kernels) = (x.shape.channels, LayerKernels<Element>.shared)
    ElementLoop.samples(gradient.batch * x.shape.pixels, size: channels) { pixels in
      let start = pixels.lowerBound * channels
      kernels.extremesGradient(
        pixels.count, channels / 2, x.base + start, gradient.base + start, target.base + start, accumulates)
    }
  }

  /// Adds the trained layer to a network: as a sort of pairs between two permutations, which certificates bound better than a maximum and a
  /// minimum apart.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let half = export.network.nodes[inputs[0]].shape[1] / 2
    let pairs = (0..<half).flatMap { [$0, $0 + half] }
    let paired = try export.network.add(.gather(axis: 1, indices: pairs, keepsAxis: true), name: "\(name).pairs", to: inputs)
    let sorted = try export.network.add(.groupSort(size: 2, axis: 1), name: "\(name).sort", to: [paired])
    let halves = (0..<half).map { 2 * $0 + 1 } + (0..<half).map { 2 * $0 }
    return try export.network.add(.gather(axis: 1, indices: halves, keepsAxis: true), name: name, to: [sorted])
  }
}
