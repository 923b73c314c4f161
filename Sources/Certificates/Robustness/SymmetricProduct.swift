import CKernels
import LinearAlgebra

/// Products of matrices by plain sums, for proofs.
enum SymmetricProduct {
  /// A A′, exactly symmetric; every entry is one plain sum.
  static func gram(_ a: Matrix<Double>) -> Matrix<Double> {
    var result = product(a, a)
    for i in 0..<a.rows { for j in 0..<i { result[j, i] = result[i, j] } }
    return result
  }

  /// A B′; every entry is one plain sum.
  static func product(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    precondition(a.columns == b.columns, "rows of the same length")
    var result = Matrix<Double>(rows: a.rows, columns: b.rows)
    let block = 64
    a.elements.withUnsafeBufferPointer { left in
      b.elements.withUnsafeBufferPointer { right in
        result.elements.withUnsafeMutableBufferPointer { target in
          guard let left = left.baseAddress, let right = right.baseAddress, let target = target.baseAddress else { return }
          for i in stride(from: 0, to: a.rows, by: block) {
            for j in stride(from: 0, to: b.rows, by: block) {
              lipcert_dots(
                min(block, a.rows - i), min(block, b.rows - j), a.columns, 1, left + i * a.columns, a.columns, right + j * b.columns,
                b.columns, target + i * b.rows + j, b.rows)
            }
          }
        }
      }
    }
    return result
  }
}
