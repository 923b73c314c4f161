import LinearAlgebra
import Testing

@Suite struct SpectralSplittingTests {
  /// A = A₊ − A₋ with the eigenvectors of the smaller side, for spectra with clusters, zeros and one side empty; memory is reused.
  @Test(arguments: [1, 2, 3, 8, 30, 64]) func partIsTheSumOverItsEigenpairs(order n: Int) throws {
    let splitting = try SpectralSplitting(order: n)
    var random = SplitMix64(seed: UInt64(n))
    for trial in 0..<8 {
      let gaussian: Matrix<Double> = random.gaussianMatrix(rows: n, columns: n)
      var matrix = Matrix.product(gaussian, gaussian, transposingRight: true)
      switch trial {
      case 0: for i in 0..<n { matrix[i, i] -= Double(n) }
      case 1: break
      case 2: matrix = Matrix(rows: n, columns: n, elements: matrix.elements.map { -$0 })
      case 3: matrix = Matrix(rows: n, columns: n)
      case 4: matrix = Matrix.diagonal((0..<n).map { Double($0 % 3) - 1 })
      case 5: matrix = Matrix.diagonal([Double](repeating: -1, count: n))
      case 6: matrix = Matrix(rows: n, columns: n, repeating: 1)
      default: matrix = Matrix(rows: n, columns: n, elements: matrix.elements.map { $0 * 1e-200 })
      }
      var (part, side) = (Matrix<Double>(rows: n, columns: n), SpectralSplitting.Side.positive)
      try splitting.split {
        for k in 0..<n * n { $0[k] = matrix.elements[k] }
      } read: {
        side = $1
        for i in 0..<n { for j in 0...i { part[i, j] = $0[i * n + j]; part[j, i] = part[i, j] } }
      }
      let full = try matrix.symmetricEigen()
      let size = max(full.values[n - 1].magnitude, full.values[0].magnitude)
      let sign = side == .positive ? 1.0 : -1.0
      var expected = Matrix<Double>(rows: n, columns: n)
      for k in 0..<n where sign * full.values[k] > 0 {
        for i in 0..<n { for j in 0..<n { expected[i, j] += sign * full.values[k] * full.vectors[k, i] * full.vectors[k, j] } }
      }
      for k in 0..<n * n { #expect((part.elements[k] - expected.elements[k]).magnitude <= 1e-13 * Double(n) * size) }
      #expect(splitting.values.allSatisfy { sign * $0 >= -1e-14 * size })
      #expect(splitting.values.count <= n / 2 + 1 || full.values.filter { $0.magnitude < 1e-13 * size }.count > 0)
    }
  }

  @Test func refusesWhatIsNotFinite() throws {
    let splitting = try SpectralSplitting(order: 3)
    for bad in [Double.nan, .infinity] {
      #expect(throws: LinearAlgebraError.notFinite(routine: "sytrd")) {
        try splitting.split {
          for k in 0..<9 { $0[k] = k == 6 ? bad : 1 }
        } read: { _, _ in
        }
      }
    }
    try SpectralSplitting(order: 0).split { _ in
    } read: { _, _ in
    }
  }
}
