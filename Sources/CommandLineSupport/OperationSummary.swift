import LinearAlgebra
import Networks

/// What a node is called and what it costs.
public struct OperationSummary: Sendable {
  /// The operation in a word or two.
  public var name: String
  /// Stored parameters.
  public var parameters = 0
  /// Multiply-adds of one evaluation.
  public var multiplyAdds = 0

  /// Sums up one node.
  public init(_ node: Network.Node) {
    let elements = node.shape.count
    switch node.operation {
    case .input: name = "input"
    case .dense(let weight, let bias):
      name = "dense \(weight.columns) -> \(weight.rows)"
      parameters = weight.elements.count + (bias?.count ?? 0)
      multiplyAdds = elements * weight.columns
    case .convolution(let convolution):
      name = "convolution \(Self.times(convolution.kernel))"
      if convolution.strides.contains(where: { $0 != 1 }) { name += " stride \(Self.times(convolution.strides))" }
      if convolution.groups != 1 { name += " groups \(convolution.groups)" }
      parameters = convolution.weight.elements.count + (convolution.bias?.count ?? 0)
      multiplyAdds = elements * convolution.weight.columns
    case .batchNormalization(let normalization):
      name = "batch normalisation"
      parameters = 4 * normalization.scale.count
      multiplyAdds = elements
    case .addConstant(let constant, _): (name, parameters) = ("add constant", constant.values.count)
    case .multiplyConstant(let constant): (name, parameters, multiplyAdds) = ("multiply by constant", constant.values.count, elements)
    case .divideConstant(let constant): (name, parameters, multiplyAdds) = ("divide by constant", constant.values.count, elements)
    case .sum(let signs): name = "sum of \(signs.count)"
    case .concatenation: name = "concatenation"
    case .slice: name = "slice"
    case .reshape: name = "reshape"
    case .transpose: name = "transpose"
    case .pad: name = "pad"
    case .gather: name = "gather"
    case .reduction(_, _, let isMean): name = isMean ? "mean" : "sum over axes"
    case .averagePool(let pooling): name = "average pool \(Self.times(pooling.kernel))"
    case .globalAveragePool: name = "global average pool"
    case .maxPool(let pooling): name = "max pool \(Self.times(pooling.kernel))"
    case .activation(let activation):
      let parameters = activation.parameters.map { "\($0)" }.joined(separator: ", ")
      name = activation.name + (parameters.isEmpty ? "" : "(\(parameters))")
    case .parametricReLU(let slopes): (name, parameters) = ("parametric ReLU", slopes.values.count)
    case .maximum: name = "maximum"
    case .minimum: name = "minimum"
    case .groupSort(let size, _): name = "group sort \(size)"
    }
  }

  private static func times(_ lengths: [Int]) -> String { lengths.map(String.init).joined(separator: "x") }
}
