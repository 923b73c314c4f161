/// A pointer that the workers of one ``ParallelFor`` loop share, each writing to its own part.
///
/// The one place where the compiler's check for data races is taken over by hand: whoever makes one answers for disjoint writes and for the
/// buffer outliving the loop.
public struct SharedPointer<Element>: @unchecked Sendable {
  /// The first element.
  public let base: UnsafeMutablePointer<Element>

  /// Shares `base` among the workers of a loop.
  public init(_ base: UnsafeMutablePointer<Element>) { self.base = base }
}
