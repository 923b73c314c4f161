/// Why a claim could not be proved. It says nothing about whether the claim is true.
public struct NotProved: Error, Equatable, CustomStringConvertible {
  /// Where the proof stopped and why.
  public let description: String

  /// A reason, for people to read.
  public init(_ description: String) { self.description = description }
}
