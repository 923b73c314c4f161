import LinearAlgebra
import Networks

extension ONNXExporter {
  /// Writes one network node as one or several operators, the last of which gives `target.output`.
  mutating func export(_ node: Network.Node, to target: inout ONNXTarget) throws {
    let x = target.input
    func shape(of input: Int) -> Shape { network.nodes[node.inputs[input]].shape }
    switch node.operation {
    case .input: break
    case .dense(let weight, let bias): dense(weight, bias, rank: shape(of: 0).rank, target)
    case .convolution(let convolution): self.convolution(convolution, target)
    case .batchNormalization(let parameters): batchNormalization(parameters, target)
    case .addConstant(let constant, let sign):
      let c = reals(constant.values, constant.shape.dimensions, target, "constant")
      if sign > 0 { last("Add", [x, c], target) } else { last("Sub", [c, x], target) }
    case .multiplyConstant(let constant): last("Mul", [x, reals(constant.values, constant.shape.dimensions, target, "factor")], target)
    case .divideConstant(let constant): last("Div", [x, reals(constant.values, constant.shape.dimensions, target, "divisor")], target)
    case .sum(let signs): sum(signs, target)
    case .concatenation(let axis): last("Concat", target.inputs, target, [.integer("axis", axis)])
    case .slice(let starts, let ends, let steps):
      // A backward slice that takes in the first element ends before it; −1 would mean the last one.
      let bounds = [
        (starts, "starts"), (ends.map { $0 < 0 ? Int.min : $0 }, "ends"), (Array(starts.indices), "axes"), (steps, "steps"),
      ]
      var inputs = [x]
      for (values, part) in bounds { inputs.append(integers(values, target, part)) }
      last("Slice", inputs, target)
    case .reshape(let shape): last("Reshape", [x, integers(shape.dimensions, target, "shape")], target)
    case .transpose(let permutation): last("Transpose", [x], target, [.integers("perm", permutation)])
    case .pad(let before, let after, let value):
      last(
        "Pad", [x, integers(before + after, target, "pads"), reals([value], [], target, "value")], target, [.string("mode", "constant")])
    case .gather(let axis, let indices, let keepsAxis):
      last("Gather", [x, integers(indices, isScalar: !keepsAxis, target, "indices")], target, [.integer("axis", axis)])
    case .reduction(let axes, let keepsAxes, let isMean):
      let keep = ONNXAttribute.integer("keepdims", keepsAxes ? 1 : 0)
      if isMean, version < 18 {
        last("ReduceMean", [x], target, [.integers("axes", axes), keep])
      } else {
        last(isMean ? "ReduceMean" : "ReduceSum", [x, integers(axes, target, "axes")], target, [keep])
      }
    case .averagePool(let pooling):
      last("AveragePool", [x], target, windows(pooling) + [.integer("count_include_pad", pooling.countsPadding ? 1 : 0)])
    case .globalAveragePool: last("GlobalAveragePool", [x], target)
    case .maxPool(let pooling): last("MaxPool", [x], target, windows(pooling))
    case .activation(let activation): try self.activation(activation, target)
    case .parametricReLU(let slopes): last("PRelu", [x, reals(slopes.values, slopes.shape.dimensions, target, "slopes")], target)
    case .maximum: last("Max", target.inputs, target)
    case .minimum: last("Min", target.inputs, target)
    case .groupSort(let size, let axis): groupSort(size: size, axis: axis, shape: node.shape, target)
    }
  }

  private mutating func last(_ operatorName: String, _ inputs: [String], _ target: ONNXTarget, _ attributes: [ONNXAttribute] = []) {
    emit(operatorName, inputs, output: target.output, name: target.name, attributes: attributes)
  }

  private mutating func dense(_ weight: Matrix<Double>, _ bias: [Double]?, rank: Int, _ target: ONNXTarget) {
    if rank == 2 {
      var inputs = [target.input, reals(weight.elements, [weight.rows, weight.columns], target, "weight")]
      if let bias { inputs.append(reals(bias, [bias.count], target, "bias")) }
      last("Gemm", inputs, target, [.integer("transB", 1)])
      return
    }
    let inputs = [target.input, reals(weight.transposed.elements, [weight.columns, weight.rows], target, "weight")]
    guard let bias else { return last("MatMul", inputs, target) }
    let product = emitPart("MatMul", inputs, of: target)
    last("Add", [product, reals(bias, [bias.count], target, "bias")], target)
  }

  private mutating func convolution(_ convolution: Operation.Convolution, _ target: ONNXTarget) {
    let patch = convolution.kernel.reduce(1, *)
    let dimensions = [convolution.weight.rows, convolution.weight.columns / patch] + convolution.kernel
    var inputs = [target.input, reals(convolution.weight.elements, dimensions, target, "weight")]
    if let bias = convolution.bias { inputs.append(reals(bias, [bias.count], target, "bias")) }
    last(
      "Conv", inputs, target,
      [
        .integers("dilations", convolution.dilations), .integer("group", convolution.groups), .integers("kernel_shape", convolution.kernel),
        .integers("pads", convolution.padBefore + convolution.padAfter), .integers("strides", convolution.strides),
      ])
  }

  private func windows(_ pooling: Operation.Pooling) -> [ONNXAttribute] {
    var attributes: [ONNXAttribute] = [
      .integer("ceil_mode", pooling.ceilMode ? 1 : 0), .integers("kernel_shape", pooling.kernel),
      .integers("pads", pooling.padBefore + pooling.padAfter), .integers("strides", pooling.strides),
    ]
    if pooling.dilations.contains(where: { $0 != 1 }) { attributes.append(.integers("dilations", pooling.dilations)) }
    return attributes
  }

  /// ε is a float32 attribute: what that rounds away goes into the variances.
  private mutating func batchNormalization(_ parameters: Operation.BatchNormalization, _ target: ONNXTarget) {
    let rounding = parameters.epsilon - Double(Float(parameters.epsilon))
    let count = [parameters.scale.count]
    let inputs = [
      target.input, reals(parameters.scale, count, target, "scale"), reals(parameters.shift, count, target, "shift"),
      reals(parameters.mean, count, target, "mean"), reals(parameters.variance.map { $0 + rounding }, count, target, "variance"),
    ]
    last("BatchNormalization", inputs, target, [.real("epsilon", parameters.epsilon)])
  }

  private mutating func sum(_ signs: [Double], _ target: ONNXTarget) {
    let inputs = target.inputs
    switch signs {
    case [1]: last("Identity", inputs, target)
    case [-1]: last("Neg", inputs, target)
    case [1, 1]: last("Add", inputs, target)
    case [1, -1]: last("Sub", inputs, target)
    case _ where signs.allSatisfy { $0 == 1 }: last("Sum", inputs, target)
    default:
      var partial = signs[0] == 1 ? inputs[0] : emitPart("Neg", [inputs[0]], of: target)
      for (input, sign) in zip(inputs, signs).dropFirst().dropLast() {
        partial = emitPart(sign == 1 ? "Add" : "Sub", [partial, input], of: target)
      }
      last(signs[signs.count - 1] == 1 ? "Add" : "Sub", [partial, inputs[inputs.count - 1]], target)
    }
  }

  /// Groups become an axis of their own, which TopK sorts.
  private mutating func groupSort(size: Int, axis: Int, shape: Shape, _ target: ONNXTarget) {
    var grouped = shape.dimensions
    grouped[axis] /= size
    grouped.insert(size, at: axis + 1)
    let split = emitPart("Reshape", [target.input, integers(grouped, target, "groups")], of: target)
    let sorted = uniqueName("\(target.output)/TopK")
    emit(
      "TopK", [split, integers([size], target, "size")], output: sorted, name: sorted,
      attributes: [.integer("axis", axis + 1), .integer("largest", 0), .integer("sorted", 1)],
      extraOutputs: [uniqueName("\(target.output)/indices")])
    last("Reshape", [sorted, integers(shape.dimensions, target, "shape")], target)
  }

  private mutating func activation(_ activation: Activation, _ target: ONNXTarget) throws {
    let x = target.input
    let isExact = !isDouble || activation.parameters.allSatisfy { Double(Float($0)) == $0 }
    switch activation {
    case .relu: last("Relu", [x], target)
    case .leakyReLU(let slope):
      // The attribute is float32; the operator with slopes as a tensor is not limited.
      if isExact {
        last("LeakyRelu", [x], target, [.real("alpha", slope)])
      } else {
        last("PRelu", [x, reals([slope], [1], target, "slope")], target)
      }
    case .tanh: last("Tanh", [x], target)
    case .sigmoid: last("Sigmoid", [x], target)
    case .elu(let alpha):
      guard isExact else {
        throw FormatError(
          .unsupported, place: .node(target.name), reason: "ONNX holds ELU's α in single precision, and \(alpha) is not such a number")
      }
      last("Elu", [x], target, [.real("alpha", alpha)])
    case .softplus: last("Softplus", [x], target)
    case .clip(let lower, let upper):
      last("Clip", [x, reals([lower], [], target, "lower"), reals([upper], [], target, "upper")], target)
    case .hardSigmoid(let slope, let offset):
      if isExact { return last("HardSigmoid", [x], target, [.real("alpha", slope), .real("beta", offset)]) }
      let scaled = emitPart("Mul", [x, reals([slope], [], target, "slope")], of: target)
      let shifted = emitPart("Add", [scaled, reals([offset], [], target, "offset")], of: target)
      last("Clip", [shifted, reals([0], [], target, "lower"), reals([1], [], target, "upper")], target)
    case .gelu: last("Gelu", [x], target)
    case .geluTanh: last("Gelu", [x], target, [.string("approximate", "tanh")])
    case .silu: last("Mul", [x, emitPart("Sigmoid", [x], of: target)], target)
    case .mish: last("Mish", [x], target)
    case .hardSwish: last("HardSwish", [x], target)
    case .absoluteValue: last("Abs", [x], target)
    }
  }
}
