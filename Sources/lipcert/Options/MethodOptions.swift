import ArgumentParser
import Lipschitz

/// Choices that belong to single methods.
struct MethodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("lifted: the rank at the start (default: 12; 48 for a single long proof).", valueName: "r"))
  var rank: Int?

  func validate() throws {
    if let rank, !(1...4096).contains(rank) { throw ValidationError("--rank must lie between 1 and 4096") }
  }

  /// The choices as the estimators take them.
  var settings: EstimatorSettings {
    var settings = EstimatorSettings()
    settings.rank = rank
    return settings
  }
}
