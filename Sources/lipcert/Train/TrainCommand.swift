import ArgumentParser
import CommandLineSupport
import Foundation
import Logging
import Reports
import Studies
import Training

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

  @Argument(help: "The recipe.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(help: ArgumentHelp("The folder of the results (default: trained/NAME for NAME.yaml).", valueName: "dir"), completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("A seed in place of the recipe's.", valueName: "n"))
  var seed: UInt64?

  @Flag(help: "Forget an earlier run in the folder, also an unfinished one.")
  var overwrite = false

  @OptionGroup(title: "Computation") var threading: ThreadOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    let log = logging.start()
    threading.apply(log)
    try InputFile.require(recipe)
    let content = try TrainingRecipe.read(path: recipe, seed: seed)
    let folder = out ?? "trained/" + URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent
    Interruption.install()
    let run = TrainingRun(content, folder: folder, isCancelled: { Interruption.isRequested })
    if overwrite { run.forget() }
    let record = try run.run { event in
      if logging.showsProgress { Console.shared.draw { TrainingLine.words(event) } }
    }
    Console.shared.eraseProgress()
    guard let record else {
      throw CommandError(.failure, "interrupted; the same command goes on from there (\(folder))")
    }
    let report = TrainingReport(record, summary: content.summary)
    try run.folder.write(report)
    try output.print(text: { report.lines + ["Network: \(run.networkPath)", "Report:  \(run.folder.index)"] }, json: { report.json })
  }
}

/// Training in one line.
enum TrainingLine {
  /// `epoch 3 of 12  step 41 of 79  loss 0.4312  87.2% right  5210 samples/s  about 40 s left`.
  static func words(_ event: TrainingRun.Event) -> String {
    if Interruption.isRequested { return "stopping; Ctrl-C again ends at once" }
    switch event {
    case .training(let progress):
      let position = progress.position
      let (epoch, step) = position.step == 0 ? (position.epoch, position.stepsPerEpoch) : (position.epoch + 1, position.step)
      var parts = ["epoch \(epoch) of \(position.epochs)", "step \(step) of \(position.stepsPerEpoch)"]
      if position.step > 0 {
        parts += ["loss \(String(format: "%.4f", progress.loss))", "\(Quantity.percent(progress.accuracy)) right"]
      } else if let last = progress.lastEpoch {
        parts += ["loss \(String(format: "%.4f", last.loss))", "\(Quantity.percent(last.accuracy)) right"]
      }
      parts += ["\(Int(progress.samplesPerSecond)) samples/s", "about \(RunCommand.words(seconds: progress.secondsLeft)) left"]
      return parts.joined(separator: "  ")
    case .evaluating(let words, let done, let total): return "accuracy \(words): \(done) of \(total)"
    }
  }
}
