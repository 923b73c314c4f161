internal import CKernels

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

extension LinearMap {
  /// Stops the program when a batch has the wrong shape: that is a mistake in the calling code.
  func checkShapes(_ input: Matrix<Element>, _ inputColumns: Int, _ output: Matrix<Element>, _ outputColumns: Int) {
    precondition(
      input.columns == inputColumns, "a linear map's input must be batch × \(inputColumns), not \(input.rows) × \(input.columns)")
    precondition(
      output.columns == outputColumns && output.rows == input.rows,
      "a linear map's output must be \(input.rows) × \(outputColumns), not \(output.rows) × \(output.columns)")
  }

  /// Calls `body` with the memory of every row of `input` and `output` and of `coefficients`, rows spread over threads when there is work.
  func transform<Coefficient: Sendable>(
    _ input: Matrix<Element>, _ output: inout Matrix<Element>, _ coefficients: [Coefficient],
    _ body: @Sendable (Int, UnsafePointer<Element>, UnsafeMutablePointer<Element>, UnsafePointer<Coefficient>?) -> Void
  ) {
    let (batch, width, height) = (input.rows, input.columns, output.columns)
    guard height > 0, batch > 0 else { return }
    input.elements.withUnsafeBufferPointer { source in
      output.elements.withUnsafeMutableBufferPointer { target in
        coefficients.withUnsafeBufferPointer { coefficients in
          guard let target = SharedBuffer(target) else { return }
          // Rows of length zero are never read, so any address stands for them.
          let source = SharedInput(source) ?? SharedInput(base: target.base)
          let shared = SharedInput(coefficients)
          ParallelFor.runRanges(batch, minimumChunk: max(1, 1 << 17 / (width + height))) { rows in
            for row in rows { body(row, source.base + row * width, target.base + row * height, shared?.base) }
          }
        }
      }
    }
  }
}

extension UnsafeMutablePointer {
  /// Sets `count` elements to all-zero bytes, which is the number zero.
  func clear(_ count: Int) where Pointee: Scalar {
    memset(self, 0, count * MemoryLayout<Pointee>.stride)
  }
}
