import CKernels
import LinearAlgebra

/// An affine term's matrix A as bound propagation uses it: intervals go forwards through it, blocks of coefficient rows backwards.
///
/// All sums are plain sums of products over its entries.
struct PropagationMap: Sendable {
  private enum Entries {
    /// A, and the same in panels of columns for the backward kernel.
    case dense(Matrix<Double>, panels: [Double])
    case sparse(SparseRows<Double>)
  }

  private let entries: Entries
  /// The length of the vectors A takes.
  let inputCount: Int
  /// The length of the vectors A gives.
  let outputCount: Int
  /// The greatest number of entries of a row.
  let rowTermCount: Int
  /// The greatest number of entries of a column.
  let columnTermCount: Int
  /// Whether some entry has a radius.
  let isUncertain: Bool

  /// The matrix of `map`, or the identity of order `count` when `map` is nil.
  ///
  /// - Throws: ``NotProved`` when a coefficient is too large or not a number.
  init(_ map: (any LinearMap<Double>)?, count: Int) throws {
    let limit = NumberRange.largestCoefficient
    func require(_ isInRange: Bool) throws {
      if !isInRange { throw NotProved("a coefficient is too large or not a number, or there are too many") }
    }
    if let dense = map as? DenseMap<Double>, dense.repetitions == 1 {
      let w = dense.weight
      try require(NumberRange.holds(w.elements, limit: limit) && max(w.rows, w.columns) < NumberRange.largestOrder)
      entries = .dense(w, panels: Self.panels(w))
      (inputCount, outputCount, rowTermCount, columnTermCount) = (w.columns, w.rows, w.columns, w.rows)
      isUncertain = false
      return
    }
    let rows =
      map?.sparseRows()
      ?? SparseRows(columnCount: count, starts: Array(0...count), columns: Array(0..<count), values: Array(repeating: 1, count: count))
    try require(NumberRange.holds(rows.values, limit: limit) && NumberRange.holds(rows.radii, limit: limit))
    entries = .sparse(rows)
    (inputCount, outputCount) = (rows.columnCount, rows.starts.count - 1)
    rowTermCount = zip(rows.starts, rows.starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    var uses = [Int](repeating: 0, count: rows.columnCount)
    for column in rows.columns { uses[column] += 1 }
    columnTermCount = uses.max() ?? 0
    isUncertain = rows.radii.contains { $0 != 0 }
    try require(max(inputCount, outputCount, rowTermCount, columnTermCount) < NumberRange.largestOrder)
  }

  private static func panels(_ w: Matrix<Double>) -> [Double] {
    let (m, n, width) = (w.rows, w.columns, Int(LIPCERT_ROW_PANEL))
    return [Double](unsafeUninitializedCapacity: m * padded(n)) { panels, count in
      count = m * padded(n)
      panels.update(repeating: 0)
      w.elements.withUnsafeBufferPointer { w in
        for i in 0..<m { for j in 0..<n { panels[(j / width * m + i) * width + j % width] = w[i * n + j] } }
      }
    }
  }

  /// The number of units of a block over `count` units, rounded up to whole panels.
  static func padded(_ count: Int) -> Int { (count + Int(LIPCERT_ROW_PANEL) - 1) / Int(LIPCERT_ROW_PANEL) * Int(LIPCERT_ROW_PANEL) }

  /// The number of entries.
  var entryCount: Int {
    switch entries {
    case .dense(let w, _): w.elements.count
    case .sparse(let rows): rows.values.count
    }
  }

  /// The entries of a row, when A is sparse and they have no radii.
  func exactRow(_ row: Int) -> [(column: Int, value: Double)]? {
    guard case .sparse(let rows) = entries, !isUncertain else { return nil }
    return (rows.starts[row]..<rows.starts[row + 1]).map { (rows.columns[$0], rows.values[$0]) }
  }

  /// Whether A is `factor` times the identity, exactly.
  func isMultipleOfIdentity(_ factor: Double) -> Bool {
    guard case .sparse(let rows) = entries, !isUncertain, inputCount == outputCount, rows.values.count == outputCount else { return false }
    return rows.starts.elementsEqual(0...outputCount) && rows.columns.elementsEqual(0..<outputCount)
      && rows.values.allSatisfy { $0 == factor }
  }

  // MARK: - Vectors

  /// Adds A x to `sums`.
  func addProduct(_ x: [Double], to sums: inout [Double]) {
    switch entries {
    case .dense(let w, _):
      guard w.columns > 0 else { return }
      w.elements.withUnsafeBufferPointer { a in
        x.withUnsafeBufferPointer { x in
          sums.withUnsafeMutableBufferPointer { y in
            guard let a = a.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
            lipcert_dots(w.rows, 1, w.columns, 1, a, w.columns, x, w.columns, y, 1)
          }
        }
      }
    case .sparse(let rows): Self.multiply(rows, rows.values, x, &sums) { $0 }
    }
  }

  /// Adds |A| x to `sums` for x ≥ 0.
  func addMagnitudeProduct(_ x: [Double], to sums: inout [Double]) {
    switch entries {
    case .dense(let w, _):
      guard w.columns > 0 else { return }
      w.elements.withUnsafeBufferPointer { a in
        x.withUnsafeBufferPointer { x in
          sums.withUnsafeMutableBufferPointer { y in
            guard let a = a.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
            lipcert_magnitude_product(w.rows, w.columns, a, x, y)
          }
        }
      }
    case .sparse(let rows): Self.multiply(rows, rows.values, x, &sums) { $0.magnitude }
    }
  }

  /// Adds R x to `sums` for x ≥ 0, R the radii.
  func addRadiusProduct(_ x: [Double], to sums: inout [Double]) {
    if case .sparse(let rows) = entries, isUncertain { Self.multiply(rows, rows.radii, x, &sums) { $0 } }
  }

  @inline(__always)
  private static func multiply(
    _ rows: SparseRows<Double>, _ values: [Double], _ x: [Double], _ sums: inout [Double], _ part: (Double) -> Double
  ) {
    rows.starts.withUnsafeBufferPointer { starts in
      rows.columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          x.withUnsafeBufferPointer { x in
            for i in 0..<starts.count - 1 {
              var sum = 0.0
              var k = starts[i]
              while k < starts[i + 1] {
                sum += part(values[k]) * x[columns[k]]
                k &+= 1
              }
              sums[i] += sum
            }
          }
        }
      }
    }
  }

  // MARK: - Blocks of rows

  /// Adds C A to `target` for a block C of coefficient rows.
  ///
  /// - Parameters:
  ///   - c: over ``outputCount`` units.
  ///   - active: the units with coefficients that are not zero.
  ///   - target: over ``inputCount`` units.
  func addPulledBack(_ c: UnsafePointer<Double>, width: Int, active: UnsafeBufferPointer<Int>, to target: CoefficientRows) {
    guard let units = active.baseAddress, active.count > 0 else { return }
    switch entries {
    case .dense(let w, let panels):
      target.touchAll()
      panels.withUnsafeBufferPointer { panels in
        guard let panels = panels.baseAddress else { return }
        lipcert_rows_dense(width, active.count, units, w.rows, w.columns, panels, c, target.values)
      }
    case .sparse(let rows):
      rows.starts.withUnsafeBufferPointer { starts in
        rows.columns.withUnsafeBufferPointer { columns in
          rows.values.withUnsafeBufferPointer { values in
            guard let starts = starts.baseAddress, let columns = columns.baseAddress, let values = values.baseAddress else { return }
            // Most rows read most columns.
            if 2 * active.count > outputCount { target.touchAll() } else { target.touch(columns, starts: starts, rows: active) }
            lipcert_rows_sparse(width, active.count, units, starts, columns, values, c, target.values)
          }
        }
      }
    }
  }

  /// Adds ± a row of A as row `lane` of a block.
  func addRow(_ row: Int, sign: Double, lane: Int, width: Int, to target: CoefficientRows) {
    switch entries {
    case .dense(let w, _):
      target.touchAll()
      w.elements.withUnsafeBufferPointer { elements in
        for j in 0..<w.columns { target.values[j &* width &+ lane] += sign * elements[row &* w.columns &+ j] }
      }
    case .sparse(let rows):
      for k in rows.starts[row]..<rows.starts[row + 1] {
        target.touch(rows.columns[k])
        target.values[rows.columns[k] &* width &+ lane] += sign * rows.values[k]
      }
    }
  }

  // MARK: - Locality

  /// For each row of A the least of some numbers of the columns that it reads.
  func leasts(of numbers: [Int]) -> [Int] {
    switch entries {
    case .dense: Array(repeating: numbers.min() ?? .max, count: outputCount)
    case .sparse(let rows):
      (0..<outputCount).map { i in rows.columns[rows.starts[i]..<rows.starts[i + 1]].reduce(.max) { min($0, numbers[$1]) } }
    }
  }
}
