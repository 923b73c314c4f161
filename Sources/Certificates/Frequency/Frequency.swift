/// A frequency of feature maps: so many turns for each coarse step down and to the right, as exact fractions.
public struct Frequency: Hashable, Sendable, Comparable {
  /// Numerator and denominator of the turns per row.
  public var row: Int
  /// See ``row``.
  public var rowCount: Int
  /// Numerator and denominator of the turns per column.
  public var column: Int
  /// See ``column``.
  public var columnCount: Int

  /// (row/rowCount, column/columnCount) turns.
  public init(row: Int, of rowCount: Int, column: Int, of columnCount: Int) {
    (self.row, self.rowCount, self.column, self.columnCount) = (row, rowCount, column, columnCount)
  }

  /// Whether the fractions are well formed and small enough for exact arithmetic with them.
  var isValid: Bool {
    let limit = 1 << 20
    return [rowCount, columnCount].allSatisfy { (1...limit).contains($0) } && (0..<rowCount).contains(row)
      && (0..<columnCount).contains(column)
  }

  /// e^{iθ·v} for a shift v.
  func twiddle(row v: Int, column w: Int) -> Twiddle {
    let (a, b) = ((v % rowCount) * row % rowCount, (w % columnCount) * column % columnCount)
    return Twiddle(numerator: a * columnCount + b * rowCount, denominator: rowCount * columnCount)
  }

  /// The frequencies of a torus of `rows` × `columns` points, one of each pair θ, −θ, which have complex conjugate responses.
  public static func torus(rows: Int, columns: Int) -> [Frequency] {
    var result: [Frequency] = []
    for i in 0...rows / 2 {
      for j in 0..<columns {
        let (k, l) = ((rows - i) % rows, (columns - j) % columns)
        if (i, j) <= (k, l) { result.append(Frequency(row: i, of: rows, column: j, of: columns)) }
      }
    }
    return result
  }

  /// An arbitrary total order, to make results independent of hashing.
  public static func < (a: Frequency, b: Frequency) -> Bool {
    (a.rowCount, a.columnCount, a.row, a.column) < (b.rowCount, b.columnCount, b.row, b.column)
  }
}
