import ConicPrograms

/// The matrices F₁, …, F_m of one semidefinite cone as sums of stars, Fᵢ = Σ_c (e_p u′ + u e_p′) over few centres p.
///
/// Every entry belongs to the star of that one of its two indices which has more entries. A neuron's matrix in LipSDP is one star, eᵢeᵢ′ or
/// eᵢeⱼ′ + eⱼeᵢ′ as well; then q′F r = q_p u′r + u′q r_p costs nothing once the u′q are known for all eigenvectors q.
struct StarCover {
  /// The order n of the matrices.
  let order: Int
  /// The variables whose matrices are not zero.
  let variables: [Int]
  /// Where the stars of each of these variables start, and the number of stars at the end.
  let starts: [Int]
  /// The centre of each star.
  let centres: [Int]
  /// Where the entries of each star's u start, and their number at the end.
  let entryStarts: [Int]
  /// The places of the entries of u.
  let indices: [Int]
  /// The entries of u.
  let values: [Double]

  /// The cover of the matrices whose svec images are the rows `range` of the columns of A.
  init(order: Int, range: Range<Int>, of a: SparseColumns) {
    var (variables, starts, centres, entryStarts) = ([Int](), [0], [Int](), [0])
    var (indices, values) = ([Int](), [Double]())
    let scale = 0.5.squareRoot()
    var degrees = [Int](repeating: 0, count: order)
    for variable in 0..<a.columnCount {
      let columnRange = a.range(variable)
      let first = Self.lowerBound(of: range.lowerBound, in: a.rows, columnRange)
      let last = Self.lowerBound(of: range.upperBound, in: a.rows, first..<columnRange.upperBound)
      if first == last { continue }
      var entries = (first..<last).map { k -> (centre: Int, other: Int, value: Double) in
        let (i, j) = SymmetricVector.entry(at: a.rows[k] - range.lowerBound)
        return (i, j, i == j ? a.values[k] / 2 : a.values[k] * scale)
      }
      for entry in entries {
        degrees[entry.centre] += 1
        if entry.other != entry.centre { degrees[entry.other] += 1 }
      }
      for k in entries.indices where degrees[entries[k].other] > degrees[entries[k].centre] {
        (entries[k].centre, entries[k].other) = (entries[k].other, entries[k].centre)
      }
      for entry in entries {
        degrees[entry.centre] = 0
        degrees[entry.other] = 0
      }
      entries.sort { ($0.centre, $0.other) < ($1.centre, $1.other) }
      for (k, entry) in entries.enumerated() {
        if k == 0 || entries[k - 1].centre != entry.centre {
          if k > 0 { entryStarts.append(indices.count) }
          centres.append(entry.centre)
        }
        indices.append(entry.other)
        values.append(entry.value)
      }
      entryStarts.append(indices.count)
      variables.append(variable)
      starts.append(centres.count)
    }
    self.order = order
    self.variables = variables
    self.starts = starts
    self.centres = centres
    self.entryStarts = entryStarts
    self.indices = indices
    self.values = values
  }

  private static func lowerBound(of row: Int, in rows: [Int], _ range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < row { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
