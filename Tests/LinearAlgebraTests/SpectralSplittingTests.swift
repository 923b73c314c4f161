import LinearAlgebra
import Testing

@Suite struct SpectralSplittingTests {
  /// Spectra with clusters, zeros, low rank, one side empty, and few or many eigenvalues on the smaller side.
  static func matrices(order n: Int) -> [Matrix<Double>] {
    var random = SplitMix64(seed: UInt64(n))
    var matrices = [
      Matrix(rows: n, columns: n), Matrix.diagonal((0..<n).map { Double($0 % 3) - 1 }),
      Matrix.diagonal([Double](repeating: -1, count: n)), Matrix(rows: n, columns: n, repeating: 1),
    ]
    for shift in [0, 0.02, 0.3, 1, 2] {
      let gaussian: Matrix<Double> = random.gaussianMatrix(rows: n, columns: n)
      var matrix = gaussian.gram()
      for i in 0..<n { matrix[i, i] -= shift * Double(n) }
      matrices.append(matrix)
      for scale in [-1, 1e-200] { matrices.append(Matrix(rows: n, columns: n, elements: matrix.elements.map { scale * $0 })) }
    }
    for rank in [1, 5] {
      let factor: Matrix<Double> = random.gaussianMatrix(rows: rank, columns: n)
      var signed = factor
      for k in stride(from: 0, to: rank, by: 3) { for j in 0..<n { signed[k, j] *= -1 } }
      matrices.append(Matrix.product(signed, factor, transposingLeft: true))
    }
    return matrices
  }

  /// A₊ or A₋, both triangles, and its side.
  static func part(_ matrix: Matrix<Double>, _ splitting: SpectralSplitting) throws -> (Matrix<Double>, SpectralSplitting.Side) {
    let n = matrix.rows
    var (part, side) = (Matrix<Double>(rows: n, columns: n), SpectralSplitting.Side.positive)
    try splitting.split {
      for i in 0..<n { for j in 0..<n { $0[i * n + j] = i <= j ? matrix[i, j] : .nan } }
    } read: {
      side = $1
      for i in 0..<n { for j in 0...i { (part[i, j], part[j, i]) = ($0[i * n + j], $0[i * n + j]) } }
    }
    return (part, side)
  }

  @Test(arguments: [1, 2, 3, 8, 30, 64]) func partIsTheSumOverItsEigenpairs(order n: Int) throws {
    let splitting = try SpectralSplitting(order: n)
    for matrix in Self.matrices(order: n) {
      let (part, side) = try Self.part(matrix, splitting)
      let full = try matrix.symmetricEigen()
      let size = max(full.values[n - 1].magnitude, full.values[0].magnitude)
      let sign = side == .positive ? 1.0 : -1.0
      var expected = Matrix<Double>(rows: n, columns: n)
      for k in 0..<n where sign * full.values[k] > 0 {
        for i in 0..<n { for j in 0..<n { expected[i, j] += sign * full.values[k] * full.vectors[k, i] * full.vectors[k, j] } }
      }
      for k in 0..<n * n { #expect((part.elements[k] - expected.elements[k]).magnitude <= 1e-13 * Double(n) * size) }
      let pairs = splitting.eigenpairs
      #expect(pairs.values.allSatisfy { sign * $0 >= -1e-14 * size })
      #expect(pairs.count <= n / 2 + 1 || full.values.contains { $0.magnitude < 1e-13 * size })
    }
  }

  /// Both sides together are an orthonormal basis of eigenvectors, whichever way the smaller side was found.
  @Test(arguments: [1, 2, 3, 10, 33]) func sidesMakeUpTheMatrix(order n: Int) throws {
    let splitting = try SpectralSplitting(order: n)
    for matrix in Self.matrices(order: n) {
      let (_, side) = try Self.part(matrix, splitting)
      let before = splitting.eigenpairs
      let (smaller, larger) = try splitting.bothSides()
      #expect(splitting.isComplete && smaller.count + larger.count == n)
      let reference = try matrix.symmetricEigenvalues()
      let size = max(reference[n - 1].magnitude, reference[0].magnitude)
      let (positive, nonpositive) = side == .positive ? (smaller, larger) : (larger, smaller)
      #expect(positive.values.allSatisfy { $0 > 0 } && nonpositive.values.allSatisfy { $0 <= 0 })
      for (x, y) in zip(nonpositive.values + positive.values, reference) { #expect((x - y).magnitude <= 1e-13 * Double(n) * size) }
      let values = smaller.values + larger.values
      let vectors = Matrix(rows: n, columns: n, elements: smaller.vectors.elements + larger.vectors.elements)
      let products = vectors.gram(transposing: true)
      let images = Matrix.product(vectors, matrix)
      for k in 0..<n {
        for l in 0..<n {
          #expect((products[k, l] - (k == l ? 1 : 0)).magnitude <= 1e-12)
          #expect((images[k, l] - values[k] * vectors[k, l]).magnitude <= 1e-12 * size)
        }
      }
      let clear = { (values: [Double]) in values.filter { $0.magnitude > 1e-10 * size }.count }
      #expect(clear(before.values) == clear(smaller.values))
      // Asking again changes nothing.
      let again = try splitting.bothSides()
      #expect(again.smaller.vectors == smaller.vectors && again.larger.vectors == larger.vectors)
    }
  }

  @Test func refusesWhatIsNotFinite() throws {
    let splitting = try SpectralSplitting(order: 3)
    for bad in [Double.nan, .infinity] {
      #expect(throws: LinearAlgebraError.notFinite(routine: "sytrd")) {
        try splitting.split {
          for k in 0..<9 { $0[k] = k == 2 ? bad : 1 }
        } read: { _, _ in
        }
      }
    }
    try SpectralSplitting(order: 0).split { _ in
    } read: { _, _ in
    }
  }
}
