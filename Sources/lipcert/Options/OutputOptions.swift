import ArgumentParser
import CommandLineSupport

/// The form of the results.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON object instead of text.")
  var json = false

  /// Prints the results in the form asked for.
  func print(text: () -> [String], json document: () -> JSONValue) {
    Swift.print(json ? document().formatted : text().joined(separator: "\n"))
  }
}
