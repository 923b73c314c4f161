import ArgumentParser
import Lipschitz

/// Choices that belong to single methods.
struct MethodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("lifted: the rank at the start (default: 12).", valueName: "r"))
  var rank: Int?

  @Flag(help: ArgumentHelp("frequency: prove the bound for images of any size, not for this one's only."))
  var anyImageSize = false

  func validate() throws {
    if let rank, !(1...4096).contains(rank) { throw ValidationError("--rank must lie between 1 and 4096") }
  }

  /// The choices as the estimators take them.
  var settings: EstimatorSettings {
    var settings = EstimatorSettings()
    settings.rank = rank
    settings.anyImageSize = anyImageSize
    return settings
  }
}
