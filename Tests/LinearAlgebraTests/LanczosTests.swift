import LinearAlgebra
import Testing

@Suite struct LanczosTests {
  @Test func matchesFullDecomposition() throws {
    var random = SplitMix64(seed: 1)
    let a: Matrix<Double> = random.gaussianMatrix(rows: 80, columns: 60)
    let s = a.gram()
    let exact = try s.symmetricEigenvalues()
    let pairs = try Lanczos(tolerance: 1e-10).largestEigenpairs(3, order: 60) { s.multiplied(by: $0) }
    #expect(pairs.count == 3)
    for (index, pair) in pairs.enumerated() {
      #expect(abs(pair.value - exact[59 - index]) < 1e-9 * exact[59] && pair.hasConverged && pair.iterations <= 60)
      let defect = zip(s.multiplied(by: pair.vector), pair.vector).map { $0 - pair.value * $1 }
      #expect(Matrix(rows: 1, columns: 60, elements: defect).frobeniusNorm <= pair.residual + 1e-10)
      #expect(pair.residual < 1e-9 * exact[59])
    }
  }

  @Test func singlePrecisionOperator() throws {
    var random = SplitMix64(seed: 2)
    let a: Matrix<Float> = random.gaussianMatrix(rows: 100, columns: 100)
    let exact = try a.spectralNorm()
    let estimate = try Lanczos(tolerance: 1e-6).spectralNorm(of: DenseMap(weight: a))
    #expect(abs(estimate - Double(exact)) < 1e-4)
  }

  @Test func spectralNormOfMaps() throws {
    var random = SplitMix64(seed: 3)
    let wide: Matrix<Double> = random.gaussianMatrix(rows: 5, columns: 90)
    let exact = try wide.spectralNorm()
    #expect(try abs(Lanczos().spectralNorm(of: DenseMap(weight: wide)) - exact) < 1e-10)
    #expect(try abs(Lanczos().spectralNorm(of: DenseMap(weight: wide.transposed)) - exact) < 1e-10)
    #expect(try Lanczos().spectralNorm(of: IndexMap<Double>(inputCount: 2, indices: [-1, -1])) == 0)
    #expect(try abs(Lanczos().spectralNorm(of: IndexMap<Double>(inputCount: 2, indices: [0, 0, 0, 1])) - 3.0.squareRoot()) < 1e-12)
  }

  /// Invariant subspaces: a multiple of the identity has one Krylov direction, and every further one is found by a fresh start.
  @Test func repeatedEigenvalues() throws {
    let pairs = try Lanczos().largestEigenpairs(3, order: 10) { (x: [Double]) in x.map { 2 * $0 } }
    #expect(pairs.count == 3 && pairs.allSatisfy { abs($0.value - 2) < 1e-14 && $0.residual < 1e-13 })
    let zero = try Lanczos().largestEigenpairs(order: 4) { (x: [Double]) in x.map { _ in 0 } }
    #expect(zero[0].value == 0 && zero[0].residual == 0 && zero[0].hasConverged)
    let single = try Lanczos().largestEigenpairs(2, order: 1) { (x: [Double]) in x.map { -3 * $0 } }
    #expect(single.count == 1 && single[0].value == -3)
  }

  @Test func sameSeedSameBitsAndWarmStart() throws {
    let weights = (0..<500).map { Double($0) / 500 }
    let operation = { (x: [Double]) in zip(weights, x).map { $0 * $1 } }
    let first = try Lanczos(seed: 7).largestEigenpairs(order: 500, operation)
    let second = try Lanczos(seed: 7).largestEigenpairs(order: 500, operation)
    #expect(first[0].value == second[0].value && first[0].vector == second[0].vector)
    let warm = try Lanczos(seed: 7).largestEigenpairs(order: 500, start: first[0].vector, operation)
    #expect(warm[0].iterations < first[0].iterations && abs(warm[0].value - weights[499]) < 1e-12)
  }

  @Test func notANumberIsAnError() {
    #expect(throws: LinearAlgebraError.notFinite(routine: "Lanczos")) {
      _ = try Lanczos().largestEigenpairs(order: 3) { (x: [Double]) in x.map { _ in .nan } }
    }
  }
}
