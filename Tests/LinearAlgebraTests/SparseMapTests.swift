import LinearAlgebra
import Testing

@Suite struct SparseMapTests {
  let map = SparseMap<Double>(inputCount: 4, rows: [[(0, 1), (3, -1)], [], [(1, 0.5), (2, 0.5), (0, 3)]])

  /// Apply and adjoint are products with the explicit matrix, accumulated or not, in both precisions.
  @Test func productsWithTheMatrix() {
    var random = SplitMix64(seed: 1)
    let dense = map.denseMatrix()
    #expect(dense.elements == [1, 0, 0, -1, 0, 0, 0, 0, 3, 0.5, 0.5, 0])
    let x: Matrix<Double> = random.gaussianMatrix(rows: 5, columns: 4)
    let y: Matrix<Double> = random.gaussianMatrix(rows: 5, columns: 3)
    var forward = y
    var backward = x
    map.apply(x, to: &forward, accumulating: true)
    map.adjoint(y, to: &backward, accumulating: true)
    let single = map.converted(to: Float.self).apply(x.converted(to: Float.self))
    for row in 0..<5 {
      for i in 0..<3 {
        let product = (0..<4).reduce(0) { $0 + dense[i, $1] * x[row, $1] }
        #expect(abs(map.apply(x)[row, i] - product) < 1e-14)
        #expect(abs(forward[row, i] - (y[row, i] + product)) < 1e-14)
        #expect(abs(Double(single[row, i]) - product) < 1e-5)
      }
      for j in 0..<4 {
        let product = (0..<3).reduce(0) { $0 + dense[$1, j] * y[row, $1] }
        #expect(abs(map.adjoint(y)[row, j] - product) < 1e-14)
        #expect(abs(backward[row, j] - (x[row, j] + product)) < 1e-14)
      }
    }
  }

  @Test func mapsWithoutEntriesGiveZeros() {
    let empty = SparseMap<Double>(inputCount: 2, rows: [[], []])
    var y = Matrix<Double>(rows: 1, columns: 2, repeating: 7)
    empty.apply(Matrix(rows: 1, columns: 2, repeating: 1), to: &y, accumulating: true)
    #expect(y.elements == [7, 7])
    empty.apply(Matrix(rows: 1, columns: 2, repeating: 1), to: &y, accumulating: false)
    #expect(y.elements == [0, 0])
    #expect(empty.adjoint([1, 2]) == [0, 0])
  }

  /// Radii of a narrower copy still cover the original intervals.
  @Test func convertedRadiiCover() throws {
    let rows = SparseRows<Double>(columnCount: 1, starts: [0, 1], columns: [0], values: [0.1], radii: [1e-12])
    let single = SparseMap(rows).converted(to: Float.self).sparseRows()
    let (value, radius) = (Double(single.values[0]), Double(single.radii[0]))
    #expect(value - radius <= 0.1 - 1e-12 && value + radius >= 0.1 + 1e-12)
    #expect(SparseMap(rows).description == LinearMapDescription(kind: "sparse", integers: [1, 1, 1, 0, 1, 0], reals: [0.1, 1e-12]))
  }
}
