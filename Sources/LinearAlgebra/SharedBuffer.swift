/// Memory that several iterations of ``ParallelFor`` write at once, each in its own part.
///
/// The compiler cannot see that the parts are disjoint; whoever makes one must.
public struct SharedBuffer<Element>: @unchecked Sendable {
  /// The first element.
  public let base: UnsafeMutablePointer<Element>

  /// The memory at `base`.
  public init(base: UnsafeMutablePointer<Element>) { self.base = base }

  /// The memory of `buffer`, or `nil` when it is empty.
  public init?(_ buffer: UnsafeMutableBufferPointer<Element>) {
    guard let base = buffer.baseAddress else { return nil }
    self.base = base
  }
}

/// Memory that several iterations of ``ParallelFor`` read.
public struct SharedInput<Element>: @unchecked Sendable {
  /// The first element.
  public let base: UnsafePointer<Element>

  /// The memory at `base`.
  public init(base: UnsafePointer<Element>) { self.base = base }

  /// The memory of `buffer`, or `nil` when it is empty.
  public init?(_ buffer: UnsafeBufferPointer<Element>) {
    guard let base = buffer.baseAddress else { return nil }
    self.base = base
  }
}
