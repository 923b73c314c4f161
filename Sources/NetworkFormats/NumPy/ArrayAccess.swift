import LinearAlgebra

/// Typed access to the arrays of an archive.
enum ArrayAccess {
  /// The finite elements of a numeric array.
  static func numbers(_ archive: NumPyArchive, _ name: String) throws -> (values: [Double], dimensions: [Int]) {
    let array = try archive.array(name)
    guard let values = array.doubles else { throw FormatError(.malformed, place: .array(name), reason: "holds text, not numbers") }
    guard values.allSatisfy(\.isFinite) else { throw FormatError(.malformed, place: .array(name), reason: "holds NaN or infinite numbers") }
    guard !values.isEmpty else { throw FormatError(.malformed, place: .array(name), reason: "is empty") }
    return (values, array.dimensions)
  }

  /// A matrix.
  static func matrix(_ archive: NumPyArchive, _ name: String) throws -> Matrix<Double> {
    let (values, dimensions) = try numbers(archive, name)
    guard dimensions.count == 2 else {
      throw FormatError(
        .malformed, place: .array(name),
        reason: "has shape \(dimensions) instead of outputs × inputs; convolutions need an architecture file")
    }
    return Matrix(rows: dimensions[0], columns: dimensions[1], elements: values)
  }

  /// A vector, also stored as a matrix of one row or column.
  static func vector(_ archive: NumPyArchive, _ name: String, count: Int) throws -> [Double] {
    let (values, dimensions) = try numbers(archive, name)
    guard values.count == count, dimensions.count(where: { $0 != 1 }) <= 1 else {
      throw FormatError(.malformed, place: .array(name), reason: "has shape \(dimensions) instead of [\(count)]")
    }
    return values
  }
}
