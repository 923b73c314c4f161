/// A tensor that does not depend on the network's input: an initialiser, a constant, or what folding makes of them.
struct ONNXConstant: Equatable {
  /// Elements, row-major. Booleans are the integers 0 and 1.
  enum Elements: Equatable {
    case reals([Double])
    case integers([Int])
  }

  /// The lengths of the axes; every one non-negative, the product is the number of elements.
  let dimensions: [Int]
  /// The elements.
  let elements: Elements

  /// A tensor of real numbers.
  init(_ dimensions: [Int], reals: [Double]) {
    self.dimensions = dimensions
    elements = .reals(reals)
  }

  /// A tensor of integers.
  init(_ dimensions: [Int], integers: [Int]) {
    self.dimensions = dimensions
    elements = .integers(integers)
  }

  /// The number of elements.
  var count: Int {
    switch elements {
    case .reals(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// The elements as real numbers.
  var reals: [Double] {
    switch elements {
    case .reals(let values): values
    case .integers(let values): values.map(Double.init)
    }
  }

  /// The elements as integers, or `nil` for a tensor of real numbers.
  var integers: [Int]? {
    switch elements {
    case .reals: nil
    case .integers(let values): values
    }
  }

  /// The only element, or `nil` when there are none or several.
  var scalar: Double? { count == 1 ? reals.first : nil }

  /// The same elements under other axes, as many of them.
  func reshaped(_ dimensions: [Int]) -> ONNXConstant {
    switch elements {
    case .reals(let values): ONNXConstant(dimensions, reals: values)
    case .integers(let values): ONNXConstant(dimensions, integers: values)
    }
  }

  /// The elements at the given positions, under other axes.
  func picking(_ positions: [Int], dimensions: [Int]) -> ONNXConstant {
    switch elements {
    case .reals(let values): ONNXConstant(dimensions, reals: positions.map { values[$0] })
    case .integers(let values): ONNXConstant(dimensions, integers: positions.map { values[$0] })
    }
  }

  /// The product of axis lengths, or `nil` when one is negative or the product exceeds `limit`.
  ///
  /// Of an empty tensor the other axes are limited too, so that nothing makes a list of an axis that no element backs.
  static func count(_ dimensions: [Int], limit: Int) -> Int? {
    var count = 1
    for length in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(length, 1))
      guard length >= 0, !overflow, product <= limit else { return nil }
      count = product
    }
    guard dimensions.contains(0) else { return count }
    return count <= 1 << 20 ? 0 : nil
  }
}
