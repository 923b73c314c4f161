import Foundation

/// An array as NumPy stores it in `.npy` files and in the members of `.npz` archives.
///
/// Elements are row-major here, whatever the order in the file.
public struct NumPyArray: Sendable, Equatable {
  /// The elements and their type.
  public enum Elements: Sendable, Equatable {
    /// float64.
    case double([Double])
    /// float32.
    case float([Float])
    /// int64.
    case int64([Int64])
    /// int32.
    case int32([Int32])
    /// uint8.
    case uint8([UInt8])
    /// bool.
    case bool([Bool])
    /// Unicode text (`<U`).
    case text([String])
  }

  /// The lengths of the axes.
  public let dimensions: [Int]
  /// The elements, row-major.
  public let elements: Elements

  /// An array of the given shape.
  ///
  /// - Precondition: there are as many elements as the shape says.
  public init(dimensions: [Int], elements: Elements) {
    self.dimensions = dimensions
    self.elements = elements
    precondition(count == dimensions.reduce(1, *), "an array has as many elements as its shape")
  }

  /// The number of elements.
  public var count: Int {
    switch elements {
    case .double(let values): values.count
    case .float(let values): values.count
    case .int64(let values): values.count
    case .int32(let values): values.count
    case .uint8(let values): values.count
    case .bool(let values): values.count
    case .text(let values): values.count
    }
  }

  /// The elements as real numbers, or `nil` for text.
  public var doubles: [Double]? {
    switch elements {
    case .double(let values): values
    case .float(let values): values.map(Double.init)
    case .int64(let values): values.map(Double.init)
    case .int32(let values): values.map(Double.init)
    case .uint8(let values): values.map(Double.init)
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .text: nil
    }
  }

  /// The elements as text, or `nil` for numbers.
  public var texts: [String]? {
    if case .text(let values) = elements { values } else { nil }
  }

  /// The elements as integers, or `nil` for reals and text.
  public var integers: [Int]? {
    switch elements {
    case .int64(let values): values.map(Int.init)
    case .int32(let values): values.map(Int.init)
    case .uint8(let values): values.map(Int.init)
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .double, .float, .text: nil
    }
  }
}
