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
}
