import LinearAlgebra
import Testing

@Suite("Products with sparse matrices")
struct SparseProductMapTests {
  static func matrix<Element: Scalar>(_ rows: Int, _ columns: Int, density: Double, _ random: inout SplitMix64) -> Matrix<Element> {
    var matrix: Matrix<Element> = random.gaussianMatrix(rows: rows, columns: columns)
    for i in 0..<rows {
      // Some rows have no entry at all.
      let isEmpty = i % 5 == 3
      for j in 0..<columns where isEmpty || random.nextUniform() >= density { matrix[i, j] = 0 }
    }
    return matrix
  }

  /// Sums of k products differ by at most γ(k) times the sum of magnitudes from one another's exact value.
  static func check<Element: Scalar>(_ type: Element.Type, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for (rows, columns, density) in [(1, 1, 1.0), (7, 5, 0.4), (33, 70, 0.1), (64, 3, 0.02), (20, 40, 0), (5, 0, 1), (40, 61, 1)] {
      let weight: Matrix<Element> = matrix(rows, columns, density: density, &random)
      let dense = DenseMap(weight: weight)
      let sparse = try #require(SparseProductMap(dense.sparseRows()))
      #expect(sparse.denseMatrix() == weight)
      #expect(sparse.description == SparseMap(dense.sparseRows()).description)
      let size = DenseMap(weight: Matrix(rows: rows, columns: columns, elements: weight.elements.map(\.magnitude)))
      for batch in [0, 1, 2, 3, 8, 31, 32, 45, 100] {
        let x: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: columns)
        let y: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: rows)
        let tolerance = Element(4 * (rows + columns + 2)) * Element.ulpOfOne
        func compare(_ a: Matrix<Element>, _ b: Matrix<Element>, _ scale: Matrix<Element>) {
          for k in a.elements.indices { #expect((a.elements[k] - b.elements[k]).magnitude <= tolerance * (scale.elements[k] + 1)) }
        }
        func magnitudes(_ a: Matrix<Element>) -> Matrix<Element> {
          Matrix(rows: a.rows, columns: a.columns, elements: a.elements.map(\.magnitude))
        }
        compare(sparse.apply(x), dense.apply(x), size.apply(magnitudes(x)))
        compare(sparse.adjoint(y), dense.adjoint(y), size.adjoint(magnitudes(y)))
        var (first, second) = (y, y)
        sparse.apply(x, to: &first, accumulating: true)
        dense.apply(x, to: &second, accumulating: true)
        compare(first, second, size.apply(magnitudes(x)))
        (first, second) = (x, x)
        sparse.adjoint(y, to: &first, accumulating: true)
        dense.adjoint(y, to: &second, accumulating: true)
        compare(first, second, size.adjoint(magnitudes(y)))
        // A vector's product does not depend on its company.
        if batch > 0 { #expect(sparse.apply(x).row(batch - 1) == sparse.apply(x.row(batch - 1))) }
      }
    }
  }

  @Test("Sparse and dense products agree", arguments: UInt64(1)...2)
  func agreement(seed: UInt64) throws {
    try Self.check(Double.self, seed: seed)
    try Self.check(Float.self, seed: seed)
  }

  @Test func precisions() throws {
    let rows = SparseRows<Double>(columnCount: 2, starts: [0, 1, 2], columns: [1, 0], values: [0.1, 3])
    let single = try #require(SparseProductMap(rows)).converted(to: Float.self)
    #expect(single is SparseProductMap<Float>)
    #expect(single.apply([1, 2]) == [Float(0.1) * 2, 3])
  }

  @Test("Enough zeros make a matrix sparse: more than 60 % and less than 85 % for layers that are not small")
  func policy() {
    for (rows, columns) in [(400, 400), (400, 784), (100, 784), (1000, 1000)] {
      let isSparse = (0...100).map { SparsePolicy.prefersSparse(rows: rows, columns: columns, entries: rows * columns * (100 - $0) / 100) }
      #expect(!isSparse[60] && isSparse[85])
      #expect(zip(isSparse, isSparse.dropFirst()).allSatisfy { !$0 || $1 })
    }
    // Where laying out the vectors costs as much as the dense product.
    #expect(!SparsePolicy.prefersSparse(rows: 10, columns: 400, entries: 0))
  }

  @Test func formsOfMaps() {
    var random = SplitMix64(seed: 5)
    let thin: Matrix<Double> = Self.matrix(200, 200, density: 0.1, &random)
    let full: Matrix<Double> = random.gaussianMatrix(rows: 200, columns: 200)
    #expect(DenseMap(weight: thin).fastest() is SparseProductMap<Double>)
    #expect(DenseMap(weight: full).fastest() is DenseMap<Double>)
    #expect(DenseMap(weight: thin, repetitions: 2).fastest() is DenseMap<Double>)
    #expect(SparseMap<Double>(inputCount: 2, rows: [[(0, 1)], []]).fastest() is SparseProductMap<Double>)
    #expect(DiagonalMap<Double>(scale: [0, 1]).fastest() is DiagonalMap<Double>)
  }
}
