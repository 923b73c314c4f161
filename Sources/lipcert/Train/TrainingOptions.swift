import ArgumentParser
import CommandLineSupport
import Foundation
import Reports
import Studies

/// What `train` and `prune` have in common: one recipe carried out in one folder.
struct TrainingOptions: ParsableArguments {
  @Argument(help: "The recipe.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(help: ArgumentHelp("The folder of the results (default: trained/NAME for NAME.yaml).", valueName: "dir"), completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("A seed in place of the recipe's.", valueName: "n"))
  var seed: UInt64?

  @OptionGroup var dataOption: DataOption

  @Flag(help: "Forget an earlier run in the folder, also an unfinished one.")
  var overwrite = false

  @OptionGroup(title: "Computation") var threading: ThreadOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  /// Carries out the recipe.
  ///
  /// - Parameter check: looks at the recipe first.
  func run(check: (TrainingRecipe) throws -> Void) throws {
    let log = logging.start()
    threading.apply(log)
    try InputFile.require(recipe)
    let content = try TrainingRecipe.read(path: recipe, seed: seed, data: dataOption.description())
    try check(content)
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
