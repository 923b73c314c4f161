import ArgumentParser
import Studies

/// `lipcert prune`: one model trained and pruned from a recipe.
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Train and prune a network from a recipe, and save what is left of it for certification.",
    discussion: """
      The recipe is one of 'train' with the key 'pruning': relaxed splitting (rvsm, rgsm) prunes while it trains; magnitude, filter-norm, \
      pattern, slimming, lottery-ticket and admm train, choose and train again what is kept ('retraining'). 'model: {file: net.onnx}' begins \
      at a saved network. Channels that nothing reads are removed: network.onnx is the small network, record.json says what was zero in each \
      layer. A run that is ended in any way goes on where it was when it is started again.

      Example:

        lipcert prune recipe.yaml --out pruned
        lipcert compare dense/network.onnx pruned/network.onnx --data glyphs-14
      """)

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try options.run { recipe in
      if recipe.pruning == nil {
        throw CommandError(.usage, "\(options.recipe): there is no 'pruning' in it; lipcert train carries it out")
      }
    }
  }
}
