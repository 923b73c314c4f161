import LinearAlgebra

extension LoweredNetwork {
  /// x ↦ f(x) − g(x) for two networks of one graph, written in the differences of their values; `nil` when the graphs are not the same.
  ///
  /// With δ = z_f − z_g for an affine node and δ′ = h_f − h_g for an activation node,
  ///
  ///     δ = Σ F δ′ + Σ (F − G) h_g + (b_f − b_g),    δ′ = φ(z_g + δ) − φ(z_g).
  ///
  /// So the difference of two networks that are nearly the same is computed from small numbers, where f(x) and g(x) are large ones. Bound
  /// propagation knows the second form and bounds δ′ by δ. Nodes without a difference are left out.
  ///
  /// Every map is exact or carries radii. The graphs are the same when the nodes correspond one to one: kinds, lengths, sources, activation
  /// functions. Weights and the kinds of maps may differ, so pruned, masked and quantised copies of a network fit, compacted ones do not.
  public static func increments(_ f: LoweredNetwork, _ g: LoweredNetwork) -> LoweredNetwork? {
    guard f.nodes.count == g.nodes.count, let output = g.nodes.last else { return nil }
    var nodes: [Node] = []
    func append(_ name: String, _ kind: Kind, _ count: Int) -> Int {
      nodes.append(Node(name: name, kind: kind, count: count))
      return nodes.count - 1
    }
    // Where g's values are, and where there are differences from them.
    var values: [Int] = []
    var deltas: [Int?] = []
    for (index, (own, other)) in zip(f.nodes, g.nodes).enumerated() {
      guard own.count == other.count else { return nil }
      let (name, count) = (other.name, other.count)
      switch (own.kind, other.kind) {
      case (.input, .input):
        values.append(append(name, .input, count))
        deltas.append(nil)
      case (.affine(let first, let firstBias), .affine(let second, let secondBias)):
        guard first.map(\.source) == second.map(\.source) else { return nil }
        let terms = second.map { Term(source: values[$0.source], map: $0.map) }
        values.append(append(name, .affine(terms: terms, bias: secondBias), count))
        var differences: [Term] = []
        for (x, y) in zip(first, second) {
          if let delta = deltas[x.source] { differences.append(Term(source: delta, map: x.map)) }
          if let map = Self.difference(x.map, y.map, count: g.nodes[x.source].count) {
            differences.append(Term(source: values[x.source], map: map))
          }
        }
        let biases = Self.difference(firstBias, secondBias, count: count)
        if differences.isEmpty && biases.isEmpty {
          deltas.append(nil)
          continue
        }
        var delta = append("δ " + name, .affine(terms: differences, bias: biases.first), count)
        for bias in biases.dropFirst() {
          delta = append("δ " + name, .affine(terms: [Term(source: delta, map: nil)], bias: bias), count)
        }
        deltas.append(delta)
      case (.activation(let source, let units), .activation(let otherSource, let otherUnits)):
        guard source == otherSource, units == otherUnits else { return nil }
        values.append(append(name, .activation(source: values[source], units: units), count))
        guard let delta = deltas[source] else {
          deltas.append(nil)
          continue
        }
        let argument = append(
          "z " + name, .affine(terms: [Term(source: values[source], map: nil), Term(source: delta, map: nil)], bias: nil), count)
        let value = append("h " + name, .activation(source: argument, units: units), count)
        let negative = DiagonalMap(scale: [Double](repeating: -1, count: count))
        deltas.append(
          append(
            "δ " + name,
            .affine(terms: [Term(source: value, map: nil), Term(source: values[index], map: negative)], bias: nil), count))
      default: return nil
      }
    }
    let last: Term
    if let delta = deltas.last, let delta {
      last = Term(source: delta, map: nil)
    } else {
      last = Term(source: 0, map: SparseMap(inputCount: f.inputCount, rows: Array(repeating: [], count: output.count)))
    }
    _ = append("difference", .affine(terms: [last], bias: nil), output.count)
    return LoweredNetwork(nodes: compacted(nodes))
  }

  /// One or two biases whose sum is a − b exactly; none when it is zero.
  private static func difference(_ a: [Double]?, _ b: [Double]?, count: Int) -> [[Double]] {
    let zeros = [Double](repeating: 0, count: count)
    let (a, b) = (a ?? zeros, b ?? zeros)
    if a == b { return [] }
    let isExact = zip(a, b).allSatisfy { subtractionError($0, $1) == 0 }
    return isExact ? [zip(a, b).map { $0 - $1 }] : [a, b.map { -$0 }]
  }

  /// a − b less the computed difference, exactly (Knuth's two-sum); not a number where something overflows.
  private static func subtractionError(_ a: Double, _ b: Double) -> Double {
    let sum = a - b
    let part = sum - a
    return (a - (sum - part)) - (b + part)
  }

  /// A − B; `nil` when it is zero. `nil` for A or B is the identity of order `count`.
  private static func difference(
    _ a: (any LinearMap<Double>)?, _ b: (any LinearMap<Double>)?, count: Int
  ) -> (any LinearMap<Double>)? {
    switch (a, b) {
    case (nil, nil): return nil
    case (let a as DenseMap<Double>, let b as DenseMap<Double>) where a.repetitions == b.repetitions:
      if let weight = difference(a.weight, b.weight) {
        return weight.elements.allSatisfy { $0 == 0 } ? nil : DenseMap(weight: weight, repetitions: a.repetitions)
      }
    case (let a as ConvolutionMap<Double>, let b as ConvolutionMap<Double>) where a.geometry == b.geometry:
      if let weight = difference(a.weight, b.weight) {
        return weight.elements.allSatisfy { $0 == 0 } ? nil : ConvolutionMap(geometry: a.geometry, weight: weight)
      }
    default: break
    }
    let identity = IndexMap<Double>(inputCount: count, indices: Array(0..<count))
    let rows = difference((a ?? identity).sparseRows(), (b ?? identity).sparseRows())
    return rows.values.isEmpty ? nil : SparseMap(rows)
  }

  /// A − B, when no element of it is rounded.
  private static func difference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double>? {
    guard a.rows == b.rows, a.columns == b.columns, zip(a.elements, b.elements).allSatisfy({ subtractionError($0, $1) == 0 }) else {
      return nil
    }
    return Matrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 - $1 })
  }

  /// A − B with radii: those of both, and where a difference is rounded a unit in its last place. Entries that are zero exactly are left out.
  private static func difference(_ a: SparseRows<Double>, _ b: SparseRows<Double>) -> SparseRows<Double> {
    var result = SparseRows<Double>(columnCount: a.columnCount, starts: [0], columns: [], values: [])
    for row in 0..<a.starts.count - 1 {
      var entries: [Int: (value: Double, radius: Double)] = [:]
      func add(_ rows: SparseRows<Double>, sign: Double) {
        for k in rows.starts[row]..<rows.starts[row + 1] {
          let (old, value) = (entries[rows.columns[k]] ?? (0, 0), sign * rows.values[k])
          let sum = old.value + value
          var radius = ErrorBounds.addUp(old.radius, rows.radii.isEmpty ? 0 : rows.radii[k])
          if rows.radii.isEmpty && old.radius == 0 { radius = 0 }
          if subtractionError(old.value, -value) != 0 { radius = ErrorBounds.addUp(radius, sum.ulp) }
          entries[rows.columns[k]] = (sum, radius)
        }
      }
      add(a, sign: 1)
      add(b, sign: -1)
      for (column, entry) in entries.sorted(by: { $0.key < $1.key }) where entry.value != 0 || entry.radius != 0 {
        result.columns.append(column)
        result.values.append(entry.value)
        result.radii.append(entry.radius)
      }
      result.starts.append(result.columns.count)
    }
    if result.radii.allSatisfy({ $0 == 0 }) { result.radii = [] }
    return result
  }
}
