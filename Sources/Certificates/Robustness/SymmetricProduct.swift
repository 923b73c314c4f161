import CKernels
import LinearAlgebra

/// Products of matrices by plain sums, for proofs.
enum SymmetricProduct {
  /// A A′, exactly symmetric; every entry is one plain sum.
  static func gram(_ a: Matrix<Double>) -> Matrix<Double> {
    var result = product(a, a, isTriangle: true)
    for i in 0..<a.rows { for j in 0..<i { result[j, i] = result[i, j] } }
    return result
  }

  /// A B′; every entry is one plain sum.
  ///
  /// - Parameters:
  ///   - a: A.
  ///   - b: B.
  ///   - starts: for every row of A, and of B, a column before which it is zero; none for rows without zeros.
  ///   - isTriangle: whether entries above the diagonal are not wanted.
  static func product(_ a: Matrix<Double>, _ b: Matrix<Double>, starts: [Int] = [], isTriangle: Bool = false) -> Matrix<Double> {
    precondition(a.columns == b.columns && (starts.isEmpty || starts.count == a.rows && starts.count == b.rows), "rows of the same length")
    var result = Matrix<Double>(rows: a.rows, columns: b.rows)
    let block = 64
    a.elements.withUnsafeBufferPointer { left in
      b.elements.withUnsafeBufferPointer { right in
        result.elements.withUnsafeMutableBufferPointer { target in
          guard let left = left.baseAddress, let right = right.baseAddress, let target = target.baseAddress else { return }
          for i in stride(from: 0, to: a.rows, by: block) {
            for j in stride(from: 0, to: isTriangle ? min(b.rows, i + block) : b.rows, by: block) {
              let (height, width) = (min(block, a.rows - i), min(block, b.rows - j))
              let from = starts.isEmpty ? 0 : max(starts[i..<i + height].min() ?? 0, starts[j..<j + width].min() ?? 0)
              if from >= a.columns { continue }
              lipcert_dots(
                height, width, a.columns - from, 1, left + (i * a.columns + from), a.columns, right + (j * b.columns + from), b.columns,
                target + i * b.rows + j, b.rows)
            }
          }
        }
      }
    }
    return result
  }
}
