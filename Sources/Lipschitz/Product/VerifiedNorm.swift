import Certificates
import LinearAlgebra
import Networks

/// Proved upper bounds on spectral norms of linear maps.
enum VerifiedNorm {
  /// The largest number of coordinates on the smaller side for which a dense matrix is proved as a whole.
  static let largestOrder = 3000
  /// The same for convolutions, which have other bounds.
  static let largestUnrolledOrder = 1600

  /// An upper bound on ‖A‖₂, proved: the least of what applies and is affordable.
  ///
  /// A map small enough on one side is treated as a network of one layer, so the certificate checker proves its gain within rounding
  /// errors; larger convolutions have the bounds of ``ConvolutionNorm``, and every map the bound √(‖A‖₁ ‖A‖_∞).
  static func best(of map: any LinearMap<Double>) -> LayerNorm {
    if let dense = map as? DenseMap<Double> { return wholeBound(DenseMap(weight: dense.weight), limit: largestOrder) }
    if let diagonal = map as? DiagonalMap<Double> {
      let radii = diagonal.radius ?? diagonal.scale.map { _ in 0 }
      let largest = zip(diagonal.scale, radii).reduce(0) { max($0, ErrorBounds.addUp($1.0.magnitude, $1.1)) }
      return LayerNorm(bound: largest, variant: .formula)
    }
    if let index = map as? IndexMap<Double> {
      // Each input element is copied to as many places as name it.
      var uses = [Int](repeating: 0, count: index.inputCount)
      for source in index.indices where source >= 0 { uses[source] += 1 }
      let largest = uses.max() ?? 0
      return LayerNorm(bound: largest <= 1 ? Double(largest) : ErrorBounds.sqrtUp(Double(largest)), variant: .formula)
    }
    guard let convolution = map as? ConvolutionMap<Double>, min(map.inputCount, map.outputCount) > largestUnrolledOrder else {
      return wholeBound(map, limit: largestUnrolledOrder)
    }
    return .least(
      ConvolutionNorm.upperBound(geometry: convolution.geometry, weight: convolution.weight),
      LayerNorm(bound: schurBound(convolution), variant: .entries))
  }

  /// How far above an eigenvalue the proof of a matrix of this order is tried.
  ///
  /// An elimination takes about n² rounding errors relative to the diagonal off a matrix of order n, so less is not worth trying.
  static func inflations(order n: Int) -> [Double] {
    let least = max(1e-12, 2 * Double(n) * Double(n) * 0x1p-53)
    return (0..<8).map { least * Double(1 << (3 * $0)) }
  }

  /// The bound of ``best(of:)`` alone.
  static func upperBound(of map: any LinearMap<Double>) -> Double { best(of: map).bound }

  /// √(‖A‖₁ ‖A‖_∞) of a convolution or a bound on it that does not see the image, rounded up.
  ///
  /// An output reads every tap at most once; an input element is read, for each output channel of its group, by the taps that agree with it
  /// modulo the stride.
  static func schurBound(_ map: ConvolutionMap<Double>) -> Double {
    let g = map.geometry
    let (inputs, outputs) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    var columnSums: [[Int]: Double] = [:]
    var largestRow = 0.0
    for o in 0..<g.outputChannels {
      var sum = 0.0
      for c in 0..<inputs {
        for i in 0..<g.kernelHeight {
          for j in 0..<g.kernelWidth {
            let magnitude = map.weight[o, (c * g.kernelHeight + i) * g.kernelWidth + j].magnitude
            sum = ErrorBounds.addUp(sum, magnitude)
            let place = [o / outputs * inputs + c, i * g.dilationHeight % g.strideHeight, j * g.dilationWidth % g.strideWidth]
            columnSums[place] = ErrorBounds.addUp(columnSums[place] ?? 0, magnitude)
          }
        }
      }
      largestRow = max(largestRow, sum)
    }
    return ErrorBounds.sqrtUp(ErrorBounds.multiplyUp(largestRow, columnSums.values.max() ?? 0))
  }

  /// √(largest column sum · largest row sum) of magnitudes, rounded up.
  static func schurBound(_ rows: SparseRows<Double>) -> Double {
    var columnSums = [Double](repeating: 0, count: rows.columnCount)
    var largestRow = 0.0
    for i in 0..<rows.starts.count - 1 {
      var sum = 0.0
      for k in rows.starts[i]..<rows.starts[i + 1] {
        let magnitude = ErrorBounds.addUp(rows.values[k].magnitude, rows.radii.isEmpty ? 0 : rows.radii[k])
        sum = ErrorBounds.addUp(sum, magnitude)
        columnSums[rows.columns[k]] = ErrorBounds.addUp(columnSums[rows.columns[k]], magnitude)
      }
      largestRow = max(largestRow, sum)
    }
    return ErrorBounds.sqrtUp(ErrorBounds.multiplyUp(largestRow, columnSums.max() ?? 0))
  }

  /// The gain of the map as a network of one layer, when its smaller side is at most `limit`; else a bound from its entries.
  private static func wholeBound(_ map: any LinearMap<Double>, limit: Int) -> LayerNorm {
    let rows = map.sparseRows()
    let frobenius = ErrorBounds.sqrtUp(
      rows.values.indices.reduce(0) { sum, k in
        let magnitude = rows.radii.isEmpty ? rows.values[k].magnitude : ErrorBounds.addUp(rows.values[k].magnitude, rows.radii[k])
        return ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(magnitude, magnitude))
      })
    let simple = LayerNorm(bound: min(frobenius, schurBound(rows)), variant: .entries)
    guard min(map.inputCount, map.outputCount) <= limit else { return simple }
    guard simple.bound > 0 else { return LayerNorm(bound: simple.bound, variant: .formula) }
    // ‖A‖ = ‖A′‖, and the proof costs the cube of the input side.
    let narrow = map.inputCount > map.outputCount ? transposed(map, rows) : map
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: narrow.inputCount),
      .init(name: "matrix", kind: .affine(terms: [.init(source: 0, map: narrow)], bias: nil), count: narrow.outputCount),
    ])
    guard
      let proof = try? GainProof(network: network, sectors: [], multipliers: []),
      let squared = try? proof.inputGain.largestEigenvalueEstimate()
    else { return simple }
    for inflation in inflations(order: narrow.inputCount) {
      let rho = squared * (1 + inflation)
      if (try? proof.prove(inputWeights: Array(repeating: rho, count: narrow.inputCount))) != nil {
        return LayerNorm(bound: min(simple.bound, ErrorBounds.sqrtUp(rho)), variant: .matrix)
      }
    }
    return simple
  }

  /// A′.
  private static func transposed(_ map: any LinearMap<Double>, _ rows: SparseRows<Double>) -> any LinearMap<Double> {
    if let dense = map as? DenseMap<Double>, dense.repetitions == 1 { return DenseMap(weight: dense.weight.transposed) }
    var starts = [Int](repeating: 0, count: rows.columnCount + 1)
    for column in rows.columns { starts[column + 1] += 1 }
    for column in 0..<rows.columnCount { starts[column + 1] += starts[column] }
    var next = starts
    var result = SparseRows<Double>(
      columnCount: rows.starts.count - 1, starts: starts, columns: Array(repeating: 0, count: rows.columns.count),
      values: Array(repeating: 0, count: rows.columns.count),
      radii: Array(repeating: 0, count: rows.radii.count))
    for i in 0..<rows.starts.count - 1 {
      for k in rows.starts[i]..<rows.starts[i + 1] {
        let place = next[rows.columns[k]]
        next[rows.columns[k]] += 1
        result.columns[place] = i
        result.values[place] = rows.values[k]
        if !rows.radii.isEmpty { result.radii[place] = rows.radii[k] }
      }
    }
    return SparseMap(result)
  }
}
