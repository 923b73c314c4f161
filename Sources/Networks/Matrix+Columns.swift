import LinearAlgebra

extension Matrix {
  /// Columns `range` of every row.
  func columns(_ range: Range<Int>) -> Matrix {
    var result: [Element] = []
    result.reserveCapacity(rows * range.count)
    for row in 0..<rows { result += elements[row * columns + range.lowerBound..<row * columns + range.upperBound] }
    return Matrix(rows: rows, columns: range.count, elements: result)
  }

  /// Matrices with equally many rows, side by side.
  static func concatenated(_ parts: [Matrix]) -> Matrix {
    let rows = parts.first?.rows ?? 0
    var result: [Element] = []
    result.reserveCapacity(parts.reduce(0) { $0 + $1.elements.count })
    for row in 0..<rows {
      for part in parts { result += part.elements[row * part.columns..<(row + 1) * part.columns] }
    }
    return Matrix(rows: rows, columns: parts.reduce(0) { $0 + $1.columns }, elements: result)
  }

  /// Row r, column c of the result is element `indices[r · count + c]` of row r.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func picked(_ indices: [Int], _ count: Int) -> Matrix {
    var result: [Element] = []
    result.reserveCapacity(rows * count)
    for row in 0..<rows { for place in row * count..<(row + 1) * count { result.append(elements[row * columns + indices[place]]) } }
    return Matrix(rows: rows, columns: count, elements: result)
  }

  /// `operation` of every pair of elements.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func combined(_ other: Matrix, _ operation: (Element, Element) -> Element) -> Matrix {
    var result = self
    for index in result.elements.indices { result.elements[index] = operation(elements[index], other.elements[index]) }
    return result
  }

  /// Every row plus `vector`.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func addingToRows(_ vector: [Element]) -> Matrix {
    var result = self
    for row in 0..<rows { for column in 0..<columns { result.elements[row * columns + column] += vector[column] } }
    return result
  }

  /// `operation` of every element and the parameter of its column.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func mappedColumns(_ parameters: [Element], _ operation: (Element, Element) -> Element) -> Matrix {
    var result = self
    for row in 0..<rows {
      for column in 0..<columns {
        result.elements[row * columns + column] = operation(elements[row * columns + column], parameters[column])
      }
    }
    return result
  }
}
