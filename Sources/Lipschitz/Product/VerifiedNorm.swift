import Certificates
import LinearAlgebra
import Networks

/// Proved upper bounds on spectral norms of linear maps.
enum VerifiedNorm {
  /// The largest number of coordinates on the smaller side for which the dense proof is made.
  static let largestOrder = 3000

  /// An upper bound on ‖A‖₂, proved: the least of what applies.
  ///
  /// A map small enough on one side is treated as a network of one layer, so the certificate checker proves its gain; convolutions also have
  /// the bound of ``ConvolutionNorm``, and every map the bound √(‖A‖₁ ‖A‖_∞).
  static func upperBound(of map: any LinearMap<Double>) -> Double {
    if let dense = map as? DenseMap<Double> { return denseBound(dense.weight) }
    if let diagonal = map as? DiagonalMap<Double> {
      let radii = diagonal.radius ?? diagonal.scale.map { _ in 0 }
      return zip(diagonal.scale, radii).reduce(0) { max($0, ErrorBounds.addUp($1.0.magnitude, $1.1)) }
    }
    let schur = schurBound(map.sparseRows())
    if let convolution = map as? ConvolutionMap<Double> {
      let kernel = ConvolutionNorm.upperBound(geometry: convolution.geometry, weight: convolution.weight)
      if max(map.inputCount, map.outputCount) <= 1024 { return min(schur, kernel, denseBound(map.denseMatrix())) }
      return min(schur, kernel)
    }
    return schur
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

  private static func denseBound(_ weight: Matrix<Double>) -> Double {
    // ‖W‖ = ‖W′‖, and the proof costs the cube of the input side.
    let w = weight.columns > weight.rows ? weight.transposed : weight
    let frobenius = ErrorBounds.sqrtUp(w.elements.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
    guard w.columns <= largestOrder, frobenius > 0 else { return frobenius }
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: w.columns),
      .init(name: "matrix", kind: .affine(terms: [.init(source: 0, map: DenseMap(weight: w))], bias: nil), count: w.rows),
    ])
    guard
      let proof = try? GainProof(network: network, sectors: [], multipliers: []),
      let squared = try? proof.inputGain.largestEigenvalueEstimate()
    else { return frobenius }
    for inflation in [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7] {
      let rho = squared * (1 + inflation)
      if (try? proof.prove(inputWeights: Array(repeating: rho, count: w.columns))) != nil {
        return min(frobenius, ErrorBounds.sqrtUp(rho))
      }
    }
    return frobenius
  }
}
