internal import CKernels

/// A sparse matrix prepared for products with batches of vectors.
///
/// Up to 32 vectors of a batch are laid side by side, so that each entry of the matrix multiplies a contiguous run of numbers; the rows of
/// the matrix and those of its transpose are both held. Results differ from those of other maps with the same matrix in the order of
/// summation only.
public struct SparseProductMap<Element: Scalar>: LinearMap {
  /// Rows of entries with short indices.
  private struct Rows: Sendable {
    var starts: [Int32]
    var columns: [Int32]
    var values: [Element]
  }

  /// The length of the vectors the map takes.
  public let inputCount: Int
  /// The length of the vectors the map gives.
  public let outputCount: Int
  private let forward: Rows
  private let backward: Rows

  /// The map with this matrix; radii are not kept.
  ///
  /// - Precondition: `matrix` is as ``SparseMap`` takes it.
  /// - Returns: `nil` for a matrix with 2³¹ entries or columns and more.
  public init?(_ matrix: SparseRows<Element>) {
    let (rowCount, columnCount, count) = (matrix.starts.count - 1, matrix.columnCount, matrix.columns.count)
    guard max(count, rowCount, columnCount) < Int(Int32.max) else { return nil }
    (inputCount, outputCount) = (columnCount, rowCount)
    forward = Rows(starts: matrix.starts.map { Int32($0) }, columns: matrix.columns.map { Int32($0) }, values: matrix.values)
    var starts = [Int32](repeating: 0, count: columnCount + 1)
    for column in matrix.columns { starts[column + 1] += 1 }
    for column in 0..<columnCount { starts[column + 1] += starts[column] }
    var next = starts
    var columns = [Int32](repeating: 0, count: count)
    var values = matrix.values
    for row in 0..<rowCount {
      for k in matrix.starts[row]..<matrix.starts[row + 1] {
        let place = Int(next[matrix.columns[k]])
        next[matrix.columns[k]] += 1
        columns[place] = Int32(row)
        values[place] = matrix.values[k]
      }
    }
    backward = Rows(starts: starts, columns: columns, values: values)
  }

  /// The number of entries.
  public var entryCount: Int { forward.values.count }

  /// Multiplies by the matrix.
  ///
  /// - Complexity: O(batch · (entries + inputCount + outputCount)).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    Self.multiply(forward, input, &output, accumulating)
  }

  /// Multiplies by the transpose.
  ///
  /// - Complexity: As ``apply(_:to:accumulating:)``.
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, outputCount, output, inputCount)
    Self.multiply(backward, input, &output, accumulating)
  }

  private static func multiply(_ matrix: Rows, _ input: Matrix<Element>, _ output: inout Matrix<Element>, _ accumulating: Bool) {
    let (width, height, batch, routines) = (input.columns, output.columns, input.rows, Element.routines)
    guard batch > 0, height > 0 else { return }
    // The greatest packets first; what is left takes smaller ones.
    var packets: [(first: Int, lanes: Int)] = []
    var first = 0
    for lanes in [Int(LIPCERT_SPARSE_LANES), 16, 8, 4, 2, 1] {
      while batch - first >= lanes {
        packets.append((first, lanes))
        first += lanes
      }
    }
    // Work for several threads is divided by packets.
    let cost = matrix.values.count + width + height
    input.elements.withUnsafeBufferPointer { source in
      output.elements.withUnsafeMutableBufferPointer { target in
        guard let target = SharedBuffer(target) else { return }
        let source = SharedInput(source) ?? SharedInput(base: target.base)
        let all = packets
        ParallelFor.runRanges(all.count, minimumChunk: max(1, 1 << 17 / max(1, cost * (all.first?.lanes ?? 1)))) { range in
          let lanes = all[range].map(\.lanes).max() ?? 1
          withUnsafeTemporaryAllocation(of: Element.self, capacity: max(1, lanes * (width + height))) { work in
            guard let x = work.baseAddress else { return }
            let y = x + lanes * width
            for (first, lanes) in all[range] {
              routines.interleave(lanes, width, source.base + first * width, x)
              routines.sparseProduct(lanes, 0, height, matrix.starts, matrix.columns, matrix.values, x, y)
              routines.separate(lanes, height, y, target.base + first * height, accumulating ? 1 : 0)
            }
          }
        }
      }
    }
  }

  /// The map in another precision; values are rounded to nearest when it is narrower.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    SparseMap(sparseRows()).converted(to: type).fastest()
  }

  /// The matrix, without radii.
  public func sparseRows() -> SparseRows<Element> {
    SparseRows(
      columnCount: inputCount, starts: forward.starts.map { Int($0) }, columns: forward.columns.map { Int($0) }, values: forward.values)
  }

  /// That of the ``SparseMap`` with the same matrix.
  public var description: LinearMapDescription { SparseMap(sparseRows()).description }
}
