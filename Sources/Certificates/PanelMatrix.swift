import CKernels
import LinearAlgebra

/// A matrix of the recursion, held in panels of ``height`` rows: whole, or only the panels' parts on one side of the diagonal.
///
/// A symmetric matrix keeps its lower block triangle, half the memory of a full one: panel p holds columns 0 … 64(p + 1), so that the tile on
/// the diagonal is there in full. Rows of a panel lie one after the other, without padding; every element is written before it is read.
struct PanelMatrix: Sendable {
  /// Which part of each panel is held.
  enum Shape: Sendable {
    /// All columns.
    case full
    /// The columns up to the end of the diagonal tile: for symmetric matrices and lower triangles.
    case lower
    /// The columns from the beginning of the diagonal tile on: for upper triangles, zero elsewhere.
    case upper
  }

  /// The rows of a panel.
  static let height = Int(LIPCERT_PANEL)

  let rows: Int
  let columns: Int
  let shape: Shape
  private(set) var elements: [Double]

  /// A matrix of zeros.
  ///
  /// - Precondition: a triangle is square.
  init(rows: Int, columns: Int, shape: Shape) {
    self.init(rows: rows, columns: columns, shape: shape, elements: Array(repeating: 0, count: Self.count(rows, columns, shape)))
  }

  /// A symmetric matrix of zeros.
  init(symmetric order: Int) { self.init(rows: order, columns: order, shape: .lower) }

  /// A matrix of elements in the order of the panels.
  init(rows: Int, columns: Int, shape: Shape, elements: [Double]) {
    precondition(shape == .full || rows == columns, "a triangle is square")
    precondition(elements.count == Self.count(rows, columns, shape), "as many elements as the shape holds")
    self.rows = rows
    self.columns = columns
    self.shape = shape
    self.elements = elements
  }

  /// The number of elements held.
  static func count(_ rows: Int, _ columns: Int, _ shape: Shape) -> Int {
    guard shape != .full else { return rows * columns }
    let (whole, rest) = (rows / height, rows % height)
    // Whole panels, p + 1 tiles each; the last one ends with the matrix. An upper triangle has the same tiles, mirrored.
    return height * height * whole * (whole + 1) / 2 + (shape == .lower ? rest * rows : rest * rest + whole * height * rest)
  }

  /// Bytes of the elements.
  var bytes: Int { elements.count * MemoryLayout<Double>.stride }

  /// Calls `body` with the memory, for reading and writing.
  mutating func withPanels<Result>(_ body: (Panels) throws -> Result) rethrows -> Result {
    let (rows, columns, shape) = (rows, columns, shape)
    return try elements.withUnsafeMutableBufferPointer { buffer in
      try body(Panels(base: buffer.baseAddress ?? Panels.nothing, rows: rows, columns: columns, shape: shape))
    }
  }

  /// Calls `body` with the memory, for reading only.
  func readingPanels<Result>(_ body: (Panels) throws -> Result) rethrows -> Result {
    try elements.withUnsafeBufferPointer { buffer in
      let base = buffer.baseAddress.map { UnsafeMutablePointer(mutating: $0) } ?? Panels.nothing
      return try body(Panels(base: base, rows: rows, columns: columns, shape: shape))
    }
  }

  /// The element in row i and column j; of a symmetric matrix on either side of the diagonal.
  ///
  /// - Precondition: the element is held, or the shape is `lower`.
  subscript(_ i: Int, _ j: Int) -> Double {
    get {
      let isMirrored = shape == .lower && j / Self.height > i / Self.height
      return elements[isMirrored ? place(j, i) : place(i, j)]
    }
    set { elements[place(i, j)] = newValue }
  }

  private func place(_ i: Int, _ j: Int) -> Int {
    let (start, stride, first) = Panels.place(i / Self.height, rows: rows, columns: columns, shape: shape)
    return start + i % Self.height * stride + j - first
  }

  /// Whether row and column i of a symmetric matrix hold nothing but zeros.
  func hasZeroRow(symmetric i: Int) -> Bool { (0..<rows).allSatisfy { self[i, $0] == 0 } }

  /// Whether row i of a full matrix holds nothing but zeros.
  func hasZeroRow(_ i: Int) -> Bool { elements[i * columns..<(i + 1) * columns].allSatisfy { $0 == 0 } }

  /// Whether column j of a full matrix holds nothing but zeros.
  func hasZeroColumn(_ j: Int) -> Bool { stride(from: j, to: elements.count, by: max(1, columns)).allSatisfy { elements[$0] == 0 } }

  /// Changes the sign of every element.
  mutating func negate() {
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.runRanges(buffer.count, minimumChunk: 1 << 17) { for k in $0 { shared.base[k] = -shared.base[k] } }
    }
  }

  /// Copies the lower half of the diagonal tiles into the upper one.
  mutating func mirrorDiagonalTiles() {
    withPanels { panels in
      for p in 0..<panels.count {
        let (row, stride) = panels[p]
        let first = p * Self.height
        for i in 0..<panels.rowCount(p) { for j in 0..<i { row[j * stride + first + i] = row[i * stride + first + j] } }
      }
    }
  }

  /// |Q| w for a symmetric matrix, or |M| w for a full one, within a relative error far below the caller's safety factor.
  func absoluteProduct(_ w: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    result.withUnsafeMutableBufferPointer { target in
      guard let target = SharedBuffer(target) else { return }
      readingPanels { panels in
        w.withUnsafeBufferPointer { w in
          guard let w = SharedInput(w) else { return }
          ParallelFor.run(panels.count) { p in
            let (row, stride) = panels[p]
            let width = panels.end(p)
            let out = target.base + p * Self.height
            for i in 0..<panels.rowCount(p) { out[i] = lipcert_absolute_dot(width, row + i * stride, w.base) }
            guard panels.shape == .lower, width < panels.rows else { return }
            for q in p + 1..<panels.count {
              let (below, stride) = panels[q]
              lipcert_absolute_columns(panels.rowCount(q), Self.height, below + p * Self.height, stride, w.base + q * Self.height, out)
            }
          }
        }
      }
    }
    return result
  }

  /// |M|′ w for a full matrix, as ``absoluteProduct(_:)``.
  func absoluteAdjoint(_ w: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    let (rows, columns) = (rows, columns)
    result.withUnsafeMutableBufferPointer { target in
      guard let target = SharedBuffer(target) else { return }
      elements.withUnsafeBufferPointer { m in
        w.withUnsafeBufferPointer { w in
          guard let m = SharedInput(m), let w = SharedInput(w) else { return }
          ParallelFor.runRanges(columns, minimumChunk: max(1, 100_000 / max(1, rows))) { range in
            lipcert_absolute_columns(rows, range.count, m.base + range.lowerBound, columns, w.base, target.base + range.lowerBound)
          }
        }
      }
    }
    return result
  }

  /// The whole matrix, a symmetric one mirrored.
  var whole: Matrix<Double> {
    var result = Matrix<Double>.unwritten(rows: rows, columns: columns)
    copyWhole(to: &result, row: 0, column: 0)
    return result
  }

  /// Writes the whole matrix into another from a place on.
  func copyWhole(to target: inout Matrix<Double>, row: Int, column: Int) {
    for i in 0..<rows { for j in 0..<columns { target[row + i, column + j] = self[i, j] } }
  }
}

/// The memory of a ``PanelMatrix``.
///
/// Threads may write at once, each in its own part; whoever lets them must see to it.
struct Panels: @unchecked Sendable {
  /// Stands for the memory of an empty matrix.
  static nonisolated(unsafe) let nothing = UnsafeMutablePointer<Double>.allocate(capacity: 1)

  private let base: UnsafeMutablePointer<Double>
  let rows: Int
  let columns: Int
  let shape: PanelMatrix.Shape

  init(base: UnsafeMutablePointer<Double>, rows: Int, columns: Int, shape: PanelMatrix.Shape) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.shape = shape
  }

  /// The number of panels.
  var count: Int { (rows + PanelMatrix.height - 1) / PanelMatrix.height }

  /// Where column 0 of panel p's first row is, or would be, and how far rows are apart.
  subscript(_ p: Int) -> (row: UnsafeMutablePointer<Double>, stride: Int) {
    let (start, stride, first) = Self.place(p, rows: rows, columns: columns, shape: shape)
    return (base + (start - first), stride)
  }

  /// The number of rows of panel p.
  func rowCount(_ p: Int) -> Int { min(PanelMatrix.height, rows - p * PanelMatrix.height) }

  /// The first column held in panel p.
  func begin(_ p: Int) -> Int { shape == .upper ? p * PanelMatrix.height : 0 }

  /// The column after the last one held in panel p.
  func end(_ p: Int) -> Int { shape == .lower ? min(columns, (p + 1) * PanelMatrix.height) : columns }

  /// Where panel p begins, how far its rows are apart, and its first column.
  static func place(_ p: Int, rows: Int, columns: Int, shape: PanelMatrix.Shape) -> (start: Int, stride: Int, first: Int) {
    let h = PanelMatrix.height
    switch shape {
    case .full: return (p * h * columns, columns, 0)
    case .lower: return (h * h * p * (p + 1) / 2, min(columns, (p + 1) * h), 0)
    case .upper: return (h * (p * columns - h * p * (p - 1) / 2), columns - p * h, p * h)
    }
  }
}
