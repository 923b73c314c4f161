import LinearAlgebra
import Networks

/// Neighbouring channels of every pixel in ascending order within groups: a gradient-norm preserving activation; MaxMin up to order for
/// groups of two.
///
/// Anil, Lucas, Grosse: "Sorting out Lipschitz function approximation", arXiv 1811.05381.
public struct GroupSortLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The channels in one group.
  public let size: Int

  /// A layer that sorts groups of `size` channels.
  public init(_ name: String, size: Int = 2) {
    self.name = name
    self.size = size
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    guard size >= 2, shape.channels.isMultiple(of: size) else {
      throw .shape(layer: name, detail: "it sorts groups of \(size) channels, at least two, which do not divide those of \(shape)")
    }
    return shape
  }

  /// Room for every element's place in its group.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> {
    LayerMemory(indices: capacity * (inputs.first?.count ?? 0))
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, memory, size, kernels) = (pass.inputs[0], pass.output, pass.memory, size, LayerKernels<Element>.shared)
    ParallelFor.runRanges(y.count / size, minimumChunk: ElementLoop.grain / size) { groups in
      let start = groups.lowerBound * size
      kernels.sortGroups(groups.count, size, x.base + start, y.base + start, memory.indices.baseAddress.map { $0 + start })
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient, memory) = (input.tensor, input.accumulates, pass.outputGradient, pass.memory)
    let (size, kernels) = (size, LayerKernels<Element>.shared)
    ParallelFor.runRanges(gradient.count / size, minimumChunk: ElementLoop.grain / size) { groups in
      let start = groups.lowerBound * size
      kernels.sortGroupsGradient(
        groups.count, size, memory.indices.baseAddress.map { UnsafePointer($0 + start) }, gradient.base + start, target.base + start,
        accumulates)
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    try export.network.add(.groupSort(size: size, axis: 1), name: name, to: inputs)
  }
}
