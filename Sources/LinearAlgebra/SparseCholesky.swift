/// The factorisation P A P′ = L L′ of a sparse symmetric positive definite matrix, with P from a minimum degree ordering.
///
/// The up-looking algorithm of Davis, "Direct Methods for Sparse Linear Systems" (SIAM 2006), chapters 4 and 7.
public struct SparseCholesky: Sendable {
  /// The order of the matrix.
  public let order: Int
  /// The number of entries of L.
  public var entryCount: Int { starts[order] }

  private let permutation: [Int]
  private let starts: [Int]
  private var rows: [Int]
  private var values: [Double]

  /// Factors a matrix given by the columns of its upper triangle: entries (i, j) with i ≤ j.
  ///
  /// - Parameters:
  ///   - starts: where each column's entries start, and the number of entries at the end.
  ///   - rows: each entry's row, without repetition in a column.
  ///   - values: each entry's value.
  ///   - mostEntries: gives up, returning `nil`, when L would have more entries; a dense factorisation is faster then.
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(order:)`` with the order of the minor, in the permuted matrix, that fails.
  public init?(starts columnStarts: [Int], rows columnRows: [Int], values columnValues: [Double], mostEntries: Int)
    throws(LinearAlgebraError)
  {
    let n = columnStarts.count - 1
    order = n
    var neighbours = [[Int]](repeating: [], count: n)
    for j in 0..<n {
      for k in columnStarts[j]..<columnStarts[j + 1] where columnRows[k] != j {
        neighbours[j].append(columnRows[k])
        neighbours[columnRows[k]].append(j)
      }
    }
    permutation = EliminationOrder.minimumDegree(neighbours)
    var inverse = [Int](repeating: 0, count: n)
    for (k, i) in permutation.enumerated() { inverse[i] = k }

    // The upper triangle of P A P′ by columns.
    var counts = [Int](repeating: 0, count: n + 1)
    for j in 0..<n {
      for k in columnStarts[j]..<columnStarts[j + 1] { counts[max(inverse[j], inverse[columnRows[k]]) + 1] += 1 }
    }
    for j in 0..<n { counts[j + 1] += counts[j] }
    let upperStarts = counts
    var (upperRows, upperValues) = ([Int](repeating: 0, count: columnRows.count), [Double](repeating: 0, count: columnRows.count))
    for j in 0..<n {
      for k in columnStarts[j]..<columnStarts[j + 1] {
        let (a, b) = (inverse[j], inverse[columnRows[k]])
        let place = counts[max(a, b)]
        counts[max(a, b)] += 1
        upperRows[place] = min(a, b)
        upperValues[place] = columnValues[k]
      }
    }

    let parents = Self.eliminationTree(n, upperStarts, upperRows)
    var marks = [Int](repeating: -1, count: n)
    var pattern = [Int](repeating: 0, count: n)
    var lengths = [Int](repeating: 1, count: n)
    for k in 0..<n {
      let top = Self.rowPattern(k, upperStarts, upperRows, parents, &marks, &pattern)
      for p in top..<n { lengths[pattern[p]] += 1 }
    }
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    guard starts[n] <= mostEntries else { return nil }
    self.starts = starts
    rows = [Int](repeating: 0, count: starts[n])
    values = [Double](repeating: 0, count: starts[n])

    var next = starts
    var x = [Double](repeating: 0, count: n)
    marks = [Int](repeating: -1, count: n)
    for k in 0..<n {
      // Row k of L solves a triangular system with the rows above it.
      let top = Self.rowPattern(k, upperStarts, upperRows, parents, &marks, &pattern)
      for p in upperStarts[k]..<upperStarts[k + 1] { x[upperRows[p]] = upperValues[p] }
      var pivot = x[k]
      x[k] = 0
      for p in top..<n {
        let i = pattern[p]
        let entry = x[i] / values[starts[i]]
        x[i] = 0
        for q in starts[i] + 1..<next[i] { x[rows[q]] -= values[q] * entry }
        pivot -= entry * entry
        rows[next[i]] = k
        values[next[i]] = entry
        next[i] += 1
      }
      guard pivot > 0, pivot.isFinite else { throw .notPositiveDefinite(order: k + 1) }
      rows[next[k]] = k
      values[next[k]] = pivot.squareRoot()
      next[k] += 1
    }
  }

  /// The solution x of A x = b.
  ///
  /// - Complexity: O(entries of L).
  public func solved(_ b: [Double]) -> [Double] {
    precondition(b.count == order, "the right-hand side does not fit the matrix")
    var x = permutation.map { b[$0] }
    x.withUnsafeMutableBufferPointer { x in
      rows.withUnsafeBufferPointer { rows in
        values.withUnsafeBufferPointer { values in
          for j in 0..<order {
            x[j] /= values[starts[j]]
            for p in starts[j] + 1..<max(starts[j] + 1, starts[j + 1]) { x[rows[p]] -= values[p] * x[j] }
          }
          for j in stride(from: order - 1, through: 0, by: -1) {
            var sum = x[j]
            for p in starts[j] + 1..<max(starts[j] + 1, starts[j + 1]) { sum -= values[p] * x[rows[p]] }
            x[j] = sum / values[starts[j]]
          }
        }
      }
    }
    var result = b
    for (k, i) in permutation.enumerated() { result[i] = x[k] }
    return result
  }

  /// Each column's parent in the elimination tree, −1 for roots.
  private static func eliminationTree(_ n: Int, _ starts: [Int], _ rows: [Int]) -> [Int] {
    var (parents, ancestors) = ([Int](repeating: -1, count: n), [Int](repeating: -1, count: n))
    for k in 0..<n {
      for p in starts[k]..<starts[k + 1] {
        var i = rows[p]
        while i != -1, i < k {
          let next = ancestors[i]
          ancestors[i] = k
          if next == -1 { parents[i] = k }
          i = next
        }
      }
    }
    return parents
  }

  /// Writes the columns of row k of L to the end of `pattern`, in topological order; returns where they start.
  private static func rowPattern(
    _ k: Int, _ starts: [Int], _ rows: [Int], _ parents: [Int], _ marks: inout [Int], _ pattern: inout [Int]
  ) -> Int {
    var top = pattern.count
    marks[k] = k
    var path: [Int] = []
    for p in starts[k]..<starts[k + 1] {
      var i = rows[p]
      path.removeAll(keepingCapacity: true)
      while i != -1, marks[i] != k {
        path.append(i)
        marks[i] = k
        i = parents[i]
      }
      for node in path.reversed() {
        top -= 1
        pattern[top] = node
      }
    }
    return top
  }
}
