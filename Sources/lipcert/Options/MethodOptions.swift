import ArgumentParser
import Lipschitz

/// Choices that belong to single methods.
struct MethodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("lifted, partition: the rank at the start (default: 12; 48 for a single long proof).", valueName: "r"))
  var rank: Int?

  @Option(
    help: ArgumentHelp(
      "lifted: which units share a multiplier: neuron (none), channel or layer (default: neuron).",
      discussion: "Shared multipliers give a larger bound; layer is the method lipsdp-layer.", valueName: "tying"),
    completion: .list(MultiplierTying.allCases.map(\.rawValue)))
  var tying = MultiplierTying.neuron

  @Option(
    help: ArgumentHelp(
      "partition: pieces along each axis of every block's output; 1 leaves blocks whole (default: chosen for memory and time).",
      valueName: "n"))
  var partitionFactor: Int?

  @Option(
    help: ArgumentHelp(
      "partition: activation layers in a block, a residual branch or pooling counting as one (default: chosen for memory and time).",
      valueName: "n"))
  var partitionLayers: Int?

  @Option(
    help: ArgumentHelp(
      "partition: how tiles are bounded: joint, or one by one with \(PartitionEstimator.tileMethods.joined(separator: ", ")) (default: joint).",
      valueName: "method"),
    transform: Self.partitionMethod)
  var partitionMethod = PartitionEstimator.Method.joint

  @Flag(help: ArgumentHelp("frequency: prove the bound for images of any size, not for this one's only."))
  var anyImageSize = false

  @Option(
    help: ArgumentHelp(
      """
      compositional: how a layer's multipliers are chosen: semidefinite (one for each unit), scalar (one for the layer) or closed-form \
      (default: semidefinite).
      """, valueName: "rule"),
    completion: .list(CompositionalRule.allCases.map(\.rawValue)))
  var compositionalRule = CompositionalRule.semidefinite

  func validate() throws {
    for (name, value) in [("factor", partitionFactor), ("layers", partitionLayers)] {
      if let value, !(1...4096).contains(value) { throw ValidationError("--partition-\(name) must lie between 1 and 4096") }
    }
    if let rank, !(1...4096).contains(rank) { throw ValidationError("--rank must lie between 1 and 4096") }
  }

  /// The choices as the estimators take them.
  var settings: EstimatorSettings {
    var settings = EstimatorSettings()
    settings.rank = rank
    settings.tying = tying
    settings.partitionFactor = partitionFactor
    settings.partitionLayers = partitionLayers
    settings.partitionMethod = partitionMethod
    settings.coversAllImageSizes = anyImageSize
    settings.compositionalRule = compositionalRule
    return settings
  }

  private static func partitionMethod(_ text: String) throws -> PartitionEstimator.Method {
    if text == "joint" { return .joint }
    if PartitionEstimator.tileMethods.contains(text) { return .single(text) }
    throw ValidationError(
      "unknown tile method '\(text)'; choose from joint, \(PartitionEstimator.tileMethods.joined(separator: ", "))")
  }
}

extension MultiplierTying: ExpressibleByArgument {}
extension CompositionalRule: ExpressibleByArgument {}
