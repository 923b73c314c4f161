import LinearAlgebra

extension LoweredNetwork {
  /// The nodes with identities and index maps between affine nodes composed, unused nodes left out; the last node stays last.
  ///
  /// Nothing is rounded here, biases included.
  static func withExactCompositions(_ nodes: [Node]) -> [Node] {
    withCompositions(nodes, roundingBiases: false, composeExactly)
  }

  /// Replaces the terms of affine nodes that read affine nodes by those nodes' own terms, where `compose` gives a map for all of them.
  ///
  /// A node that others read too is only seen through when it is a single index map or identity, so work never grows by repetition.
  static func withCompositions(
    _ nodes: [Node], roundingBiases: Bool, _ compose: ((any LinearMap<Double>)?, (any LinearMap<Double>)?) -> Composite?
  ) -> [Node] {
    var nodes = nodes
    var uses = useCounts(nodes)
    for index in nodes.indices {
      guard uses[index] > 0, case .affine(let terms, let bias) = nodes[index].kind else { continue }
      var newTerms: [Term] = []
      var newBias = bias
      var queue = Array(terms.reversed())
      while let term = queue.popLast() {
        guard case .affine(let inner, let innerBias) = nodes[term.source].kind else {
          newTerms.append(term)
          continue
        }
        let isSingle = uses[term.source] == 1
        let isFree = isSingle || (inner.count == 1 && (inner[0].map == nil || inner[0].map is IndexMap<Double>))
        let keepsBias = innerBias == nil || (newBias == nil && (term.map == nil || term.map is IndexMap<Double>))
        let composites = isFree && (keepsBias || roundingBiases) ? inner.map { compose(term.map, $0.map) } : [nil]
        guard composites.allSatisfy({ $0 != nil }) else {
          newTerms.append(term)
          continue
        }
        if let innerBias {
          let moved = term.map?.apply(innerBias) ?? innerBias
          newBias = newBias.map { zip($0, moved).map { $0 + $1 } } ?? moved
        }
        uses[term.source] -= 1
        for (part, composite) in zip(inner, composites).reversed() {
          if let composite { queue.append(Term(source: part.source, map: composite.map)) }
          if !isSingle { uses[part.source] += 1 }
        }
      }
      nodes[index] = Node(name: nodes[index].name, kind: .affine(terms: newTerms, bias: newBias), count: nodes[index].count)
    }
    return compacted(nodes)
  }

  /// A composed map; `nil` inside is the identity.
  struct Composite {
    let map: (any LinearMap<Double>)?
  }

  /// outer ∘ inner when it needs no arithmetic.
  static func composeExactly(_ outer: (any LinearMap<Double>)?, _ inner: (any LinearMap<Double>)?) -> Composite? {
    guard let outer else { return Composite(map: inner) }
    guard let inner else { return Composite(map: outer) }
    guard let outer = outer as? IndexMap<Double>, let inner = inner as? IndexMap<Double> else { return nil }
    return Composite(map: IndexMap(inputCount: inner.inputCount, indices: Lowering.compose(outer.indices, after: inner.indices)))
  }

  /// How many terms and units read each node, counting only nodes that reach the last one.
  static func useCounts(_ nodes: [Node]) -> [Int] {
    var uses = Array(repeating: 0, count: nodes.count)
    guard !nodes.isEmpty else { return uses }
    uses[nodes.count - 1] = 1
    for index in nodes.indices.reversed() where uses[index] > 0 {
      switch nodes[index].kind {
      case .input: break
      case .affine(let terms, _): for term in terms { uses[term.source] += 1 }
      case .activation(let source, _): uses[source] += 1
      }
    }
    return uses
  }

  /// The nodes that reach the last one (and the input), renumbered in the same order.
  static func compacted(_ nodes: [Node]) -> [Node] {
    let uses = useCounts(nodes)
    var places = Array(repeating: 0, count: nodes.count)
    var result: [Node] = []
    for (index, node) in nodes.enumerated() where index == 0 || uses[index] > 0 {
      places[index] = result.count
      let kind: Kind
      switch node.kind {
      case .input: kind = .input
      case .affine(let terms, let bias): kind = .affine(terms: terms.map { Term(source: places[$0.source], map: $0.map) }, bias: bias)
      case .activation(let source, let units): kind = .activation(source: places[source], units: units)
      }
      result.append(Node(name: node.name, kind: kind, count: node.count))
    }
    return result
  }
}
