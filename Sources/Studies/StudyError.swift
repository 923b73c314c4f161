/// Why a study cannot be done as it was written, or must not be relied on.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  /// The model or file and the reason in one line.
  public let description: String
  /// Whether the program has contradicted itself; else the study or one of its files is wrong.
  public let isContradiction: Bool

  init(_ description: String, isContradiction: Bool = false) {
    self.description = description
    self.isContradiction = isContradiction
  }
}

/// What went wrong in a step of a study.
public struct StepError: Error, CustomStringConvertible {
  /// The step's id.
  public let step: String
  /// What went wrong there.
  public let reason: any Error

  /// The step and the reason in one line.
  public var description: String { "\(step): \(reason)" }
}
