import LinearAlgebra
import Networks

/// The mean of several inputs, as of the logits of an ensemble's members.
public struct MeanLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The number of inputs.
  public let count: Int

  /// The mean of `count` inputs.
  public init(_ name: String, count: Int) {
    self.name = name
    self.count = count
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard let shape = inputs.first, inputs.count == count, inputs.allSatisfy({ $0 == shape }) else {
      throw .shape(
        layer: name,
        detail: "it averages \(count) inputs, at least one, of the same shape, not \(inputs.map(\.description).joined(separator: ", "))")
    }
    return shape
  }

  private var share: Element { 1 / Element(count) }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (inputs, y, kernels, share) = (pass.inputs, pass.output, LayerKernels<Element>.shared, share)
    ElementLoop.run(y.count) { range in
      let start = range.lowerBound
      for (index, input) in inputs.enumerated() {
        kernels.multiply(range.count, share, input.base + start, y.base + start, index == 0 ? 0 : 1)
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    for index in 0..<count { self.pass(pass, to: index, factor: share) }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let terms = try export.aligned(inputs, name: name)
    guard count > 1 else { return terms[0] }
    let sum = try export.network.add(.sum(signs: [Double](repeating: 1, count: count)), name: "\(name).sum", to: terms)
    let divisor = Operation.Constant(shape: [1], values: [Double(count)])
    return try export.network.add(.divideConstant(divisor), name: name, to: [sum])
  }
}
