import LinearAlgebra
import Networks

extension Network {
  /// Whether every weight and constant is a float32 number.
  var isSinglePrecision: Bool { nodes.allSatisfy { $0.operation.numbers.allSatisfy { $0.allSatisfy { Double(Float($0)) == $0 } } } }
}

extension Operation {
  /// Every real number the operation holds.
  var numbers: [[Double]] {
    switch self {
    case .dense(let weight, let bias): [weight.elements, bias ?? []]
    case .convolution(let convolution): [convolution.weight.elements, convolution.bias ?? []]
    case .batchNormalization(let parameters):
      [parameters.scale, parameters.shift, parameters.mean, parameters.variance, [parameters.epsilon]]
    case .addConstant(let constant, _), .multiplyConstant(let constant), .divideConstant(let constant), .parametricReLU(let constant):
      [constant.values]
    case .pad(_, _, let value): [[value]]
    case .activation(let activation): [activation.parameters]
    case .input, .sum, .concatenation, .slice, .reshape, .transpose, .gather, .reduction, .averagePool, .globalAveragePool, .maxPool,
      .maximum, .minimum, .groupSort:
      []
    }
  }

  /// The least ONNX operator set with the operators it is written as.
  var neededOperatorSet: Int {
    switch self {
    case .activation(.gelu), .activation(.geluTanh): 20
    case .activation(.mish): 18
    case .averagePool(let pooling): pooling.dilations.allSatisfy { $0 == 1 } ? 17 : 19
    default: 17
    }
  }
}
