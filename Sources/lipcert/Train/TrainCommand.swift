import ArgumentParser
import Studies

/// `lipcert train`: one model from a recipe.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network from a recipe, naturally or adversarially, and save it for certification.",
    discussion: """
      The recipe is a YAML file: data, model, training, attacks. The folder gets network.onnx (without noise; float32), record.json (settings, \
      digests, accuracies, curve), curve.csv and a report. A run that is ended in any way goes on where it was when it is started again, and \
      gives the same network as an undisturbed one; the result does not depend on the number of threads.

      Example:

        lipcert train recipe.yaml --out trained
        lipcert evaluate trained/network.onnx --data glyphs-14 --epsilon 0.1
      """)

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try options.run { recipe in
      if recipe.pruning != nil { throw CommandError(.usage, "\(options.recipe): there is 'pruning' in it; lipcert prune carries it out") }
    }
  }
}
