/// Memory that several iterations of ``ParallelFor`` write at once, each in its own part.
///
/// The compiler cannot see that the parts are disjoint; whoever makes one must.
struct SharedBuffer<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>

  /// The memory at `base`.
  init(base: UnsafeMutablePointer<Element>) { self.base = base }

  /// The memory of `buffer`, or `nil` when it is empty.
  init?(_ buffer: UnsafeMutableBufferPointer<Element>) {
    guard let base = buffer.baseAddress else { return nil }
    self.base = base
  }
}

/// Memory that several iterations of ``ParallelFor`` read.
struct SharedInput<Element>: @unchecked Sendable {
  let base: UnsafePointer<Element>

  /// The memory at `base`.
  init(base: UnsafePointer<Element>) { self.base = base }

  /// The memory of `buffer`, or `nil` when it is empty.
  init?(_ buffer: UnsafeBufferPointer<Element>) {
    guard let base = buffer.baseAddress else { return nil }
    self.base = base
  }
}
