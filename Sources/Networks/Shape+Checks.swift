extension Shape {
  /// The greatest number of elements a tensor may have.
  public static let maximumCount = 1 << 31

  /// A shape from lengths that come from outside.
  ///
  /// - Throws: ``NetworkError/invalidInput(node:detail:)`` that names `node` when a length is not positive or there are more than
  ///   ``maximumCount`` elements.
  public static func checked(_ dimensions: [Int], node: String) throws -> Shape {
    var count = 1
    for length in dimensions {
      guard length > 0 else { throw NetworkError.invalidInput(node: node, detail: "an axis has length \(length)") }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= maximumCount else {
        throw NetworkError.invalidInput(node: node, detail: "a tensor has more than 2^31 elements")
      }
      count = product
    }
    return Shape(dimensions)
  }

  /// The shape two shapes broadcast to by NumPy's rule (aligned at the last axis, length 1 stretches), or `nil` when they do not.
  public static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = max(a.rank, b.rank)
    var dimensions: [Int] = []
    dimensions.reserveCapacity(rank)
    for axis in 0..<rank {
      let m = axis < rank - a.rank ? 1 : a[axis - (rank - a.rank)]
      let n = axis < rank - b.rank ? 1 : b[axis - (rank - b.rank)]
      guard m == n || m == 1 || n == 1 else { return nil }
      dimensions.append(m == 1 ? n : m)
    }
    return Shape(dimensions)
  }

  /// For every element of `target`, row-major, the index of the element of this shape that broadcasts to it.
  ///
  /// - Precondition: this shape broadcasts to `target`.
  package func broadcastIndices(to target: Shape) -> [Int] {
    let offset = target.rank - rank
    let own = strides
    let steps = target.dimensions.indices.map { axis in axis < offset || self[axis - offset] == 1 ? 0 : own[axis - offset] }
    return target.indices(steps: steps)
  }

  /// For every element of this shape, row-major, base + Σ position[axis] · steps[axis].
  func indices(base: Int = 0, steps: [Int]) -> [Int] {
    var result = [base]
    for (axis, length) in dimensions.enumerated() {
      let step = steps[axis]
      var next: [Int] = []
      next.reserveCapacity(result.count * length)
      for start in result {
        for position in 0..<length { next.append(start + position * step) }
      }
      result = next
    }
    return result
  }
}
