import ArgumentParser
import CommandLineSupport
import FileSupport

/// The form of the results.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON object instead of text.")
  var json = false

  /// Prints the results in the form asked for.
  ///
  /// - Throws: `FileWriteError` when standard output does not take them, as on a full disk.
  func print(text: () -> [String], json document: () -> JSONValue) throws {
    let result = (json ? document().formatted : text().joined(separator: "\n")) + "\n"
    try StandardOutput.write(result)
  }
}
