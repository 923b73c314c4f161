import ArgumentParser
import CommandLineSupport
import Foundation
import Logging
import Training

/// `lipcert evaluate`: natural and attacked accuracy.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a network's accuracy on data, as they are and under attacks.",
    discussion: """
      Accuracy under an attack is an upper bound of the robust accuracy: a stronger attack may find more. For what is proved, see radius. \
      Under an attack a sample counts when both its natural answer and the attacked one are right.

      Attacks: fgsm is one step of length epsilon; ifgsmK takes K steps of epsilon / 7.9 from the sample (ifgsm20 is the reference's A3); \
      pgdK starts at random and takes K steps of 2.5 epsilon / K; nearest looks for the nearest adversarial sample in l2.

      Example:

        lipcert evaluate net.onnx --data glyphs-14
        lipcert evaluate net.onnx --data mnist/ --attack fgsm,pgd20 --epsilon 0.1,0.2
        lipcert evaluate net.onnx --data test.csv --scale 1/255 --limit 1000
        lipcert evaluate net.onnx --data test.npz --norm l2 --attack pgd50,nearest
      """)

  @Argument(help: "The model: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String

  @OptionGroup(title: "Data") var dataOptions: EvaluationDataOptions

  @Option(
    help: ArgumentHelp(
      "Attacks, separated by commas: \(AttackChoice.names), or none (default: fgsm,ifgsm20).", valueName: "attacks"),
    transform: AttackChoice.parse)
  var attack: [AttackChoice] = [.fastGradientSign, .iterated(count: 20)]

  @Option(help: ArgumentHelp("The norm of perturbations: linf or l2.", valueName: "norm"))
  var norm = PerturbationNorm.lInfinity

  @Option(
    help: ArgumentHelp("The greatest perturbations, such as 2/255,8/255 (default: 0.031 for linf, 0.5 for l2).", valueName: "e,.."),
    transform: InputOptions.numbers)
  var epsilon: [Double] = []

  @Option(
    help: ArgumentHelp("l2 distances at which nearest states the accuracy (default: 0.25,0.5,1,2).", valueName: "r,.."),
    transform: InputOptions.numbers)
  var radii: [Double] = [0.25, 0.5, 1, 2]

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var threading: ThreadOptions
  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    guard dataOptions.data != nil else { throw ValidationError("Missing expected argument '--data <path>'") }
    guard epsilon.allSatisfy({ $0 > 0 }) else { throw ValidationError("--epsilon must be positive") }
    guard radii.allSatisfy({ $0 >= 0 }) else { throw ValidationError("--radii must not be negative") }
  }

  func run() throws {
    let log = logging.start()
    threading.apply(log)
    let loaded = try LoadedModel(path: model, options: modelOptions)
    let (classifier, detour) = try loaded.naming { try SavedClassifier.make(loaded.network, capacity: 100) }
    if let detour { log.notice("\(detour): the slower general evaluator is used") }
    let data = try dataOptions.read(for: classifier.input.shape, classCount: classifier.outputGradient.shape.count)
    Interruption.install()
    let began = ContinuousClock.now
    let result = try evaluate(classifier, data) { result in
      guard logging.showsProgress else { return }
      Console.shared.draw {
        let left = began.duration(to: .now) / .seconds(1) * Double(result.total - result.count) / Double(max(1, result.count))
        return
          "\(Quantity.count(result.count)) of \(Quantity.count(result.total))  \(Quantity.percent(result.naturalAccuracy)) right  about "
          + "\(Quantity.wait(left)) left"
      }
    }
    Console.shared.eraseProgress()
    let report = EvaluationReport(
      model: loaded, data: data, dataPath: dataOptions.data ?? "", result: result, radii: radii, seed: random.seed,
      seconds: began.duration(to: .now) / .seconds(1))
    try output.print(text: { report.lines }, json: { report.json })
    if result.count < result.total { throw CommandError(.failure, "interrupted after \(result.count) of \(result.total) samples") }
  }

  private func evaluate(
    _ classifier: any DifferentiableClassifier<Float>, _ data: Dataset, _ progress: (AccuracyResult) -> Void
  ) throws -> AccuracyResult {
    var evaluation = AccuracyEvaluation()
    evaluation.seed = random.seed
    evaluation.isCancelled = { Interruption.isRequested }
    let sizes = epsilon.isEmpty ? [norm == .lInfinity ? 0.031 : 0.5] : epsilon
    for size in sizes {
      evaluation.attacks += try attack.compactMap { try $0.settings(norm: norm, epsilon: size, domain: dataOptions.domain) }
    }
    if attack.contains(.nearest) { evaluation.minimalNorm = try MinimalNormAttack(domain: dataOptions.domain) }
    return try evaluation.run(classifier, on: data, progress: progress)
  }
}

extension PerturbationNorm: ExpressibleByArgument {}
