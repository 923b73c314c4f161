import LinearAlgebra

/// The distances ‖H_y − H_i‖ between the rows of a last layer's matrix.
public struct HeadDistances<Element: Scalar> {
  /// The distances, at y · classes + i.
  public let values: [Double]
  private let classes: Int
  private let width: Int

  /// The distances of the rows of H.
  ///
  /// - Parameters:
  ///   - matrix: H, classes × width, row-major.
  ///   - classes: the number of rows.
  public init(_ matrix: some Collection<Element>, classes: Int) {
    let matrix = Array(matrix)
    precondition(classes > 0 && matrix.count % classes == 0, "whole rows")
    self.classes = classes
    width = matrix.count / classes
    var values = [Double](repeating: 0, count: classes * classes)
    for y in 0..<classes {
      for i in 0..<y {
        var square = 0.0
        for k in 0..<width {
          let difference = Double(matrix[y * width + k]) - Double(matrix[i * width + k])
          square += difference * difference
        }
        values[y * classes + i] = square.squareRoot()
        values[i * classes + y] = square.squareRoot()
      }
    }
    self.values = values
  }

  /// Adds the gradient of a function of the distances with respect to H; equal rows have none.
  ///
  /// - Parameters:
  ///   - gradient: the function's gradient with respect to ``values``.
  ///   - matrix: H.
  ///   - result: where it is added, like H.
  public func addGradient(_ gradient: [Double], of matrix: some Collection<Element>, to result: inout ArraySlice<Element>) {
    let matrix = Array(matrix)
    for y in 0..<classes {
      for i in 0..<classes where gradient[y * classes + i] != 0 && values[y * classes + i] > 0 {
        let factor = gradient[y * classes + i] / values[y * classes + i]
        for k in 0..<width {
          let change = Element(factor * (Double(matrix[y * width + k]) - Double(matrix[i * width + k])))
          result[result.startIndex + y * width + k] += change
          result[result.startIndex + i * width + k] -= change
        }
      }
    }
  }
}
