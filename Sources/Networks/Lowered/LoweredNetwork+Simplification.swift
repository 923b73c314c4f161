import LinearAlgebra

extension LoweredNetwork {
  /// The same function with fewer affine nodes, for solvers: where maps merge, coefficients are rounded and radii dropped.
  ///
  /// Consecutive affine nodes merge where the composed map does not cost more than its parts (diagonals into dense and convolution rows or
  /// columns, products of dense maps through wide layers, index maps into dense columns). Activation nodes and their units stay as they are,
  /// so multipliers correspond one to one.
  public func simplified() -> LoweredNetwork {
    LoweredNetwork(nodes: Self.withCompositions(nodes, roundingBiases: true, Self.composeCheaply))
  }

  /// A network of the same l2 gains on fewer inputs, when the input feeds one dense map W with fewer rows than columns; else this one.
  ///
  /// With W = L Q, Q of orthonormal rows, W x ranges over L z with |z| ≤ |x| and equality on the rows of Q, so W is replaced by L. Only for
  /// bounds in the l2 norm over all inputs; L is rounded, so certificates use W.
  ///
  /// - Throws: `LinearAlgebraError` when W is too large for LAPACK.
  public func reducedInput() throws -> LoweredNetwork {
    let readers = nodes.indices.flatMap { index -> [(node: Int, term: Term)] in
      switch nodes[index].kind {
      case .input: []
      case .affine(let terms, _): terms.filter { $0.source == 0 }.map { (index, $0) }
      case .activation(let source, _): source == 0 ? [(index, Term(source: 0, map: nil))] : []
      }
    }
    guard readers.count == 1, let dense = readers[0].term.map as? DenseMap<Double>, dense.repetitions == 1,
      dense.weight.rows < dense.weight.columns, case .affine(let terms, let bias) = nodes[readers[0].node].kind
    else { return self }
    let triangle = DenseMap(weight: try dense.weight.lqFactor())
    var reduced = nodes
    let node = nodes[readers[0].node]
    reduced[0] = Node(name: nodes[0].name, kind: .input, count: triangle.inputCount)
    reduced[readers[0].node] = Node(
      name: node.name, kind: .affine(terms: terms.map { $0.source == 0 ? Term(source: 0, map: triangle) : $0 }, bias: bias),
      count: node.count)
    return LoweredNetwork(nodes: reduced)
  }

  /// The network followed by the rows of C, such as the difference of two outputs, as one more affine node.
  ///
  /// - Throws: ``NetworkError/invalidInput(node:detail:)`` unless C has ``outputCount`` columns, a row, and entries 0, 1 and −1 only, which
  ///   every later product keeps exact.
  public func targeting(rows: Matrix<Double>) throws -> LoweredNetwork {
    guard rows.rows > 0, rows.columns == outputCount, rows.elements.allSatisfy({ $0 == 0 || $0.magnitude == 1 }) else {
      throw NetworkError.invalidInput(
        node: "target", detail: "a \(rows.rows)×\(rows.columns) matrix for \(outputCount) outputs, or entries other than 0, 1 and -1")
    }
    let term = Term(source: nodes.count - 1, map: DenseMap(weight: rows))
    return LoweredNetwork(nodes: nodes + [Node(name: "target", kind: .affine(terms: [term], bias: nil), count: rows.rows)])
  }
}
