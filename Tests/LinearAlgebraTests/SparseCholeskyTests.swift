import LinearAlgebra
import Testing

@Suite struct SparseCholeskyTests {
  /// The upper triangle by columns of a symmetric matrix with this pattern that is positive definite by its diagonal.
  static func matrix(_ n: Int, seed: UInt64, _ isEntry: (Int, Int, Double) -> Bool) -> (Matrix<Double>, [Int], [Int], [Double]) {
    var random = SplitMix64(seed: seed)
    var dense = Matrix<Double>(rows: n, columns: n)
    for j in 0..<n {
      for i in 0..<j {
        if isEntry(i, j, random.nextUniform()) {
          dense[i, j] = random.nextGaussian()
          dense[j, i] = dense[i, j]
        }
      }
    }
    for i in 0..<n { dense[i, i] = 1e-3 + (0..<n).reduce(0) { $0 + ($1 == i ? 0 : dense[i, $1].magnitude) } }
    var (starts, rows, values) = ([0], [Int](), [Double]())
    for j in 0..<n {
      for i in 0...j where dense[i, j] != 0 {
        rows.append(i)
        values.append(dense[i, j])
      }
      starts.append(rows.count)
    }
    return (dense, starts, rows, values)
  }

  enum Pattern: CaseIterable {
    case diagonal, band, arrow, random, dense, blocks

    func hasEntry(_ i: Int, _ j: Int, _ chance: Double) -> Bool {
      switch self {
      case .diagonal: false
      case .band: j - i <= 2
      case .arrow: i == 0
      case .random: chance < 0.08
      case .dense: true
      case .blocks: i / 5 == j / 5
      }
    }
  }

  @Test(arguments: Pattern.allCases, [1, 2, 17, 60]) func solvesWhatItFactored(pattern: Pattern, n: Int) throws {
    let (dense, starts, rows, values) = Self.matrix(n, seed: UInt64(n), pattern.hasEntry)
    let factor = try #require(try SparseCholesky(starts: starts, rows: rows, values: values, mostEntries: n * n))
    var random = SplitMix64(seed: 3)
    let b: [Double] = random.gaussianVector(n)
    let x = factor.solved(b)
    let scale = x.reduce(0) { max($0, $1.magnitude) } * dense.elements.reduce(0) { max($0, $1.magnitude) }
    for (left, right) in zip(dense.multiplied(by: x), b) { #expect((left - right).magnitude <= 1e-13 * Double(n) * (1 + scale)) }
    // The ordering finds the order without fill of trees and bands' short fill.
    switch pattern {
    case .diagonal: #expect(factor.entryCount == n)
    case .arrow: #expect(factor.entryCount == 2 * n - 1)
    case .band: #expect(factor.entryCount <= 3 * n)
    case .dense: #expect(factor.entryCount == n * (n + 1) / 2)
    default: #expect(factor.entryCount >= rows.count)
    }
  }

  @Test func refusesAndGivesUp() throws {
    #expect(throws: LinearAlgebraError.self) {
      try SparseCholesky(starts: [0, 1, 3], rows: [0, 0, 1], values: [1, 2, 1], mostEntries: 10)
    }
    #expect(try SparseCholesky(starts: [0, 1, 3], rows: [0, 0, 1], values: [5, 2, 5], mostEntries: 2) == nil)
    let empty = try #require(try SparseCholesky(starts: [0], rows: [], values: [], mostEntries: 0))
    #expect(empty.solved([]) == [])
  }
}
