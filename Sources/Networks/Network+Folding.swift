import LinearAlgebra

extension Network {
  /// The network with every batch normalisation folded into the convolution or dense layer directly before it, where nothing else reads that
  /// layer's output: W becomes s W and b becomes s (b − mean) + shift with s = scale / √(variance + ε).
  ///
  /// The function is the same up to the rounding of the new weights, so a certificate belongs to the network that was certified: fold
  /// before, not after. Certification does not need it: it takes normalisations as they are, with factors that it encloses.
  ///
  /// - Throws: ``NetworkError/notFinite(node:detail:)`` when a folded weight overflows.
  public func foldingBatchNormalization() throws -> Network {
    var uses = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { uses[input] += 1 } }
    for output in outputs { uses[output] += 1 }

    var operations = nodes.map(\.operation)
    /// The node that a folded normalisation has become part of.
    var roots = Array(nodes.indices)
    for (index, node) in nodes.enumerated() {
      guard case .batchNormalization(let normalization) = node.operation, let source = node.inputs.first, uses[source] == 1 else {
        continue
      }
      guard let folded = operations[roots[source]].folded(normalization, rank: node.shape.rank) else { continue }
      operations[roots[source]] = folded
      roots[index] = roots[source]
    }

    var result = Network()
    var places: [Int] = []
    for (index, node) in nodes.enumerated() {
      if roots[index] != index {
        places.append(places[roots[index]])
      } else if case .input = node.operation {
        places.append(result.addInput(name: node.name, shape: node.shape))
      } else {
        places.append(try result.add(operations[index], name: node.name, to: node.inputs.map { places[$0] }))
      }
    }
    try result.setOutputs(outputs.map { places[$0] }, names: outputNames)
    return result
  }
}

extension Operation {
  /// This operation followed by a normalisation of its result, which has `rank` axes; `nil` when that is not one operation.
  fileprivate func folded(_ normalization: BatchNormalization, rank: Int) -> Operation? {
    let factors = normalization.scale.indices.map { channel in
      normalization.scale[channel] / (normalization.variance[channel] + normalization.epsilon).squareRoot()
    }
    func scaled(_ weight: Matrix<Double>) -> Matrix<Double> {
      Matrix(
        rows: weight.rows, columns: weight.columns,
        elements: weight.elements.indices.map { factors[$0 / weight.columns] * weight.elements[$0] })
    }
    func shifted(_ bias: [Double]?) -> [Double] {
      factors.indices.map { factors[$0] * ((bias?[$0] ?? 0) - normalization.mean[$0]) + normalization.shift[$0] }
    }
    switch self {
    // Channels are axis 1, a dense layer's outputs the last one.
    case .dense(let weight, let bias) where rank == 2: return .dense(weight: scaled(weight), bias: shifted(bias))
    case .convolution(let convolution):
      return .convolution(
        Convolution(
          weight: scaled(convolution.weight), bias: shifted(convolution.bias), kernel: convolution.kernel, strides: convolution.strides,
          dilations: convolution.dilations, padBefore: convolution.padBefore, padAfter: convolution.padAfter, groups: convolution.groups))
    default: return nil
    }
  }
}
