import LinearAlgebra
import Networks

extension LoweredNetwork {
  /// Refuses a graph that breaks the rules of the normal form, on which the recursion relies.
  ///
  /// The lowering of a model keeps them; a network put together by hand need not.
  ///
  /// - Throws: ``NotProved`` that names the node.
  func requireNormalForm() throws {
    guard let first = nodes.first, case .input = first.kind else { throw NotProved("the network does not begin with its input") }
    for (index, node) in nodes.enumerated() {
      func require(_ condition: Bool) throws {
        if !condition { throw NotProved("'\(node.name)' breaks the normal form of networks") }
      }
      switch node.kind {
      case .input:
        try require(index == 0 && node.count >= 0)
      case .affine(let terms, _):
        for term in terms {
          try require((0..<index).contains(term.source))
          let source = nodes[term.source].count
          try require((term.map?.inputCount ?? source) == source && (term.map?.outputCount ?? source) == node.count)
        }
      case .activation(let source, let units):
        try require((0..<index).contains(source) && nodes[source].count == node.count)
        switch units {
        case .uniform(let activation):
          try require(activation.parameters.allSatisfy(\.isFinite))
          if case .clip(let lower, let upper) = activation { try require(lower <= upper) }
        case .leakyReLU(let slopes): try require(slopes.count == node.count && slopes.allSatisfy(\.isFinite))
        }
      }
    }
  }
}
