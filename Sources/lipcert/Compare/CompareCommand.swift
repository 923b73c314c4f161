import ArgumentParser
import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Logging
import Networks
import Reports
import Studies
import Training

/// `lipcert compare`: dense and sparse models side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare models, such as a dense and a pruned one: size, accuracy, bounds, radii, speed, and how far they can be apart.",
    discussion: """
      The first model is the reference. Sizes, Lipschitz bounds and inference times need no data; accuracies, certified radii and the share of \
      equal answers do. How far the outputs of each model can be from the reference's is proved around the first samples, or without data on the \
      box of all inputs. Accuracies under attack are upper bounds of the robust accuracy. Ctrl-C stops with what there is.

      Example:

        lipcert compare dense.onnx sparse.onnx
        lipcert compare dense.onnx sparse.onnx --data glyphs-14 --limit 100
        lipcert compare dense.onnx sparse.onnx --names all,few --out comparison
      """)

  @Argument(
    help: "The models, the reference first: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var models: [String]

  @Option(help: ArgumentHelp("What the models are called, separated by commas (default: their files' names).", valueName: "names"))
  var names: String?

  @OptionGroup(title: "Data") var dataOptions: EvaluationDataOptions

  @Option(
    help: ArgumentHelp(
      "The least and the greatest value of an input (default: 0,1, or any with --features); without data differences are over this box.",
      valueName: "a,b"), transform: RadiusCommand.domain)
  var domain: ClosedRange<Double>?

  @OptionGroup(title: "Measures") var measures: ComparisonOptions
  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Computation") var random: SeedOption

  @Option(
    help: ArgumentHelp(
      "Write a report with figures to this folder: index.html, report.md, results.json, results.csv.", valueName: "dir"),
    completion: .directory)
  var out: String?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  private var givenNames: [String]? { names.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } }

  func validate() throws {
    guard models.count > 1 else { throw ValidationError("there is nothing to compare with: two models at least are needed") }
    guard let names = givenNames else { return }
    guard names.count == models.count else { throw ValidationError("--names has \(names.count) names for \(models.count) models") }
    guard !names.contains(""), Set(names).count == names.count else { throw ValidationError("--names must be different and not empty") }
  }

  func run() throws {
    let log = logging.start()
    compute.threading.apply(log)
    for model in models { try InputFile.require(model) }
    let names = givenNames ?? ComparedModel.names(for: models)
    let subjects = try zip(models, names).map {
      try ComparedModel(path: $0, name: $1, options: modelOptions.readOptions(for: $0))
    }
    let data = try readData(for: subjects)
    if let out { try ReportFolder(path: out).prepare() }
    Interruption.install()
    let comparison = ModelComparison(data: data, settings: try settings, isCancelled: { Interruption.isRequested })
    let showsProgress = logging.showsProgress
    let (measurements, differences) = try comparison.run(subjects) { event in
      if showsProgress { Console.shared.draw { Self.line(event) } }
    }
    Console.shared.eraseProgress()
    let report = comparison.report(
      title: names.dropFirst().joined(separator: ", ") + " against " + names[0], measurements, differences, path: dataOptions.data,
      radii: measures.radii)
    let place = try out.map { path in
      try ReportFolder(path: path).write(report)
      return ["Report: \(ReportFolder(path: path).index)"]
    }
    try output.print(text: { report.lines + (place ?? []) }, json: { report.json })
    if let contradiction = report.contradictions.first {
      throw CommandError(.failure, "\(contradiction): the program is wrong, trust none of these results")
    }
    if !report.isComplete { throw CommandError(.failure, "interrupted: these are the results so far") }
  }

  /// The values that an input can have.
  private var range: ClosedRange<Double>? { domain ?? dataOptions.domain }

  private var settings: ModelComparison.Settings {
    get throws {
      var settings = try measures.settings(domain: range)
      settings.memoryLimit = compute.memoryBytes
      settings.seed = random.seed
      return settings
    }
  }

  /// The samples, as images where some model takes images.
  private func readData(for models: [ComparedModel]) throws -> Dataset? {
    guard dataOptions.data != nil else {
      if dataOptions.labels != nil { throw CommandError(.usage, "--labels goes with --data") }
      return nil
    }
    var shapes: [FeatureShape] = []
    for model in models { shapes.append(try NetworkClassifier<Float>.inputShape(of: model.network)) }
    guard let shape = shapes.first(where: { !$0.isVector }) ?? shapes.first, let first = models.first else { return nil }
    return try dataOptions.readUnfitted(for: shape, classCount: max(2, first.network.outputCount))
  }

  /// Where the comparison is, in a line.
  static func line(_ event: ModelComparison.Event) -> String {
    if Interruption.isRequested { return "stopping; Ctrl-C again ends at once" }
    switch event {
    case .accuracy(let model, let done, let total): return "\(model)  accuracy  \(done) of \(total) samples"
    case .bound(let model, let method, let moment):
      return "\(model)  " + (moment.map { MethodProgress.line(method, $0) } ?? "\(method)  starting")
    case .radii(let model, let done, let total): return "\(model)  radii  \(done) of \(total) samples"
    case .inference(let model): return "\(model)  inference time"
    case .difference(let model, let done, let total): return "\(model)  difference  \(done) of \(total) regions"
    }
  }
}
