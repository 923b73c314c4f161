import LinearAlgebra

/// Proves a bound for all frequencies from finitely many: squares whose corners are proved with a margin that the square's size calls for.
///
/// The criterion is κ ≤ 1 − 1/g for a square of side h whose four corners are proved with factor g, where
/// κ = χ h² (d₁² + d₂²)/16, d the degrees of the quadratic form along the axes and χ the number of colours of the graph of its blocks. The
/// article on the frequency proof derives it.
public struct FrequencyCells: Sendable {
  /// χ: no two nodes of one colour occur in a common product of the form.
  let colours: Int
  /// d₁, in radians of the coarse frequency.
  let rowDegree: Double
  /// d₂.
  let columnDegree: Double

  /// The finest division: squares of side 2⁻¹⁶ of a turn.
  static let finest = 16
  /// The most corners that are proved before giving up.
  static let largestCount = 400_000

  /// The degrees and colours of a convolutional part.
  init(_ part: ConvolutionalPart) {
    /// For every node the activations and inputs it is an affine function of, with the range of their places relative to its own, in input
    /// rows and columns.
    typealias Reach = [Int: (rows: ClosedRange<Double>, columns: ClosedRange<Double>)]
    var reaches: [Reach] = []
    var neighbours: [Int: Set<Int>] = [:]
    var centres: [Int: (row: Double, column: Double)] = [0: (0, 0)]
    var degrees = (row: 0.0, column: 0.0)
    func join(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>) -> ClosedRange<Double> {
      min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    }
    func consume(_ key: Int, _ reach: Reach) {
      var (rows, columns): (ClosedRange<Double>?, ClosedRange<Double>?)
      for (source, range) in reach {
        let centre = centres[source] ?? (0, 0)
        let (own, beside) = (
          range.rows.lowerBound + centre.row...range.rows.upperBound + centre.row,
          range.columns.lowerBound + centre.column...range.columns.upperBound + centre.column
        )
        rows = rows.map { join($0, own) } ?? own
        columns = columns.map { join($0, beside) } ?? beside
        neighbours[key, default: []].insert(source)
      }
      let (r, c) = (rows ?? 0...0, columns ?? 0...0)
      centres[key] = ((r.lowerBound + r.upperBound) / 2, (c.lowerBound + c.upperBound) / 2)
      degrees.row = max(degrees.row, (r.upperBound - r.lowerBound) / 2)
      degrees.column = max(degrees.column, (c.upperBound - c.lowerBound) / 2)
    }
    for (index, node) in part.nodes.enumerated() {
      switch node.kind {
      case .input: reaches.append([0: (0...0, 0...0)])
      case .activation(let source, _):
        consume(index, reaches[source])
        reaches.append([index: (0...0, 0...0)])
      case .affine(let terms):
        var reach: Reach = [:]
        for (source, map) in terms {
          let image = part.nodes[source].map
          let rows = map.shifts.map { Double($0.row * image.rowStep) }
          let columns = map.shifts.map { Double($0.column * image.columnStep) }
          for (origin, range) in reaches[source] {
            let r = range.rows.lowerBound + (rows.min() ?? 0)...range.rows.upperBound + (rows.max() ?? 0)
            let c = range.columns.lowerBound + (columns.min() ?? 0)...range.columns.upperBound + (columns.max() ?? 0)
            reach[origin] = reach[origin].map { (join($0.rows, r), join($0.columns, c)) } ?? (r, c)
          }
        }
        reaches.append(reach)
      }
    }
    // The output, or the boundary with its gain: one more block, unless it is an activation's own.
    consume(part.nodes.count, reaches[reaches.count - 1])
    var colour: [Int: Int] = [:]
    for key in [0] + part.activationNodes + [part.nodes.count] {
      let taken = Set((neighbours[key] ?? []).compactMap { colour[$0] })
      colour[key] = (0...taken.count).first { !taken.contains($0) } ?? taken.count
    }
    colours = max(2, Set(colour.values).count)
    // A little upwards: half sums of integers are exact, the quotient is not.
    rowDegree = (degrees.row / Double(part.coarseRowStep)).nextUp
    columnDegree = (degrees.column / Double(part.coarseColumnStep)).nextUp
  }

  /// The factor g for squares of side 2^−level of a turn, with 20 bits after the point, or `nil` when no factor will do.
  func factor(level: Int) -> Double? {
    let side = 6.2831854 / Double(1 << level)
    let kappa = Double(colours) * side * side * (rowDegree * rowDegree + columnDegree * columnDegree) / 16 * (1 + 0x1p-40)
    guard kappa < 0.5 else { return nil }
    let least = 1 / (1 - kappa)
    return 1 + (((least - 1) * 0x1p+20).rounded(.up) + 1) * 0x1p-20
  }

  /// A number rounded to 24 bits, so that its product with a factor is exact.
  public static func shortened(_ x: Double) -> Double {
    guard x.isNormal, x.magnitude < 0x1p+900 else { return x.isFinite ? 0 : x }
    let unit = Double(sign: .plus, exponent: x.exponent - 23, significand: 1)
    return (x / unit).rounded() * unit
  }

  /// A square with corners (row, column)/2^level and (row + 1, column + 1)/2^level, in turns.
  private struct Cell {
    var row: Int
    var column: Int
  }

  /// Proves |ŷ|² ≤ ρ|x̂|² at all frequencies.
  ///
  /// - Parameters:
  ///   - proof: a recursion whose sectors begin at zero and whose multipliers have at most 28 bits.
  ///   - rho: ρ.
  ///   - isCancelled: asked now and then; a cancelled proof throws.
  /// - Returns: the number of frequencies at which the recursion ran.
  /// - Throws: ``NotProved``, also when 400 000 corners do not suffice.
  @discardableResult
  public static func prove(_ proof: FrequencyProof, rho: Double, isCancelled: () -> Bool = { false }) throws -> Int {
    let own = FrequencyCells(proof.part)
    guard let start = (1...8).first(where: { own.factor(level: $0) != nil }) else { throw NotProved("the kernels are too large") }
    // A real network's response at −θ is the conjugate of that at θ: half the rows will do.
    var cells: [Cell] = (0..<1 << (start - 1)).flatMap { row in (0..<1 << start).map { Cell(row: row, column: $0) } }
    var proved: Set<Frequency> = []
    var plain: Set<Frequency> = []
    var count = 0
    for level in start...finest {
      guard let g = own.factor(level: level) else { throw NotProved("the kernels are too large") }
      let corners = cells.map { own.corners(of: $0, level: level) }
      let open = Set(corners.joined()).subtracting(proved).sorted()
      count += open.count
      guard count <= largestCount else { throw NotProved("the bound is too tight to be proved with \(largestCount) frequencies") }
      let results = try proof.attempt(rho: rho, at: open, factor: g, isCancelled: isCancelled)
      // What holds with this factor holds with every smaller one.
      for (frequency, failure) in zip(open, results) where failure == nil { proved.insert(frequency) }
      // Where the bound fails without any margin, no division will help.
      let failed = zip(open, results).filter { $1 != nil && !plain.contains($0) }.map(\.0)
      for failure in try proof.attempt(rho: rho, at: failed, isCancelled: isCancelled) { if let failure { throw failure } }
      plain.formUnion(failed)
      cells = zip(cells, corners).filter { !$1.allSatisfy(proved.contains) }.flatMap { cell, _ in
        [(0, 0), (0, 1), (1, 0), (1, 1)].map { Cell(row: 2 * cell.row + $0.0, column: 2 * cell.column + $0.1) }
      }
      if cells.isEmpty { return count }
    }
    throw NotProved("some frequency has no margin: the bound is too tight to be proved for all frequencies")
  }

  /// The corners, with reduced fractions and one of θ and −θ.
  private func corners(of cell: Cell, level: Int) -> [Frequency] {
    let whole = 1 << level
    return [(0, 0), (0, 1), (1, 0), (1, 1)].map { i, j in
      var (a, b) = ((cell.row + i) % whole, (cell.column + j) % whole)
      let mirrored = ((whole - a) % whole, (whole - b) % whole)
      if mirrored < (a, b) { (a, b) = mirrored }
      let shift = min(a == 0 ? level : a.trailingZeroBitCount, b == 0 ? level : b.trailingZeroBitCount)
      return Frequency(row: a >> shift, of: whole >> shift, column: b >> shift, of: whole >> shift)
    }
  }
}
