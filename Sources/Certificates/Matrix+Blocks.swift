import LinearAlgebra

extension Matrix<Double> {
  /// A matrix whose elements are to be written before they are read.
  static func unwritten(rows: Int, columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: Array(unsafeUninitializedCapacity: rows * columns) { $1 = rows * columns })
  }

  /// Copies a block, or its negative, to row `row` and column `column` of another matrix.
  func copyBlock(
    rows range: Range<Int>, columns block: Range<Int>, to target: inout Matrix, row: Int, column: Int, negated: Bool = false
  ) {
    precondition(range.upperBound <= rows && block.upperBound <= columns, "the block lies outside")
    precondition(row + range.count <= target.rows && column + block.count <= target.columns, "the block does not fit")
    let (width, targetWidth) = (columns, target.columns)
    elements.withUnsafeBufferPointer { source in
      target.elements.withUnsafeMutableBufferPointer { target in
        guard let source = SharedInput(source), let target = SharedBuffer(target) else { return }
        ParallelFor.runRanges(range.count, minimumChunk: max(1, 1 << 17 / max(1, block.count))) { chunk in
          for i in chunk {
            let from = source.base + (range.lowerBound + i) * width + block.lowerBound
            let to = target.base + (row + i) * targetWidth + column
            if negated {
              for j in 0..<block.count { to[j] = -from[j] }
            } else {
              to.update(from: from, count: block.count)
            }
          }
        }
      }
    }
  }

  /// Changes the sign of every element.
  mutating func negate() {
    let (count, width) = (rows, columns)
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.runRanges(count, minimumChunk: max(1, 1 << 17 / max(1, width))) { chunk in
        for k in chunk.lowerBound * width..<chunk.upperBound * width { shared.base[k] = -shared.base[k] }
      }
    }
  }

  /// Sets every element to zero, in place when the memory is not shared.
  mutating func clear() {
    elements.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// Copies the lower triangle of a square matrix into the upper one.
  mutating func mirrorLowerTriangle() {
    let n = rows
    // Eight by eight: whole cache lines on both sides, and few enough that rows a power of two apart do not evict each other.
    let (block, group) = (8, 64)
    let groups = (n + group - 1) / group
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.run(groups) { index in
        let begin = (groups - 1 - index) * group
        for i0 in stride(from: begin, to: Swift.min(begin + group, n), by: block) {
          for j0 in stride(from: 0, through: i0, by: block) {
            for i in i0..<Swift.min(i0 + block, n) {
              for j in j0..<Swift.min(j0 + block, i) { shared.base[j &* n &+ i] = shared.base[i &* n &+ j] }
            }
          }
        }
      }
    }
  }

  /// Whether a row holds nothing but zeros.
  func hasZeroRow(_ i: Int) -> Bool {
    elements[i * columns..<(i + 1) * columns].allSatisfy { $0 == 0 }
  }
}
