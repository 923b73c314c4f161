import CommandLineSupport

/// What can be written to a ``ReportFolder``: one model, four renderings that say the same, and their figures.
public protocol Report {
  /// For machines.
  var json: JSONValue { get }
  /// For spreadsheets.
  var csv: String { get }
  /// For text.
  var markdown: String { get }
  /// For people: one page that needs nothing else.
  var html: String { get }
  /// The drawings that Markdown shows, files beside it; their names differ.
  var figures: [Figure] { get }
  /// Files of the folder that an earlier run may have left and that would not be about this one.
  var staleFiles: [String] { get }
}

extension Report {
  /// None.
  public var staleFiles: [String] { [] }
}
