import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport

/// Fully connected networks as chains of matrices, from archives of reference networks.
enum ChainNetworks {
  /// The weights W0, W1, ... of an archive, (outputs, inputs) each.
  static func weights(_ file: String) throws -> [Matrix<Double>] {
    let archive = try NumPyArchive.read(path: SharedData.path("lipschitz/" + file))
    var result: [Matrix<Double>] = []
    while let array = archive["W\(result.count)"], array.dimensions.count == 2, let values = array.doubles {
      result.append(Matrix(rows: array.dimensions[0], columns: array.dimensions[1], elements: values))
    }
    return result
  }

  /// Matrices with an activation between each two.
  static func lowered(_ weights: [Matrix<Double>], activation: Activation = .relu) -> LoweredNetwork {
    var nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: weights[0].columns)]
    for (layer, weight) in weights.enumerated() {
      if layer > 0 {
        nodes.append(
          .init(name: "activation\(layer)", kind: .activation(source: nodes.count - 1, units: .uniform(activation)), count: weight.columns))
      }
      let term = LoweredNetwork.Term(source: nodes.count - 1, map: DenseMap(weight: weight))
      nodes.append(.init(name: "matrix\(layer)", kind: .affine(terms: [term], bias: nil), count: weight.rows))
    }
    return LoweredNetwork(nodes: nodes)
  }

  /// The chain of the transposes of W1 ... W_d, as published for the deep MNIST perceptrons.
  static func transposedChain(_ file: String, depth: Int) throws -> [Matrix<Double>] {
    try weights(file)[1...depth].map(\.transposed)
  }

  /// The network with only row `row` of its last matrix.
  static func oneOutput(_ file: String, row: Int) throws -> [Matrix<Double>] {
    var result = try weights(file)
    let last = result[result.count - 1]
    result[result.count - 1] = Matrix(rows: 1, columns: last.columns, elements: last.row(row))
    return result
  }
}

extension ChainNetworks {
  /// A fully connected network with the biases b0, b1, … of its archive.
  static func loweredWithBiases(_ file: String, activation: Activation = .relu) throws -> LoweredNetwork {
    let archive = try NumPyArchive.read(path: SharedData.path("lipschitz/" + file))
    var layer = 0
    let nodes = lowered(try weights(file), activation: activation).nodes.map { node in
      guard case .affine(let terms, _) = node.kind else { return node }
      defer { layer += 1 }
      return LoweredNetwork.Node(name: node.name, kind: .affine(terms: terms, bias: archive["b\(layer)"]?.doubles), count: node.count)
    }
    return LoweredNetwork(nodes: nodes)
  }
}
