import LinearAlgebra

/// The matrices Aⱼ of one semidefinite cone as sums of stars, Aⱼ = Σ_c (e_p u′ + u e_p′) over few centres p.
///
/// Every entry belongs to the star of that one of its two indices which has more entries. A neuron's matrix in LipSDP is one star, eᵢeᵢ′ or
/// eᵢeⱼ′ + eⱼeᵢ′ as well; then q′Aⱼ r = q_p u′r + u′q r_p costs nothing once the products of u with all q and r are known.
struct StarCover: Sendable {
  /// The matrices.
  let columns: SemidefiniteColumns
  /// Where the stars of each matrix start, and the number of stars at the end.
  let starts: [Int]
  /// The centre p of each star.
  let centres: [Int]
  /// Where the entries of each star's u start, and their number at the end.
  let entryStarts: [Int]
  /// The places of the entries of u.
  let indices: [Int]
  /// The entries of u; that at the centre is half of the matrix element.
  let values: [Double]

  /// The stars of the matrix at a place in the columns.
  func stars(_ place: Int) -> Range<Int> { starts[place]..<starts[place + 1] }

  /// The places of the entries of a star's u.
  func entries(_ star: Int) -> Range<Int> { entryStarts[star]..<entryStarts[star + 1] }

  /// The cover of some columns.
  ///
  /// - Complexity: O(entries · log(entries)).
  init(_ columns: SemidefiniteColumns) {
    var (starts, centres, entryStarts) = ([0], [Int](), [0])
    var (indices, values) = ([Int](), [Double]())
    var degrees = [Int](repeating: 0, count: columns.order)
    for place in columns.variables.indices {
      var entries = columns.entries[columns.range(place)].map { entry in
        (centre: Int(entry.row), other: Int(entry.column), value: entry.row == entry.column ? entry.value / 2 : entry.value)
      }
      for entry in entries {
        degrees[entry.centre] += 1
        if entry.other != entry.centre { degrees[entry.other] += 1 }
      }
      for k in entries.indices where degrees[entries[k].other] > degrees[entries[k].centre] {
        (entries[k].centre, entries[k].other) = (entries[k].other, entries[k].centre)
      }
      for entry in entries { (degrees[entry.centre], degrees[entry.other]) = (0, 0) }
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
      starts.append(centres.count)
    }
    self.columns = columns
    self.starts = starts
    self.centres = centres
    self.entryStarts = entryStarts
    self.indices = indices
    self.values = values
  }

  /// Row c: u_c′B for star c.
  ///
  /// - Precondition: B has n rows.
  func products(with b: Matrix<Double>) -> Matrix<Double> {
    let n = b.columns
    var result = Matrix<Double>(rows: centres.count, columns: n)
    result.elements.withUnsafeMutableBufferPointer { result in
      b.elements.withUnsafeBufferPointer { b in
        guard let result = SharedBuffer(result), let b = SharedInput(b) else { return }
        ParallelFor.runRanges(centres.count, minimumChunk: 16) { stars in
          for star in stars {
            let target = result.base + star &* n
            for k in entries(star) {
              let (source, value) = (b.base + indices[k] &* n, values[k])
              for i in 0..<n { target[i] += value * source[i] }
            }
          }
        }
      }
    }
    return result
  }
}
