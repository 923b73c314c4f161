import CKernels
import LinearAlgebra

/// An affine term's matrix A by rows, for proofs that go forwards through a network: explicit entries, each exact or with a radius.
///
/// All sums are plain sums of products over these entries.
struct RowwiseMap {
  private enum Entries {
    case dense(Matrix<Double>)
    case sparse(SparseRows<Double>)
  }

  private let entries: Entries
  /// The length of the vectors A takes.
  let inputCount: Int
  /// The length of the vectors A gives.
  let outputCount: Int
  /// The greatest number of terms in a sum over a row.
  let termCount: Int
  /// Whether every entry and radius lies in ``NumberRange``.
  let isInRange: Bool
  /// Whether some entry has a radius.
  let isUncertain: Bool

  /// The matrix of `map`, or the identity of order `count` when `map` is nil.
  init(_ map: (any LinearMap<Double>)?, count: Int) {
    let limit = NumberRange.largestCoefficient
    if let dense = map as? DenseMap<Double>, dense.repetitions == 1 {
      entries = .dense(dense.weight)
      (inputCount, outputCount, termCount) = (dense.weight.columns, dense.weight.rows, dense.weight.columns)
      isInRange = NumberRange.holds(dense.weight.elements, limit: limit)
      isUncertain = false
      return
    }
    let rows =
      map?.sparseRows()
      ?? SparseRows(columnCount: count, starts: Array(0...count), columns: Array(0..<count), values: Array(repeating: 1, count: count))
    entries = .sparse(rows)
    inputCount = rows.columnCount
    outputCount = rows.starts.count - 1
    termCount = zip(rows.starts, rows.starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    isInRange = NumberRange.holds(rows.values, limit: limit) && NumberRange.holds(rows.radii, limit: limit)
    isUncertain = rows.radii.contains { $0 != 0 }
  }

  /// The diagonal matrix of these elements.
  init(diagonal: [Double]) { self.init(DiagonalMap(scale: diagonal), count: diagonal.count) }

  // MARK: - Vectors

  private enum Part { case values, magnitudes, radii }

  private func product(_ x: [Double], _ part: Part) -> [Double] {
    switch entries {
    case .dense(let matrix):
      if part == .radii { return [Double](repeating: 0, count: outputCount) }
      return matrix.elements.withUnsafeBufferPointer { a in
        x.withUnsafeBufferPointer { x in
          (0..<matrix.rows).map { i in
            var sum = 0.0
            for k in 0..<matrix.columns {
              let value = a[i &* matrix.columns &+ k]
              sum += (part == .values ? value : value.magnitude) * x[k]
            }
            return sum
          }
        }
      }
    case .sparse(let rows):
      if part == .radii && rows.radii.isEmpty { return [Double](repeating: 0, count: outputCount) }
      return (0..<outputCount).map { i in
        (rows.starts[i]..<rows.starts[i + 1]).reduce(0) { sum, k in
          let factor =
            switch part {
            case .values: rows.values[k]
            case .magnitudes: rows.values[k].magnitude
            case .radii: rows.radii[k]
            }
          return sum + factor * x[rows.columns[k]]
        }
      }
    }
  }

  /// A x, each element one plain sum.
  func product(_ x: [Double]) -> [Double] { product(x, .values) }
  /// |A| w for w ≥ 0.
  func magnitudeProduct(_ w: [Double]) -> [Double] { product(w, .magnitudes) }
  /// R w for w ≥ 0, R the radii.
  func radiusProduct(_ w: [Double]) -> [Double] { product(w, .radii) }

  /// Adds |A|′ w, or R′ w, to `target` for w ≥ 0.
  func addMagnitudeAdjoint(_ w: [Double], radii: Bool, to target: inout [Double], offset: Int) {
    switch entries {
    case .dense(let matrix):
      if radii { return }
      for i in 0..<matrix.rows { for k in 0..<matrix.columns { target[offset + k] += matrix[i, k].magnitude * w[i] } }
    case .sparse(let rows):
      if radii && rows.radii.isEmpty { return }
      for i in 0..<outputCount {
        for k in rows.starts[i]..<rows.starts[i + 1] {
          target[offset + rows.columns[k]] += (radii ? rows.radii[k] : rows.values[k].magnitude) * w[i]
        }
      }
    }
  }

  // MARK: - Matrices

  /// Adds A X′ to `target`, X being some columns of a matrix with `rowCount` rows.
  ///
  /// - Parameters:
  ///   - x: the first of the columns in the first row; rows are `stride` apart.
  ///   - target: ``outputCount`` rows of `rowCount` numbers.
  func addProduct(
    _ x: UnsafePointer<Double>, rowCount: Int, stride: Int, to target: UnsafeMutablePointer<Double>, isCancelled: () -> Bool
  ) throws {
    let (source, result) = (SharedBuffer(base: UnsafeMutablePointer(mutating: x)), SharedBuffer(base: target))
    switch entries {
    case .dense(let matrix):
      let (n, block) = (inputCount, 64)
      guard n > 0 else { return }
      try matrix.elements.withUnsafeBufferPointer { a in
        guard let a = SharedInput(a) else { return }
        try Interruptible.run((outputCount + block - 1) / block, cost: 64 * Double(rowCount) * Double(n), isCancelled: isCancelled) {
          let first = $0 * block
          let count = min(block, matrix.rows - first)
          for other in Swift.stride(from: 0, to: rowCount, by: block) {
            lipcert_dots(
              count, min(block, rowCount - other), n, 1, a.base + first * n, n, source.base + other * stride, stride,
              result.base + first * rowCount + other, rowCount)
          }
        }
      }
    case .sparse(let rows):
      try Interruptible.run(outputCount, cost: Double(termCount) * Double(rowCount), isCancelled: isCancelled) { i in
        for k in rows.starts[i]..<rows.starts[i + 1] {
          let (value, column) = (rows.values[k], source.base + rows.columns[k])
          let row = result.base + i * rowCount
          for j in 0..<rowCount { row[j] += value * column[j &* stride] }
        }
      }
    }
  }
}
