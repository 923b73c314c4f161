import Certificates
import LinearAlgebra
import Networks

extension LipschitzProblem {
  /// The problem in which input j alone moves: one input, the same units and outputs.
  ///
  /// All norms agree on one input; it is posed in the Euclidean one.
  ///
  /// - Precondition: `j` is an input.
  func column(_ j: Int) throws -> LipschitzProblem {
    try LipschitzProblem(lowered: lowered.restricted(toInput: j), inputNorm: .l2, output: output)
  }

  /// The same problem with inputs measured in another norm.
  func measuringInputs(in norm: InputNorm) throws -> LipschitzProblem {
    guard let network else { return try LipschitzProblem(lowered: lowered, inputNorm: norm, output: output) }
    return try LipschitzProblem(network, inputNorm: norm, output: output)
  }
}

extension LoweredNetwork {
  /// The network as a function of input j alone, the others being zero: a first affine node places it among them.
  fileprivate func restricted(toInput j: Int) -> LoweredNetwork {
    var place = Matrix<Double>(rows: inputCount, columns: 1)
    place[j, 0] = 1
    let start: [Node] = [
      Node(name: "coordinate", kind: .input, count: 1),
      Node(name: nodes[0].name, kind: .affine(terms: [Term(source: 0, map: DenseMap(weight: place))], bias: nil), count: inputCount),
    ]
    let rest = nodes.dropFirst().map { node -> Node in
      let kind: Kind =
        switch node.kind {
        case .input: .input
        case .affine(let terms, let bias): .affine(terms: terms.map { Term(source: $0.source + 1, map: $0.map) }, bias: bias)
        case .activation(let source, let units): .activation(source: source + 1, units: units)
        }
      return Node(name: node.name, kind: kind, count: node.count)
    }
    return LoweredNetwork(nodes: start + rest)
  }
}
