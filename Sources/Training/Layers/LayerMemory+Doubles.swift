import LinearAlgebra

extension LayerMemory {
  /// Room for double-precision numbers, then for elements.
  convenience init(doubles: Int, elements: Int = 0, indices: Int = 0) {
    // Element is half as long as Double, or as long.
    self.init(reals: doubles * (MemoryLayout<Double>.stride / MemoryLayout<Element>.stride) + elements, indices: indices)
  }

  /// The double-precision numbers at the beginning of ``reals``.
  func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(reals.baseAddress.unsafelyUnwrapped).bindMemory(to: Double.self, capacity: count)
  }

  /// The elements behind so many double-precision numbers.
  func elements(after doubles: Int) -> UnsafeMutablePointer<Element> {
    reals.baseAddress.unsafelyUnwrapped + doubles * (MemoryLayout<Double>.stride / MemoryLayout<Element>.stride)
  }
}
