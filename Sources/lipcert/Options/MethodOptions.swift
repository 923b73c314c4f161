import ArgumentParser
import Lipschitz

/// Choices that belong to single methods.
struct MethodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("lifted: the rank at the start (default: 12).", valueName: "r"))
  var rank: Int?

  @Option(
    help: ArgumentHelp(
      "lifted: which units share a multiplier: neuron (none), channel or layer (default: neuron).",
      discussion: "Shared multipliers give a larger bound; layer is the method lipsdp-layer.", valueName: "tying"),
    completion: .list(MultiplierTying.allCases.map(\.rawValue)))
  var tying = MultiplierTying.neuron

  func validate() throws {
    if let rank, !(1...4096).contains(rank) { throw ValidationError("--rank must lie between 1 and 4096") }
  }

  /// The choices as the estimators take them.
  var settings: EstimatorSettings {
    var settings = EstimatorSettings()
    settings.rank = rank
    settings.tying = tying
    return settings
  }
}

extension MultiplierTying: ExpressibleByArgument {}
