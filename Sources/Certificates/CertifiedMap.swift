import CKernels
import LinearAlgebra

/// An affine term's matrix A as the checker sees it: explicit entries, each exact or with a radius.
///
/// All sums are plain sums of products over these entries, so the error of each result is at most γ_k times the same sum over absolute
/// values, k being ``termCount``.
struct CertifiedMap {
  private enum Entries {
    case dense(Matrix<Double>, transposed: Matrix<Double>)
    case sparse(SparseRows<Double>, transposed: SparseRows<Double>)
  }

  private let entries: Entries
  /// The length of the vectors A takes.
  let inputCount: Int
  /// The length of the vectors A gives.
  let outputCount: Int
  /// The greatest number of terms in a sum over a column or a row of A.
  let termCount: Int
  /// Whether some entry has a radius.
  let isUncertain: Bool
  /// Whether A is the identity.
  let isIdentity: Bool

  /// Whether every entry and radius lies in ``NumberRange``, and there are not too many.
  var isInRange: Bool {
    guard max(inputCount, outputCount, termCount) < NumberRange.largestOrder else { return false }
    switch entries {
    case .dense(let matrix, _): return NumberRange.holds(matrix.elements, limit: NumberRange.largestCoefficient)
    case .sparse(let rows, _):
      let limit = NumberRange.largestCoefficient
      return NumberRange.holds(rows.values, limit: limit) && NumberRange.holds(rows.radii, limit: limit)
    }
  }

  private init(_ entries: Entries, inputCount: Int, outputCount: Int, termCount: Int, isUncertain: Bool) {
    if case .sparse(let rows, _) = entries, inputCount == outputCount, rows.values.count == inputCount {
      isIdentity =
        !isUncertain && rows.columns.elementsEqual(0..<inputCount) && rows.starts.elementsEqual(0...inputCount)
        && rows.values.allSatisfy { $0 == 1 }
    } else {
      isIdentity = false
    }
    self.entries = entries
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.termCount = termCount
    self.isUncertain = isUncertain
  }

  /// The matrix of `map`, or the identity of order `count` when `map` is nil.
  init(_ map: (any LinearMap<Double>)?, count: Int) {
    guard let map else {
      self.init(
        sparse: SparseRows(
          columnCount: count, starts: Array(0...count), columns: Array(0..<count), values: Array(repeating: 1, count: count)))
      return
    }
    if let dense = map as? DenseMap<Double>, dense.repetitions == 1 {
      let w = dense.weight
      self.init(
        .dense(w, transposed: w.transposed), inputCount: w.columns, outputCount: w.rows, termCount: max(w.rows, w.columns),
        isUncertain: false)
      return
    }
    self.init(sparse: map.sparseRows())
  }

  /// A matrix given by its sparse rows.
  init(sparse rows: SparseRows<Double>) {
    let outputs = rows.starts.count - 1
    let transposed = Self.transposed(rows)
    let longest = [rows, transposed].map { zip($0.starts, $0.starts.dropFirst()).reduce(1) { max($0, $1.1 - $1.0) } }
    self.init(
      .sparse(rows, transposed: transposed), inputCount: rows.columnCount, outputCount: outputs, termCount: longest.max() ?? 1,
      isUncertain: rows.radii.contains { $0 != 0 })
  }

  /// The transpose, without radii; entries of a column keep their order.
  private static func transposed(_ a: SparseRows<Double>) -> SparseRows<Double> {
    var starts = [Int](repeating: 0, count: a.columnCount + 1)
    for column in a.columns { starts[column + 1] += 1 }
    for column in 0..<a.columnCount { starts[column + 1] += starts[column] }
    var next = starts
    var columns = [Int](repeating: 0, count: a.columns.count)
    var values = [Double](repeating: 0, count: a.columns.count)
    for row in 0..<a.starts.count - 1 {
      for k in a.starts[row]..<a.starts[row + 1] {
        let place = next[a.columns[k]]
        next[a.columns[k]] += 1
        columns[place] = row
        values[place] = a.values[k]
      }
    }
    return SparseRows(columnCount: a.starts.count - 1, starts: starts, columns: columns, values: values)
  }

  /// The number of entries.
  var entryCount: Int {
    switch entries {
    case .dense(let matrix, _): matrix.elements.count
    case .sparse(let rows, _): rows.values.count
    }
  }

  /// Whether ``adjointProduct(rows:_:to:stride:accumulating:)`` reads the columns packed.
  var wantsPackedColumns: Bool {
    if case .sparse = entries { return true }
    return false
  }

  /// Some columns of a matrix with ``outputCount`` rows, held in both or one of two ways.
  struct Columns {
    /// How many there are, at most `LIPCERT_COMBINED`.
    let count: Int
    /// Each column, `stride` numbers after the one before.
    let separate: UnsafePointer<Double>
    let stride: Int
    /// Row by row, `LIPCERT_COMBINED` numbers for each.
    let packed: UnsafePointer<Double>?
  }

  /// Adds rows of A′ X to rows of `target`, or writes them there.
  ///
  /// Each entry is one plain sum of products, in some order, added at most once to what was there.
  ///
  /// - Parameters:
  ///   - rows: the rows of A′.
  ///   - x: columns of X; packed if ``wantsPackedColumns``.
  ///   - target: the entry for the first of the rows and columns; rows are `stride` apart.
  ///   - accumulating: whether to add.
  func adjointProduct(
    rows: Range<Int>, _ x: Columns, to target: UnsafeMutablePointer<Double>, stride: Int, accumulating: Bool
  ) {
    switch entries {
    case .dense(_, let transposed):
      let k = outputCount
      transposed.elements.withUnsafeBufferPointer { a in
        for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: 64) {
          let count = min(64, rows.upperBound - first)
          let to = target + (first - rows.lowerBound) * stride
          if !accumulating { for i in 0..<count { (to + i * stride).update(repeating: 0, count: x.count) } }
          guard let a = a.baseAddress else { continue }
          lipcert_dots(count, x.count, k, 1, a + first * k, k, x.separate, x.stride, to, stride)
        }
      }
    case .sparse(_, let transposed):
      transposed.starts.withUnsafeBufferPointer { starts in
        transposed.columns.withUnsafeBufferPointer { columns in
          transposed.values.withUnsafeBufferPointer { values in
            guard let starts = starts.baseAddress else { return }
            lipcert_combine_rows(
              rows.count, starts + rows.lowerBound, columns.baseAddress, values.baseAddress, x.packed, x.count, target, stride,
              accumulating ? 1 : 0)
          }
        }
      }
    }
  }

  /// About the diagonal of A′X, x(k, i) being the elements of X: for scales, not for proofs.
  func adjointDiagonal(_ x: (_ row: Int, _ column: Int) -> Double) -> [Double] {
    var result = [Double](repeating: 0, count: inputCount)
    forEachEntry { row, column, value, _ in result[column] += value * x(row, column) }
    return result
  }

  /// Calls `body` for every entry of A with its radius.
  func forEachEntry(_ body: (_ row: Int, _ column: Int, _ value: Double, _ radius: Double) -> Void) {
    switch entries {
    case .dense(let matrix, _):
      for i in 0..<matrix.rows { for j in 0..<matrix.columns where matrix[i, j] != 0 { body(i, j, matrix[i, j], 0) } }
    case .sparse(let rows, _):
      for i in 0..<rows.starts.count - 1 {
        for k in rows.starts[i]..<rows.starts[i + 1] { body(i, rows.columns[k], rows.values[k], rows.radii.isEmpty ? 0 : rows.radii[k]) }
      }
    }
  }

  /// |A| w, or radius(A) w, for a non-negative vector w.
  func magnitudeProduct(_ w: [Double], radii: Bool = false) -> [Double] {
    switch entries {
    case .dense(let matrix, _):
      return radii ? Array(repeating: 0, count: outputCount) : Self.magnitudes(matrix, w)
    case .sparse(let rows, _):
      var result = [Double](repeating: 0, count: outputCount)
      Self.forEachMagnitude(rows, radii: radii) { result[$0] += $2 * w[$1] }
      return result
    }
  }

  /// |A|′ w, or radius(A)′ w, for a non-negative vector w.
  func magnitudeAdjoint(_ w: [Double], radii: Bool = false) -> [Double] {
    switch entries {
    case .dense(_, let transposed):
      return radii ? Array(repeating: 0, count: inputCount) : Self.magnitudes(transposed, w)
    case .sparse(let rows, _):
      var result = [Double](repeating: 0, count: inputCount)
      Self.forEachMagnitude(rows, radii: radii) { result[$1] += $2 * w[$0] }
      return result
    }
  }

  private static func forEachMagnitude(_ rows: SparseRows<Double>, radii: Bool, _ body: (Int, Int, Double) -> Void) {
    if radii && rows.radii.isEmpty { return }
    for i in 0..<rows.starts.count - 1 {
      for k in rows.starts[i]..<rows.starts[i + 1] { body(i, rows.columns[k], radii ? rows.radii[k] : rows.values[k].magnitude) }
    }
  }

  private static func magnitudes(_ a: Matrix<Double>, _ w: [Double]) -> [Double] {
    a.elements.withUnsafeBufferPointer { elements in
      w.withUnsafeBufferPointer { w in
        guard let elements = elements.baseAddress, let w = w.baseAddress else { return Array(repeating: 0, count: a.rows) }
        return (0..<a.rows).map { lipcert_absolute_dot(a.columns, elements + $0 * a.columns, w) }
      }
    }
  }
}
