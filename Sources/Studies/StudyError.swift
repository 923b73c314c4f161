/// Why a study cannot be done as it was written.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  /// The model or file and the reason in one line.
  public let description: String

  init(_ description: String) { self.description = description }
}
