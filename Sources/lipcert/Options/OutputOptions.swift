import ArgumentParser
import CommandLineSupport
import Foundation

/// The form of the results.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON object instead of text.")
  var json = false

  /// Prints the results in the form asked for.
  ///
  /// - Throws: ``CommandError`` when standard output does not take them, as on a full disk.
  func print(text: () -> [String], json document: () -> JSONValue) throws {
    let result = (json ? document().formatted : text().joined(separator: "\n")) + "\n"
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(result.utf8))
    } catch {
      throw CommandError(.failure, "standard output cannot be written: \(error.localizedDescription)")
    }
  }
}
