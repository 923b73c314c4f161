/// Why a method does not apply to a problem.
public struct NotApplicable: Error, CustomStringConvertible {
  private let reason: String

  /// A reason, for people to read.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { reason }
}
