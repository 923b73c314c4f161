import CKernels
import LinearAlgebra

/// An affine term's matrix A as the checker sees it: explicit entries, each exact or with a radius.
///
/// All sums are plain sums of products over these entries, so the error of each result is at most γ_k times the same sum over absolute
/// values, k being ``termCount``.
struct CertifiedMap {
  private enum Entries {
    case identity
    case dense(Matrix<Double>, transposed: Matrix<Double>)
    case sparse(SparseRows<Double>)
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

  /// Whether every entry and radius lies in ``NumberRange``, and there are not too many.
  var isInRange: Bool {
    guard max(inputCount, outputCount, termCount) < NumberRange.largestOrder else { return false }
    switch entries {
    case .identity: return true
    case .dense(let matrix, _): return NumberRange.holds(matrix.elements, limit: NumberRange.largestCoefficient)
    case .sparse(let rows):
      let limit = NumberRange.largestCoefficient
      return NumberRange.holds(rows.values, limit: limit) && NumberRange.holds(rows.radii, limit: limit)
    }
  }

  private init(_ entries: Entries, inputCount: Int, outputCount: Int, termCount: Int, isUncertain: Bool) {
    self.entries = entries
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.termCount = termCount
    self.isUncertain = isUncertain
  }

  /// The matrix of `map`, or the identity of order `count` when `map` is nil.
  init(_ map: (any LinearMap<Double>)?, count: Int) {
    guard let map else {
      self.init(.identity, inputCount: count, outputCount: count, termCount: 1, isUncertain: false)
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
    var columnTerms = [Int](repeating: 0, count: rows.columnCount)
    for column in rows.columns { columnTerms[column] += 1 }
    let longestRow = (0..<outputs).map { rows.starts[$0 + 1] - rows.starts[$0] }.max() ?? 0
    self.init(
      .sparse(rows), inputCount: rows.columnCount, outputCount: outputs, termCount: max(longestRow, columnTerms.max() ?? 0, 1),
      isUncertain: rows.radii.contains { $0 != 0 })
  }

  /// A′ X for a matrix X with `outputCount` rows.
  func adjointProduct(_ x: Matrix<Double>) -> Matrix<Double> {
    switch entries {
    case .identity:
      return x
    case .dense(_, let transposed):
      return Self.products(transposed, x.transposed)
    case .sparse(let rows):
      var result = Matrix<Double>(rows: inputCount, columns: x.columns)
      let width = x.columns
      result.elements.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        let shared = SharedBuffer(base: target)
        ParallelFor.runRanges(width, minimumChunk: 64) { range in
          x.elements.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress else { return }
            for z in 0..<rows.starts.count - 1 {
              for k in rows.starts[z]..<rows.starts[z + 1] {
                lipcert_axpy(
                  range.count, rows.values[k], source + z * width + range.lowerBound,
                  shared.base + rows.columns[k] * width + range.lowerBound)
              }
            }
          }
        }
      }
      return result
    }
  }

  /// |A| w, or radius(A) w, for a non-negative vector w.
  func magnitudeProduct(_ w: [Double], radii: Bool = false) -> [Double] {
    switch entries {
    case .identity:
      return radii ? w.map { _ in 0 } : w
    case .dense(let matrix, _):
      return radii ? Array(repeating: 0, count: outputCount) : Self.magnitudes(matrix, w)
    case .sparse(let rows):
      var result = [Double](repeating: 0, count: outputCount)
      Self.forEachMagnitude(rows, radii: radii) { result[$0] += $2 * w[$1] }
      return result
    }
  }

  /// |A|′ w, or radius(A)′ w, for a non-negative vector w.
  func magnitudeAdjoint(_ w: [Double], radii: Bool = false) -> [Double] {
    switch entries {
    case .identity:
      return radii ? w.map { _ in 0 } : w
    case .dense(_, let transposed):
      return radii ? Array(repeating: 0, count: inputCount) : Self.magnitudes(transposed, w)
    case .sparse(let rows):
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

  /// a bᵀ by plain inner products.
  static func products(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    var c = Matrix<Double>(rows: a.rows, columns: b.rows)
    let k = a.columns
    let width = b.rows
    let block = 64
    c.elements.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress, k > 0 else { return }
      let shared = SharedBuffer(base: target)
      ParallelFor.run((a.rows + block - 1) / block) { index in
        let first = index * block
        let count = min(block, a.rows - first)
        a.elements.withUnsafeBufferPointer { a in
          b.elements.withUnsafeBufferPointer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return }
            for j in stride(from: 0, to: width, by: block) {
              lipcert_dots(
                count, min(block, width - j), k, 1, a + first * k, k, b + j * k, k, shared.base + first * width + j, width)
            }
          }
        }
      }
    }
    return c
  }
}
