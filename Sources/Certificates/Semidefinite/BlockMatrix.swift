import ConicPrograms
import LinearAlgebra

/// A block-diagonal symmetric matrix of floating-point numbers, each of which is meant exactly.
struct BlockMatrix {
  /// The blocks.
  let blocks: [LinearMatrixInequality.Block]
  /// Where each block begins.
  private let offsets: [Int]
  /// One block after the other: both triangles row by row, or the diagonal of a diagonal one.
  private(set) var elements: [Double]

  /// The matrix s·I.
  init(_ blocks: [LinearMatrixInequality.Block], identity scale: Double = 0) {
    var offsets = [0]
    for block in blocks {
      switch block {
      case .symmetric(let order): offsets.append(offsets[offsets.count - 1] + order * order)
      case .diagonal(let order): offsets.append(offsets[offsets.count - 1] + order)
      }
    }
    self.blocks = blocks
    self.offsets = offsets
    elements = [Double](repeating: 0, count: offsets[blocks.count])
    if scale != 0 { mapDiagonals { _, _ in scale } }
  }

  /// The matrix near that of a vector in the layout of ``LinearMatrixInequality/program()``.
  ///
  /// - Precondition: the vector has the length of the program's rows.
  init(_ blocks: [LinearMatrixInequality.Block], vector: [Double]) {
    self.init(blocks)
    var start = 0
    for (block, offset) in zip(blocks, offsets) {
      let length: Int
      switch block {
      case .symmetric(let order):
        length = SymmetricVector.dimension(order: order)
        let matrix = SymmetricVector.matrix(vector[start..<start + length], order: order)
        elements.replaceSubrange(offset..<offset + order * order, with: matrix.elements)
      case .diagonal(let order):
        length = order
        elements.replaceSubrange(offset..<offset + order, with: vector[start..<start + order])
      }
      start += length
    }
    precondition(start == vector.count, "the vector does not have the length of the blocks")
  }

  /// A block by itself; what its upper triangle says.
  func part(_ block: Int) -> SymmetricEnclosure.Midpoint {
    let part = Array(elements[offsets[block]..<offsets[block + 1]])
    switch blocks[block] {
    case .symmetric(let order):
      var matrix = Matrix(rows: order, columns: order, elements: part)
      // The proofs read the lower triangle of what ``inner(_:)`` reads the upper one of.
      for i in 0..<order { for j in 0..<i { matrix[i, j] = matrix[j, i] } }
      return .dense(matrix)
    case .diagonal: return .diagonal(part)
    }
  }

  /// The matrix with other blocks of the same kinds and orders.
  func replacing(_ transform: (Int, SymmetricEnclosure.Midpoint) throws -> SymmetricEnclosure.Midpoint) rethrows -> BlockMatrix {
    var result = self
    for block in blocks.indices {
      switch try transform(block, part(block)) {
      case .dense(let matrix): result.elements.replaceSubrange(offsets[block]..<offsets[block + 1], with: matrix.elements)
      case .diagonal(let values): result.elements.replaceSubrange(offsets[block]..<offsets[block + 1], with: values)
      }
    }
    return result
  }

  private func index(_ entry: LinearMatrixInequality.Entry) -> Int {
    switch blocks[entry.block] {
    case .symmetric(let order): offsets[entry.block] + entry.row * order + entry.column
    case .diagonal: offsets[entry.block] + entry.row
    }
  }

  /// ⟨F, Y⟩ for the matrix F with these entries.
  func inner(_ entries: [LinearMatrixInequality.Entry]) -> Bounded {
    var (high, low, spread) = (0.0, 0.0, 0.0)
    for entry in entries {
      let value = entry.row == entry.column ? entry.value : 2 * entry.value
      CompensatedSum.add(value, elements[index(entry)], high: &high, low: &low, spread: &spread)
    }
    return CompensatedSum.value(high: high, low: low, spread: spread, count: entries.count)
  }

  /// Adds factor · F in floating point.
  mutating func add(_ factor: Double, _ entries: [LinearMatrixInequality.Entry]) {
    for entry in entries {
      let place = index(entry)
      elements[place] += factor * entry.value
      if case .symmetric(let order) = blocks[entry.block], entry.row != entry.column {
        elements[offsets[entry.block] + entry.column * order + entry.row] = elements[place]
      }
    }
  }

  /// Adds factor · Z in floating point.
  mutating func add(_ factor: Double, _ other: BlockMatrix) {
    precondition(blocks == other.blocks, "only matrices of the same blocks can be added")
    for k in elements.indices { elements[k] += factor * other.elements[k] }
  }

  /// The matrix times a factor, in floating point.
  func scaled(by factor: Double) -> BlockMatrix {
    var result = self
    for k in elements.indices { result.elements[k] *= factor }
    return result
  }

  /// Adds at least `amount` ≥ 0 to each diagonal entry of a block.
  mutating func raiseDiagonal(of block: Int, by amount: Double) {
    if amount != 0 { mapDiagonals { $0 == block ? ($1 + amount).nextUp : $1 } }
  }

  private mutating func mapDiagonals(_ transform: (_ block: Int, _ value: Double) -> Double) {
    for (k, block) in blocks.enumerated() {
      for j in 0..<block.order {
        let place =
          switch block {
          case .symmetric(let order): offsets[k] + j * order + j
          case .diagonal: offsets[k] + j
          }
        elements[place] = transform(k, elements[place])
      }
    }
  }

  /// The greatest magnitude of an entry.
  var largest: Double { elements.reduce(0) { max($0, $1.magnitude) } }

  /// About the least eigenvalue, in floating point.
  func approximateLeastEigenvalue() throws -> Double {
    try blocks.indices.reduce(.infinity) { min($0, try SymmetricEnclosure(part($1)).approximateLeastEigenvalue()) }
  }
}
