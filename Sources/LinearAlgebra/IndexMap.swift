/// Picks elements: yᵢ = x[indices[i]], or 0 where `indices[i]` is −1.
///
/// Transposes, slices, padding, concatenation and broadcasting are all of this form; the adjoint scatters and adds.
public struct IndexMap<Element: Scalar>: LinearMap {
  /// The length of the vectors picked from.
  public let inputCount: Int
  /// The number of indices.
  public var outputCount: Int { indices.count }
  /// The source of each output element, or −1 for a zero.
  public let indices: [Int]

  /// The map from vectors of length `inputCount` to vectors of length `indices.count`.
  ///
  /// - Precondition: every index is −1 or in `0 ..< inputCount`.
  public init(inputCount: Int, indices: [Int]) {
    precondition(inputCount >= 0 && indices.allSatisfy { $0 >= -1 && $0 < inputCount }, "an index map's indices must be -1 or inside")
    self.inputCount = inputCount
    self.indices = indices
  }

  /// Copies the picked elements.
  ///
  /// - Complexity: O(batch · outputCount).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    let (routines, count) = (Element.routines, outputCount)
    transform(input, &output, indices) { row, x, y, indices in
      routines.gather(count, indices, x, y, accumulating ? 1 : 0)
    }
  }

  /// Adds each element of a row to the place it was picked from.
  ///
  /// - Complexity: O(batch · (inputCount + outputCount)).
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, outputCount, output, inputCount)
    let (routines, count, width) = (Element.routines, outputCount, inputCount)
    transform(input, &output, indices) { row, y, x, indices in
      if !accumulating { x.clear(width) }
      routines.scatter(count, indices, y, x)
    }
  }

  /// The same map in another precision, exactly.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    IndexMap<Other>(inputCount: inputCount, indices: indices)
  }

  /// The explicit matrix: at most one 1 in every row.
  public func sparseRows() -> SparseRows<Element> {
    var starts = [0]
    starts.reserveCapacity(indices.count + 1)
    var columns: [Int] = []
    for index in indices {
      if index >= 0 { columns.append(index) }
      starts.append(columns.count)
    }
    return SparseRows(
      columnCount: inputCount, starts: starts, columns: columns, values: Array(repeating: 1, count: columns.count))
  }

  /// Integers: `inputCount`, then the indices.
  public var description: LinearMapDescription {
    LinearMapDescription(kind: "index", integers: [inputCount] + indices, reals: [])
  }
}
