/// The dimensions of a tensor, outermost first, stored row-major.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The length of each axis; a scalar has none.
  public let dimensions: [Int]

  /// A shape with the given axis lengths.
  ///
  /// - Precondition: every length is non-negative and their product does not overflow; readers check before they build one.
  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "axis lengths are non-negative")
    self.dimensions = dimensions
  }

  /// A shape with the listed lengths.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The number of axes.
  public var rank: Int { dimensions.count }
  /// The number of elements.
  public var count: Int { dimensions.reduce(1, *) }

  /// The row-major distance in elements between neighbours along each axis.
  public var strides: [Int] {
    var strides = Array(repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * dimensions[axis + 1] }
    return strides
  }

  /// The length of axis `axis`.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The lengths with multiplication signs, as in [1×3×32×32].
  public var description: String { "[" + dimensions.map(String.init).joined(separator: "×") + "]" }
}
