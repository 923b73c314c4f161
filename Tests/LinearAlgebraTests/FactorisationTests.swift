import LinearAlgebra
import Testing

@Suite struct FactorisationTests {
  static let shapes = [(1, 1), (5, 3), (3, 5), (20, 20), (70, 33), (33, 70)]

  func product<E: Scalar>(_ a: Matrix<E>, _ b: Matrix<E>, left: Bool = false, right: Bool = false) -> Matrix<E> {
    Matrix.product(a, b, transposingLeft: left, transposingRight: right)
  }

  /// The largest |Aᵢⱼ − Bᵢⱼ|, infinite when the shapes differ.
  func gap<E: Scalar>(_ a: Matrix<E>, _ b: Matrix<E>) -> Double {
    a.rows == b.rows && a.columns == b.columns ? distance(a.elements, b.elements) : .infinity
  }

  func check<E: Scalar>(_ type: E.Type, _ m: Int, _ n: Int) throws {
    var random = SplitMix64(seed: UInt64(100 * m + n))
    let a: Matrix<E> = random.gaussianMatrix(rows: m, columns: n)
    let (k, eps) = (min(m, n), tolerance(type))
    let identity = Matrix<E>.identity(k)

    // Products against the definition.
    let b: Matrix<E> = random.gaussianMatrix(rows: n, columns: 4)
    var direct = Matrix<E>(rows: m, columns: 4)
    for i in 0..<m { for j in 0..<4 { for l in 0..<n { direct[i, j] += a[i, l] * b[l, j] } } }
    #expect(gap(product(a, b), direct) < eps)
    #expect(gap(product(a.transposed, b, left: true), direct) < eps)
    #expect(gap(product(a, b.transposed, right: true), direct) < eps)
    #expect(gap(product(a.transposed, b.transposed, left: true, right: true), direct) < eps)
    Matrix.multiply(a, b, scale: 2, into: &direct, accumulating: true)
    #expect(gap(direct, Matrix.product(a, b, scale: 3)) < eps)
    #expect(distance(a.multiplied(by: b.transposed.row(2)), product(a, b).transposed.row(2)) < eps)
    #expect(distance(a.multiplied(by: a.transposed.row(0), transposing: true), product(a, a, left: true).row(0)) < eps)
    #expect(gap(a.gram(), product(a, a, left: true)) < eps && a.gram() == a.gram().transposed)
    #expect(gap(a.gram(transposing: true), product(a, a, right: true)) < eps)

    // Orthogonal factorisations.
    let (q, r) = try a.qr()
    #expect(gap(product(q, r), a) < eps && gap(product(q, q, left: true), identity) < eps)
    #expect((0..<r.rows).allSatisfy { i in (0..<i).allSatisfy { r[i, $0] == 0 } })
    #expect(try gap(a.qrFactor(), r) < eps)
    let l = try a.lqFactor()
    #expect(l.rows == m && l.columns == min(m, n) && gap(product(l, l, right: true), product(a, a, right: true)) < eps)
    #expect((0..<l.rows).allSatisfy { i in (0..<l.columns).allSatisfy { $0 <= i || l[i, $0] == 0 } })

    // Singular values.
    let svd = try a.svd()
    #expect(gap(product(product(svd.u, .diagonal(svd.values)), svd.vt), a) < eps)
    #expect(gap(product(svd.u, svd.u, left: true), identity) < eps && gap(product(svd.vt, svd.vt, right: true), identity) < eps)
    #expect(try distance(a.singularValues(), svd.values) < eps && svd.values == svd.values.sorted(by: >))
    #expect(try a.spectralNorm() == a.singularValues()[0])
    #expect(abs(a.frobeniusNorm * a.frobeniusNorm - svd.values.reduce(0.0) { $0 + Double($1) * Double($1) }) < 100 * eps)

    // Symmetric eigen-decompositions and Cholesky of AAᵀ + I.
    var s = a.gram(transposing: true)
    for i in 0..<m { s[i, i] += 1 }
    let eigen = try s.symmetricEigen()
    #expect(gap(product(eigen.vectors, s, right: false), product(.diagonal(eigen.values), eigen.vectors)) < 50 * eps)
    #expect(gap(product(eigen.vectors, eigen.vectors, right: true), .identity(m)) < eps)
    #expect(try distance(s.symmetricEigenvalues(), eigen.values) < 50 * eps && eigen.values == eigen.values.sorted())
    let part = try s.symmetricEigen(in: m / 2..<m)
    #expect(distance(part.values, Array(eigen.values[(m / 2)...])) < 50 * eps)
    #expect(gap(product(part.vectors, s), product(.diagonal(part.values), part.vectors)) < 50 * eps)
    let top = try s.largestSymmetricEigenpair()
    #expect(distance(s.multiplied(by: top.vector), top.vector.map { $0 * top.value }) < 50 * eps)
    let factor = try s.cholesky()
    #expect(gap(product(factor, factor, right: true), s) < eps)
    #expect((0..<m).allSatisfy { i in (i + 1..<max(m, i + 1)).allSatisfy { factor[i, $0] == 0 } })

    // Triangular solves, from either side; the other triangle is filled to prove that it is not read.
    var full = factor
    for i in 0..<m { for j in i + 1..<max(m, i + 1) { full[i, j] = .nan } }
    for transposing in [false, true] {
      let x: Matrix<E> = random.gaussianMatrix(rows: m, columns: 3)
      var right = product(factor, x, left: transposing)
      try full.solveTriangular(.lower, transposing: transposing, &right)
      #expect(gap(right, x) < eps)
      right = product(factor.transposed, x, left: transposing)
      try factor.transposed.solveTriangular(.upper, transposing: transposing, &right)
      #expect(gap(right, x) < eps)
      var left = product(x.transposed, transposing ? factor.transposed : factor)
      try full.solveTriangular(.lower, transposing: transposing, fromRight: true, &left)
      #expect(gap(left, x.transposed) < eps)
      let vector = product(factor, x, left: transposing).transposed.row(1)
      #expect(try distance(full.solvedTriangular(.lower, transposing: transposing, vector), x.transposed.row(1)) < eps)
    }
  }

  @Test(arguments: shapes) func inDouble(_ m: Int, _ n: Int) throws { try check(Double.self, m, n) }
  @Test(arguments: shapes) func inFloat(_ m: Int, _ n: Int) throws { try check(Float.self, m, n) }

  @Test func exactSmallCases() throws {
    let a = Matrix<Double>(rows: 2, columns: 2, elements: [4, 2, 2, 10])
    #expect(try a.cholesky().elements == [2, 0, 1, 3])
    #expect(try Matrix<Double>.diagonal([3, -1, 2]).symmetricEigenvalues() == [-1, 2, 3])
    #expect(try Matrix<Float>.diagonal([3, -7, 2]).singularValues() == [7, 3, 2])
    #expect(Matrix<Float>(rows: 1, columns: 2, elements: [3, 4]).frobeniusNorm == 5)
  }

  @Test func normsDoNotOverflowOrUnderflow() {
    #expect(Matrix<Double>(rows: 1, columns: 2, elements: [3e200, 4e200]).frobeniusNorm.distance(to: 5e200).magnitude < 1e186)
    #expect(Matrix<Double>(rows: 1, columns: 2, elements: [3e-200, 4e-200]).frobeniusNorm.distance(to: 5e-200).magnitude < 1e-214)
    #expect(Matrix<Double>(rows: 1, columns: 1, elements: [.leastNonzeroMagnitude]).frobeniusNorm == .leastNonzeroMagnitude)
    #expect(Matrix<Float>(rows: 2, columns: 1, elements: [.infinity, 1]).frobeniusNorm == .infinity)
    #expect(Matrix<Float>(rows: 2, columns: 1, elements: [.nan, 1]).frobeniusNorm.isNaN)
    #expect(Matrix<Float>(rows: 2, columns: 0).frobeniusNorm == 0)
  }

  @Test func emptyMatrices() throws {
    let empty = Matrix<Double>(rows: 0, columns: 0)
    #expect(try empty.cholesky() == empty && empty.symmetricEigenvalues().isEmpty && empty.singularValues().isEmpty)
    #expect(try Matrix<Double>(rows: 3, columns: 0).qr().q.rows == 3)
    #expect(Matrix.product(Matrix<Double>(rows: 2, columns: 0), Matrix<Double>(rows: 0, columns: 2)).elements == [0, 0, 0, 0])
  }

  @Test func failuresAreTypedErrors() {
    let indefinite = Matrix<Double>(rows: 3, columns: 3, elements: [1, 0, 0, 0, 1, 0, 0, 2, 1])
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 3)) { try indefinite.cholesky() }
    for bad in [Double.nan, .infinity] {
      let matrix = Matrix<Double>(rows: 2, columns: 2, elements: [1, 0, bad, 1])
      #expect(throws: LinearAlgebraError.notFinite(routine: "syevd")) { try matrix.symmetricEigen() }
      #expect(throws: LinearAlgebraError.notFinite(routine: "syevd")) { try matrix.symmetricEigenvalues() }
      #expect(throws: LinearAlgebraError.notFinite(routine: "syevr")) { try matrix.symmetricEigen(in: 0..<1) }
      #expect(throws: LinearAlgebraError.notFinite(routine: "gesdd")) { try matrix.svd() }
      #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 2)) { try matrix.cholesky() }
    }
    #expect(throws: LinearAlgebraError.singular(index: 1)) {
      try Matrix<Float>.diagonal([1, 0]).solvedTriangular(.lower, [1, 1])
    }
  }

  @Test func programmerErrorsStop() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix.product(Matrix<Double>(rows: 2, columns: 3), Matrix<Double>(rows: 2, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      _ = DenseMap(weight: Matrix<Double>(rows: 2, columns: 3)).apply([1.0])
    }
  }
}
