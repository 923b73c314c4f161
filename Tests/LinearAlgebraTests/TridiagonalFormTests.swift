import LinearAlgebra
import Testing

@Suite struct TridiagonalFormTests {
  /// Symmetric with `rank` nonzero eigenvalues of both signs.
  static func matrix(order n: Int, rank: Int, seed: UInt64) -> Matrix<Double> {
    var random = SplitMix64(seed: seed)
    let factor: Matrix<Double> = random.gaussianMatrix(rows: rank, columns: n)
    var signed = factor
    for k in 0..<rank where k % 3 == 0 { for j in 0..<n { signed[k, j] *= -1 } }
    return Matrix.product(signed, factor, transposingLeft: true)
  }

  @Test(arguments: [0, 1, 2, 3, 10, 33], [0, 1, 5, 33])
  func partsMakeUpTheMatrix(order n: Int, rank: Int) throws {
    let a = Self.matrix(order: n, rank: rank, seed: UInt64(100 * n + rank))
    let form = try TridiagonalForm(a)
    let all = try form.eigenpairs(.all)
    #expect(all.values.count == n)
    let reference = try a.symmetricEigenvalues()
    let size = reference.reduce(1) { max($0, abs($1)) }
    for (x, y) in zip(all.values, reference) { #expect(abs(x - y) <= 1e-12 * size) }
    for part in [TridiagonalForm<Double>.Part.positive, .nonpositive, .all] {
      let pairs = try form.eigenpairs(part)
      #expect(pairs.values == pairs.values.sorted())
      #expect(pairs.vectors.rows == pairs.values.count)
      if part == .positive { #expect(pairs.values.allSatisfy { $0 > 0 }) }
      if part == .nonpositive { #expect(pairs.values.allSatisfy { $0 <= 0 }) }
      for k in pairs.values.indices {
        let q = pairs.vectors.row(k)
        let image = a.multiplied(by: q)
        for i in 0..<n { #expect(abs(image[i] - pairs.values[k] * q[i]) <= 1e-12 * size) }
        for l in 0...k {
          let product = zip(q, pairs.vectors.row(l)).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(product - (k == l ? 1 : 0)) <= 1e-12)
        }
      }
    }
    // What is not near 0 is found in exactly one of the parts.
    let (positive, nonpositive) = try (form.eigenpairs(.positive), form.eigenpairs(.nonpositive))
    let split = (nonpositive.values + positive.values).filter { abs($0) > 1e-10 * size }
    let expected = reference.filter { abs($0) > 1e-10 * size }
    #expect(split.count == expected.count)
  }

  @Test func onlyFiniteMatricesAreTaken() {
    #expect(throws: LinearAlgebraError.notFinite(routine: "sytrd")) {
      try TridiagonalForm(Matrix<Double>(rows: 1, columns: 1, repeating: .nan))
    }
  }
}
