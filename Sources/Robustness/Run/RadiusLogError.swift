/// Why a file of results cannot be used.
public struct RadiusLogError: Error, Equatable, CustomStringConvertible {
  /// The file, the line and the reason.
  public let description: String

  init(_ path: String, _ line: Int?, _ reason: String) {
    description = "\(path): " + (line.map { "line \($0): " } ?? "") + reason
  }
}
