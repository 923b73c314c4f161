/// Why a file of peers' results is not one.
public struct PeerError: Error, Equatable, CustomStringConvertible {
  /// The line, counted from 1; `nil` when the trouble is with the file as a whole.
  public let line: Int?
  /// What is wrong.
  public let detail: String

  /// One sentence for people.
  public var description: String { line.map { "line \($0): \(detail)" } ?? detail }
}
