import LinearAlgebra

/// Lists of element indices, one after the other: set i is `indices[starts[i] ..< starts[i + 1]]`.
struct IndexSets: Sendable {
  var starts: [Int] = [0]
  var indices: [Int] = []

  /// The number of sets.
  var count: Int { starts.count - 1 }

  subscript(set: Int) -> ArraySlice<Int> { indices[starts[set]..<starts[set + 1]] }

  /// Adds a set at the end.
  mutating func append(_ set: some Sequence<Int>) {
    indices.append(contentsOf: set)
    starts.append(indices.count)
  }
}

extension Operation.Pooling {
  /// The elements of every window in row-major order, windows in the order of the output; elements in the padding are left out.
  func windows(input: Shape, node: String) throws -> IndexSets {
    let axes = try axes(of: input, node: node)
    let positions = axes.map { axis in (0..<axis.outputLength).map(axis.positions) }
    let width = input[input.rank - 1]
    // One axis is an image of height 1.
    let rows = axes.count == 2 ? positions[0] : [[0]]
    let columns = positions[positions.count - 1]
    let plane = input.count / (input[0] * input[1])
    var sets = IndexSets()
    for image in 0..<input[0] * input[1] {
      for row in rows {
        for column in columns {
          sets.append(row.flatMap { y in column.map { image * plane + y * width + $0 } })
        }
      }
    }
    return sets
  }
}

extension Operation {
  /// The groups a group sort sorts: consecutive groups of `size` along an axis, each in ascending order of position.
  static func sortedGroups(of x: Shape, size: Int, axis: Int) -> IndexSets {
    let inner = x.strides[axis]
    var sets = IndexSets()
    for outer in 0..<x.count / (inner * x[axis]) {
      for group in 0..<x[axis] / size {
        for offset in 0..<inner {
          let first = (outer * x[axis] + group * size) * inner + offset
          sets.append((0..<size).map { first + $0 * inner })
        }
      }
    }
    return sets
  }
}
