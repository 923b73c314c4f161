import LinearAlgebra

/// A batch of feature maps on memory of its own: batch × height × width × channels, row-major.
///
/// A tensor is a place rather than a value: an ``Execution`` makes its tensors once and every step writes them anew. One thread at a time may
/// change one, or several threads disjoint parts of it.
public final class Tensor<Element: Scalar>: @unchecked Sendable {
  /// The shape of one sample.
  public let shape: FeatureShape
  /// The most samples it has room for.
  public let capacity: Int
  /// The samples in use, at most ``capacity``; the first ones of the memory.
  public var batch: Int {
    didSet { precondition(0...capacity ~= batch, "a batch that fits") }
  }
  /// The first element; aligned to 64 bytes.
  public let base: UnsafeMutablePointer<Element>

  /// A tensor of zeros.
  public init(capacity: Int, shape: FeatureShape) {
    self.shape = shape
    self.capacity = capacity
    batch = capacity
    let bytes = max(1, capacity * shape.count) * MemoryLayout<Element>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base = memory.bindMemory(to: Element.self, capacity: max(1, capacity * shape.count))
  }

  /// A tensor of `elements`, whole samples one after the other.
  ///
  /// - Precondition: the number of elements is a multiple of the shape's.
  public convenience init(shape: FeatureShape, elements: [Element]) {
    precondition(shape.count > 0 && elements.count % shape.count == 0, "whole samples")
    self.init(capacity: elements.count / shape.count, shape: shape)
    self.elements = elements
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// The number of elements in use.
  public var count: Int { batch * shape.count }

  /// The elements in use.
  public var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

  /// The elements of one sample.
  public func sample(_ index: Int) -> UnsafeMutableBufferPointer<Element> {
    precondition(0..<batch ~= index, "a sample of the batch")
    return UnsafeMutableBufferPointer(start: base + index * shape.count, count: shape.count)
  }

  /// The elements in use, as a value.
  ///
  /// - Precondition: what is assigned has ``count`` elements.
  public var elements: [Element] {
    get { Array(buffer) }
    set {
      precondition(newValue.count == count, "as many elements as the tensor has")
      _ = buffer.update(fromContentsOf: newValue)
    }
  }

  /// Takes over the batch and the elements of another tensor of the same shape.
  ///
  /// - Precondition: it fits.
  public func copy(_ other: Tensor) {
    precondition(shape == other.shape, "tensors of the same shape")
    batch = other.batch
    base.update(from: other.base, count: count)
  }
}
