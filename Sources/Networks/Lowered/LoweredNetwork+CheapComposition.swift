import LinearAlgebra

extension LoweredNetwork {
  /// outer ∘ inner when the composed map costs no more than the two (up to rounding), or `nil`.
  static func composeCheaply(_ outer: (any LinearMap<Double>)?, _ inner: (any LinearMap<Double>)?) -> Composite? {
    if let exact = composeExactly(outer, inner) { return exact }
    switch (outer, inner) {
    case (let outer as DenseMap<Double>, let inner as DenseMap<Double>): return product(outer, inner)
    case (let outer as DiagonalMap<Double>, let inner as DenseMap<Double>):
      // The same factors in every repetition scale the rows.
      let rows = inner.weight.rows
      guard isPeriodic(outer.scale, period: rows) else { return nil }
      var weight = inner.weight
      for i in 0..<rows { for j in 0..<weight.columns { weight[i, j] *= outer.scale[i] } }
      return Composite(map: DenseMap(weight: weight, repetitions: inner.repetitions))
    case (let outer as DenseMap<Double>, let inner as DiagonalMap<Double>):
      guard isPeriodic(inner.scale, period: outer.weight.columns) else { return nil }
      var weight = outer.weight
      for i in 0..<weight.rows { for j in 0..<weight.columns { weight[i, j] *= inner.scale[j] } }
      return Composite(map: DenseMap(weight: weight, repetitions: outer.repetitions))
    case (let outer as DiagonalMap<Double>, let inner as ConvolutionMap<Double>):
      let pixels = inner.geometry.outputHeight * inner.geometry.outputWidth
      guard let channels = blockValues(outer.scale, length: pixels) else { return nil }
      var weight = inner.weight
      for i in 0..<weight.rows { for j in 0..<weight.columns { weight[i, j] *= channels[i] } }
      return Composite(map: ConvolutionMap(geometry: inner.geometry, weight: weight))
    case (let outer as ConvolutionMap<Double>, let inner as DiagonalMap<Double>):
      let geometry = outer.geometry
      guard let channels = blockValues(inner.scale, length: geometry.inputHeight * geometry.inputWidth) else { return nil }
      var weight = outer.weight
      let taps = geometry.kernelHeight * geometry.kernelWidth
      let (groupInputs, groupOutputs) = (geometry.inputChannels / geometry.groups, geometry.outputChannels / geometry.groups)
      for i in 0..<weight.rows {
        for j in 0..<weight.columns { weight[i, j] *= channels[i / groupOutputs * groupInputs + j / taps] }
      }
      return Composite(map: ConvolutionMap(geometry: geometry, weight: weight))
    case (let outer as DenseMap<Double>, let inner as IndexMap<Double>):
      guard outer.repetitions == 1, inner.inputCount <= outer.weight.columns else { return nil }
      var weight = Matrix<Double>(rows: outer.weight.rows, columns: inner.inputCount)
      for i in 0..<weight.rows {
        for (j, column) in inner.indices.enumerated() where column >= 0 { weight[i, column] += outer.weight[i, j] }
      }
      return Composite(map: DenseMap(weight: weight))
    case (let outer as IndexMap<Double>, let inner as DenseMap<Double>):
      guard inner.repetitions == 1, outer.outputCount <= inner.weight.rows else { return nil }
      let width = inner.weight.columns
      let elements = outer.indices.flatMap { $0 < 0 ? Array(repeating: 0, count: width) : inner.weight.row($0) }
      return Composite(map: DenseMap(weight: Matrix(rows: outer.outputCount, columns: width, elements: elements)))
    case (let outer as DiagonalMap<Double>, let inner as DiagonalMap<Double>):
      return Composite(map: DiagonalMap(scale: zip(outer.scale, inner.scale).map { $0 * $1 }))
    case (let outer?, let inner?) where isSparse(outer) && isSparse(inner): return sparseProduct(outer.sparseRows(), inner.sparseRows())
    default: return nil
    }
  }

  private static func product(_ outer: DenseMap<Double>, _ inner: DenseMap<Double>) -> Composite? {
    let (a, b) = (outer.weight, inner.weight)
    guard outer.repetitions == inner.repetitions, a.columns == b.rows, a.rows * b.columns <= a.rows * a.columns + b.rows * b.columns else {
      return nil
    }
    var result = Matrix<Double>(rows: a.rows, columns: b.columns)
    DenseMap(weight: b).adjoint(a, to: &result, accumulating: false)
    return Composite(map: DenseMap(weight: result, repetitions: outer.repetitions))
  }

  private static func isPeriodic(_ values: [Double], period: Int) -> Bool {
    values.indices.allSatisfy { $0 < period || values[$0] == values[$0 - period] }
  }

  /// One value for each block of `length` equal elements, or `nil` when they differ within a block.
  private static func blockValues(_ values: [Double], length: Int) -> [Double]? {
    guard values.indices.allSatisfy({ $0.isMultiple(of: length) || values[$0] == values[$0 - 1] }) else { return nil }
    return stride(from: 0, to: values.count, by: length).map { values[$0] }
  }

  private static func isSparse(_ map: any LinearMap<Double>) -> Bool {
    map is IndexMap<Double> || map is DiagonalMap<Double> || map is SparseMap<Double>
  }

  private static func sparseProduct(_ a: SparseRows<Double>, _ b: SparseRows<Double>) -> Composite? {
    let limit = a.values.count + b.values.count
    var total = 0
    var rows: [[(column: Int, value: Double)]] = []
    for i in 0..<a.starts.count - 1 {
      var sums: [Int: Double] = [:]
      for k in a.starts[i]..<a.starts[i + 1] {
        let row = a.columns[k]
        for l in b.starts[row]..<b.starts[row + 1] { sums[b.columns[l], default: 0] += a.values[k] * b.values[l] }
      }
      total += sums.count
      if total > limit { return nil }
      rows.append(sums.sorted { $0.key < $1.key }.map { (column: $0.key, value: $0.value) })
    }
    return Composite(map: SparseMap(inputCount: b.columnCount, rows: rows))
  }
}
