import ArgumentParser
import Studies
import Training

/// Data in place of a recipe's.
struct DataOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Data in place of the recipe's, written as in a recipe: '{folder: mnist, limit: 4000, pooling: 2}'.", valueName: "yaml"))
  var data: String?

  /// The data, if any are given.
  func description() throws -> DataDescription? { try data.map { try DataDescription(words: $0) } }
}
