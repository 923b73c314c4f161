import Foundation
import LinearAlgebra

/// What a layer remembers between the passes: buffers whose meaning is the layer's own.
public final class LayerMemory<Element: Scalar>: @unchecked Sendable {
  /// Real numbers.
  public let reals: UnsafeMutableBufferPointer<Element>
  /// Indices.
  public let indices: UnsafeMutableBufferPointer<Int32>

  private let block: UnsafeMutableRawPointer

  /// Buffers of zeros; the real numbers are aligned to 64 bytes.
  ///
  /// Memory comes from the system page by page as it is touched, so room for more threads than there are costs nothing.
  public init(reals: Int = 0, indices: Int = 0) {
    guard let block = calloc(reals * MemoryLayout<Element>.stride + 64, 1) else { preconditionFailure("out of memory") }
    self.block = block
    let memory = block.alignedUp(toMultipleOf: 64).bindMemory(to: Element.self, capacity: reals)
    self.reals = UnsafeMutableBufferPointer(start: memory, count: reals)
    self.indices = .allocate(capacity: indices)
    self.indices.initialize(repeating: 0)
  }

  deinit {
    free(block)
    indices.deallocate()
  }
}
