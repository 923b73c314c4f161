import LinearAlgebra

/// A regular square system M'Δ = d with a bound on its inverse.
struct ShiftSystem {
  /// The rows of A that M consists of.
  let rows: [Int]
  private let order: Int
  /// |C|, row by row.
  private var inverse: [Double]
  /// At least ‖I − C M'‖∞.
  private var contraction = 0.0

  /// Chooses rows by elimination with pivoting; `nil` when the columns are dependent on the rows allowed, or too close to it.
  init?(_ program: LinearProgram, columns: [Int], rows candidates: [Int]) {
    let (count, order) = (candidates.count, columns.count)
    guard order <= count else { return nil }
    let position = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    // Row v of the dense matrix is column v of A on the candidates.
    var work = [Double](repeating: 0, count: order * count)
    for (c, row) in candidates.enumerated() {
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        if let v = position[program.entryColumns[entry]] { work[v * count + c] = program.entryValues[entry] }
      }
    }
    guard let pivots = Self.pivots(&work, order, count) else { return nil }
    rows = pivots.map { candidates[$0] }
    self.order = order

    // M' with one row for each column of A, one column for each chosen row.
    let index = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    var entries: [[(Int, Double)]] = Array(repeating: [], count: order)
    for row in rows {
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        if let v = position[program.entryColumns[entry]], let r = index[row] { entries[v].append((r, program.entryValues[entry])) }
      }
    }
    guard let approximate = Self.inverse(entries, order) else { return nil }
    inverse = approximate
    for r in 0..<order {
      let residual = Self.residual(approximate, entries, r, order)
      guard residual < 0.5 else { return nil }
      contraction = max(contraction, residual)
    }
    for k in inverse.indices { inverse[k] = inverse[k].magnitude }
  }

  /// Bounds of |Δ| for |d| at most the given sizes.
  func radii(_ sizes: [Double]) -> [Double]? {
    var products: [Double] = []
    for r in 0..<order {
      var sum = 0.0
      for v in 0..<order where sizes[v] != 0 { sum = ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(inverse[r * order + v], sizes[v])) }
      products.append(sum)
    }
    let largest = products.max() ?? 0
    let excess = ErrorBounds.multiplyUp(
      ErrorBounds.divideUp(contraction, ErrorBounds.subtractDown(1, contraction)), largest)
    let result = products.map { ErrorBounds.addUp($0, excess) }
    return result.allSatisfy(\.isFinite) ? result : nil
  }

  /// The columns of the dense matrix that elimination picks, one for each of its rows.
  private static func pivots(_ work: inout [Double], _ order: Int, _ count: Int) -> [Int]? {
    var chosen: [Int] = []
    let isRegular = work.withUnsafeMutableBufferPointer { work in
      for v in 0..<order {
        let row = v * count
        var (best, pivot, size) = (0.0, -1, 0.0)
        for c in 0..<count {
          size = max(size, work[row + c].magnitude)
          if work[row + c].magnitude > best { (best, pivot) = (work[row + c].magnitude, c) }
        }
        guard pivot >= 0, best > 1e-11 else { return false }
        chosen.append(pivot)
        for other in (v + 1)..<max(order, v + 1) where work[other * count + pivot] != 0 {
          let factor = work[other * count + pivot] / work[row + pivot]
          for c in 0..<count where work[row + c] != 0 { work[other * count + c] -= factor * work[row + c] }
          work[other * count + pivot] = 0
        }
      }
      return true
    }
    return isRegular ? chosen : nil
  }

  /// An approximate inverse by Gauss–Jordan elimination with row exchanges.
  private static func inverse(_ entries: [[(Int, Double)]], _ order: Int) -> [Double]? {
    let width = 2 * order
    var work = [Double](repeating: 0, count: order * width)
    for (v, row) in entries.enumerated() {
      for (r, value) in row { work[v * width + r] = value }
      work[v * width + order + v] = 1
    }
    let isRegular = work.withUnsafeMutableBufferPointer { work in
      for k in 0..<order {
        var pivot = k
        for v in k..<order where work[v * width + k].magnitude > work[pivot * width + k].magnitude { pivot = v }
        guard work[pivot * width + k] != 0 else { return false }
        if pivot != k { for c in 0..<width { work.swapAt(pivot * width + c, k * width + c) } }
        let scale = 1 / work[k * width + k]
        for c in k..<width { work[k * width + c] *= scale }
        for v in 0..<order where v != k && work[v * width + k] != 0 {
          let factor = work[v * width + k]
          for c in k..<width { work[v * width + c] -= factor * work[k * width + c] }
        }
      }
      return true
    }
    guard isRegular else { return nil }
    var result = [Double](repeating: 0, count: order * order)
    for v in 0..<order { for c in 0..<order { result[v * order + c] = work[v * width + order + c] } }
    return result.allSatisfy(\.isFinite) ? result : nil
  }

  /// At least Σ |I − C M'| over row r.
  private static func residual(_ inverse: [Double], _ entries: [[(Int, Double)]], _ r: Int, _ order: Int) -> Double {
    var row = [Interval](repeating: Interval(0), count: order)
    row[r] = Interval(1)
    for v in 0..<order where inverse[r * order + v] != 0 {
      let factor = Interval(inverse[r * order + v])
      for (column, value) in entries[v] { row[column].subtract(value, times: factor) }
    }
    return row.reduce(0) { ErrorBounds.addUp($0, $1.magnitude) }
  }
}
