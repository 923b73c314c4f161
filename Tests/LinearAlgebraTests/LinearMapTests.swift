import LinearAlgebra
import Testing

@Suite struct LinearMapTests {
  @Test func denseMap() {
    var random = SplitMix64(seed: 1)
    checkMap(DenseMap<Double>(weight: random.gaussianMatrix(rows: 7, columns: 5)), batch: 3, seed: 1)
    checkMap(DenseMap<Float>(weight: random.gaussianMatrix(rows: 4, columns: 6), repetitions: 3), batch: 2, seed: 2)
    checkMap(DenseMap<Float>(weight: random.gaussianMatrix(rows: 7, columns: 5)), batch: 1, seed: 3)
  }

  /// Large enough to be split over threads.
  @Test func wideDenseMap() {
    var random = SplitMix64(seed: 2)
    checkMap(DenseMap<Float>(weight: random.gaussianMatrix(rows: 300, columns: 200)), batch: 70, seed: 4)
  }

  @Test func indexMap() {
    let map = IndexMap<Double>(inputCount: 4, indices: [2, -1, 0, 0, 3])
    #expect(map.apply([1, 2, 3, 4]) == [3, 0, 1, 1, 4])
    #expect(map.adjoint([1, 2, 3, 4, 5]) == [7, 0, 1, 5])
    #expect(map.description == LinearMapDescription(kind: "index", integers: [4, 2, -1, 0, 0, 3], reals: []))
    checkMap(map, batch: 3, seed: 5)
    checkMap(map.converted(to: Float.self), batch: 3, seed: 6)
  }

  @Test func emptyInputGivesZeros() {
    let map = IndexMap<Float>(inputCount: 0, indices: [-1, -1])
    var output = Matrix<Float>(rows: 1, columns: 2, repeating: 5)
    map.apply(Matrix(rows: 1, columns: 0), to: &output, accumulating: false)
    #expect(output.elements == [0, 0])
  }

  @Test func diagonalMap() {
    let map = DiagonalMap<Double>(scale: [1, -2, 0.1], radius: [0, 0.5, 1e-20])
    #expect(map.apply([3, 4, 10]) == [3, -8, 1])
    #expect(map.sparseRows().radii == [0, 0.5, 1e-20])
    #expect(map.description.reals == [1, -2, 0.1, 0, 0.5, 1e-20])
    #expect(DiagonalMap<Double>(scale: [2]).sparseRows().radii.isEmpty)
    checkMap(map, batch: 2, seed: 7)
  }

  @Test func narrowedRadiusCoversRounding() {
    let narrow = DiagonalMap<Double>(scale: [0.1], radius: [1e-12]).converted(to: Float.self).sparseRows()
    #expect(Double(narrow.radii[0]) >= abs(Double(narrow.values[0]) - 0.1) + 1e-12)
    #expect(Double(narrow.radii[0]) < 1e-8)
  }
}
