import ArgumentParser
import Certificates

/// Where a long proof keeps its state.
struct WorkOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the state of a long proof in this folder, and go on from what is there (believed as if computed now: use a folder of your own).",
      valueName: "dir"),
    completion: .directory)
  var work: String?

  /// The folder, made if need be.
  ///
  /// - Throws: ``CommandError``.
  func folder() throws -> WorkFolder? {
    do {
      return try work.map(WorkFolder.init(path:))
    } catch {
      throw CommandError(.failure, "\(error)")
    }
  }
}
