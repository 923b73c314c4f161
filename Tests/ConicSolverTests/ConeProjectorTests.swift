import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// Laws of projections onto cones, checked on random vectors against the definitions.
@Suite struct ConeProjectorTests {
  static let cones: [Cone] = [
    .zero(3), .nonnegative(5), .secondOrder(0), .secondOrder(1), .secondOrder(2), .secondOrder(6), .semidefinite(order: 0),
    .semidefinite(order: 1), .semidefinite(order: 2), .semidefinite(order: 7), .zero(0), .nonnegative(0), .semidefinite(order: 23),
  ]

  static func split(_ cones: [Cone], _ v: [Double]) throws -> (s: [Double], z: [Double]) {
    let projector = try ConeProjector(cones, ranges: Self.ranges(cones))
    var (s, z) = (v, v)
    try projector.split(v, s: &s, z: &z)
    return (s, z)
  }

  static func ranges(_ cones: [Cone]) -> [Range<Int>] {
    var (ranges, start) = ([Range<Int>](), 0)
    for cone in cones {
      ranges.append(start..<start + cone.dimension)
      start += cone.dimension
    }
    return ranges
  }

  static func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test(arguments: [1e-6, 1, 1e6]) func moreauAndIdempotenceAndNonexpansiveness(scale: Double) throws {
    var random = SplitMix64(seed: 5)
    let ranges = Self.ranges(Self.cones)
    let total = try #require(ranges.last?.upperBound)
    for _ in 0..<20 {
      let v: [Double] = random.gaussianVector(total, deviation: scale)
      let w: [Double] = random.gaussianVector(total, deviation: scale)
      let (s, z) = try Self.split(Self.cones, v)
      let (other, _) = try Self.split(Self.cones, w)
      let size = Self.norm(v)
      for (cone, range) in zip(Self.cones, ranges) {
        #expect(try cone.violation(s[range]) <= 1e-14 * size)
        #expect(try cone.dualViolation(z[range]) <= 1e-14 * size)
        let product = range.reduce(0) { $0 + s[$1] * z[$1] }
        #expect(product.magnitude <= 1e-13 * size * size, "\(cone)")
        // Each cone on its own: |Π(v) − Π(w)| ≤ |v − w|.
        let image = Self.norm(range.map { s[$0] - other[$0] })
        let preimage = Self.norm(range.map { v[$0] - w[$0] })
        #expect(image <= preimage + 1e-13 * size)
      }
      #expect(Self.norm(v.indices.map { s[$0] - z[$0] - v[$0] }) <= 1e-14 * size)
      let (again, rest) = try Self.split(Self.cones, s)
      #expect(Self.norm(v.indices.map { again[$0] - s[$0] }) <= 1e-13 * size)
      // The dual part of a point of K is zero, but for the zero cone's 0.
      #expect(Self.norm(rest) <= 1e-13 * size)
    }
  }

  /// Spectra that break eigensolvers: few or many negative eigenvalues, clusters, multiples, zeros, a wide range.
  @Test(arguments: [1, 2, 3, 10, 40, 61]) func partialSpectrumEqualsFullSpectrum(order n: Int) throws {
    var random = SplitMix64(seed: UInt64(n))
    let gaussian: Matrix<Double> = random.gaussianMatrix(rows: n, columns: n)
    let (basis, _) = try gaussian.qr()
    let spectra: [[Double]] = [
      (0..<n).map { Double($0) - 2.5 }, (0..<n).map { 2.5 - Double($0) }, (0..<n).map { $0 % 2 == 0 ? 1 : -1 },
      [Double](repeating: 0, count: n), [Double](repeating: -3, count: n), (0..<n).map { $0 < 3 ? -1e-9 : 1 },
      (0..<n).map { $0 < 2 ? 0 : Double($0) }, (0..<n).map { 1 - 1e-15 * Double($0) }, (0..<n).map { _ in random.nextGaussian() },
    ]
    for values in spectra {
      let scaled = Matrix(rows: n, columns: n, elements: (0..<n * n).map { basis.elements[$0] * values[$0 % n] })
      let matrix = Matrix.product(scaled, basis, transposingRight: true)
      let v = SymmetricVector.vector(matrix)
      let full = try matrix.symmetricEigen()
      var expected = [Double](repeating: 0, count: n * n)
      for k in 0..<n where full.values[k] > 0 {
        for i in 0..<n {
          for j in 0..<n { expected[i * n + j] += full.values[k] * full.vectors[k, i] * full.vectors[k, j] }
        }
      }
      let reference = SymmetricVector.vector(Matrix(rows: n, columns: n, elements: expected))
      let (s, z) = try Self.split([.semidefinite(order: n)], v)
      let tolerance = 2e-13 * max(1, Self.norm(v))
      #expect(Self.norm(v.indices.map { s[$0] - reference[$0] }) <= tolerance)
      #expect(Self.norm(v.indices.map { z[$0] - reference[$0] + v[$0] }) <= tolerance)
      // The eigenpairs handed out are eigenpairs.
      let projection = try SpectralProjection(order: n)
      var (first, second) = (v, v)
      try projection.split(v, s: &first, z: &second)
      let pairs = projection.eigenpairs
      #expect(2 * pairs.count <= n + 16)
      for (k, value) in pairs.values.enumerated() where value.magnitude > 1e-8 {
        let row = pairs.vectors.row(k)
        let image = matrix.multiplied(by: row)
        #expect(Self.norm(row.indices.map { image[$0] - value * row[$0] }) <= 1e-12 * max(1, Self.norm(v)))
        #expect((Self.norm(row) - 1).magnitude <= 1e-12)
      }
    }
  }

  @Test func infiniteAndUndefinedElementsAreRefused() throws {
    for cone in Self.cones where cone.dimension > 0 {
      for bad in [Double.nan, .infinity, -.infinity] {
        var v = [Double](repeating: 1, count: cone.dimension)
        v[cone.dimension / 2] = bad
        #expect(throws: LinearAlgebraError.self) { try Self.split([cone], v) }
      }
    }
  }

  @Test func threadsDoNotChangeTheResult() throws {
    var random = SplitMix64(seed: 8)
    let cones: [Cone] = [.semidefinite(order: 20), .semidefinite(order: 31), .nonnegative(4), .semidefinite(order: 25)]
    let v: [Double] = random.gaussianVector(cones.reduce(0) { $0 + $1.dimension })
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = try Self.split(cones, v)
    Threads.count = 2
    let two = try Self.split(cones, v)
    #expect(one.s == two.s && one.z == two.z)
  }
}
