import ArgumentParser
import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz
import Logging
import Networks
import Reports
import Robustness

/// `lipcert radius`: how far inputs can move before their answer changes.
struct RadiusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "radius",
    abstract: "Certify for many inputs how far each can move before its answer changes.",
    discussion: """
      Every input gets a bracket: a certified radius, within which the answer is proved not to change, and the distance of an input with \
      another answer that an attack found. Inputs with a wrong answer count as radius 0. With --out each result is kept as it is found; the \
      same command goes on where an earlier one was stopped or killed. Ctrl-C stops with the results so far.

      Example:

        lipcert radius net.onnx --inputs x.npy --labels y.npy
        lipcert radius net.onnx --inputs mnist/ --limit 100 --domain 0,1
        lipcert radius net.onnx --inputs test.csv --scale 1/255 --norm linf
        lipcert radius net.onnx --inputs x.npy --out radii.jsonl --certificates radii
        lipcert radius net.onnx --inputs x.npz --method all --report report
        lipcert radius --list-methods
      """)

  @Argument(help: "The model: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String?

  @Flag(name: .customLong("list-methods"), help: "Say what each method and attack does and where it comes from, and do nothing else.")
  var isListingMethods = false

  @OptionGroup(title: "Inputs") var inputOptions: InputOptions

  @Option(
    help: ArgumentHelp("The norm of distances: l2 or linf.", valueName: "norm"),
    completion: .list([InputNorm.l2.rawValue, InputNorm.lInfinity.rawValue]))
  var norm = InputNorm.l2

  @Option(
    help: ArgumentHelp("The least and the greatest value that an input can have, after scaling; pixels: 0,1.", valueName: "a,b"),
    transform: Self.domain)
  var domain: ClosedRange<Double>?

  @Option(
    help: ArgumentHelp(
      "Methods, separated by commas: \(RadiusMethods.names.joined(separator: ", ")), or all.", valueName: "methods"),
    transform: RadiusMethodList.parse)
  var method = RadiusMethodList.standard

  @Option(
    help: ArgumentHelp(
      "The attack: \(Attacks.all.map(\.name).joined(separator: ", ")), or none (default: \(Attacks.standard.name)).", valueName: "attack"),
    transform: RadiusMethodList.parseAttack)
  var attack = Attacks.standard.name

  @Option(
    help: ArgumentHelp("Radii at which to state the accuracy, such as 36/255,0.5 (default: round ones).", valueName: "r,.."),
    transform: InputOptions.numbers)
  var radii: [Double] = []

  @Option(help: ArgumentHelp("Relative precision of radii, and of the Lipschitz constants they rest on.", valueName: "gap"))
  var tolerance = 1e-2

  @Option(help: ArgumentHelp("Seconds for each method, and for the attack, on each input (default: none).", valueName: "seconds"))
  var timeLimit: Double?

  @Flag(help: "Do not tell methods what the attack found: slower, but then that the two never cross is evidence.")
  var independent = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Keep the results in this file, one JSON object a line, and go on from those that are there.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Write a report with figures to this folder, and keep the results there unless --out says where.", valueName: "dir"),
    completion: .directory)
  var report: String?

  @Flag(help: "Forget the results that are in the file.")
  var overwrite = false

  @Flag(name: .customLong("keep-adversaries"), help: "Keep the inputs with another answer in the results; a report does it anyway.")
  var keepsAdversaries = false

  @Option(
    help: ArgumentHelp(
      "Keep the certificates of radii and of Lipschitz constants in this folder; constants that are there are used once they are checked.",
      valueName: "dir"),
    completion: .directory)
  var certificates: String?

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    guard (model == nil) == isListingMethods else {
      throw ValidationError(isListingMethods ? "--list-methods takes no model" : "Missing expected argument '<model>'")
    }
    guard isListingMethods || inputOptions.inputs != nil else { throw ValidationError("Missing expected argument '--inputs <file>'") }
    guard norm != .l1 else { throw ValidationError("--norm is l2 or linf") }
    guard tolerance > 0, tolerance < 1 else { throw ValidationError("--tolerance must lie between 0 and 1") }
    if let timeLimit, !(timeLimit > 0 && timeLimit.isFinite) { throw ValidationError("--time-limit must be positive") }
    guard radii.allSatisfy({ $0 >= 0 }) else { throw ValidationError("--radii must not be negative") }
    if overwrite, out == nil, report == nil { throw ValidationError("--overwrite goes with --out or --report") }
    if method.isEmpty, attack == "none" { throw ValidationError("there is neither a method nor an attack to run") }
  }

  func run() throws {
    guard let model else { return try output.print(text: { RadiusMethodList.lines }, json: { RadiusMethodList.json }) }
    let log = logging.start()
    compute.threading.apply(log)
    let began = ContinuousClock.now
    let loaded = try LoadedModel(path: model, options: modelOptions)
    let inputs = try inputOptions.read(for: loaded.network)
    warn(about: inputs, log)
    let classifier = try loaded.naming { try Classifier(loaded.network) }
    let selection = try inputOptions.selection(of: inputs.count)
    let run = try RadiusRun(classifier, inputs, settings: settings)
    let header = run.header
    if let report { try ReportFolder(path: report).prepare() }
    try OutputPlace.require(folder: certificates)
    let journalPath = out ?? report.map { ($0 as NSString).appendingPathComponent("radii.jsonl") }
    let journal = try journalPath.map { try RadiusLog(path: $0, header: header, overwriting: overwrite) }

    Interruption.install()
    let chosen = Set(selection)
    let known = journal?.known.filter { chosen.contains($0.index) } ?? []
    if !known.isEmpty { log.notice("\(journalPath ?? ""): \(known.count) of \(selection.count) results are there already") }
    let done = Set(known.map(\.index))
    let progress = RadiusProgress(showsProgress: logging.showsProgress, log: log)
    let fresh = try run.run(selection.filter { !done.contains($0) }, observe: { progress.tell($0) }) { try journal?.append($0) }
    try journal?.synchronise()
    Console.shared.eraseProgress()

    let records = known + fresh
    let problem = try loaded.naming { try LipschitzProblem(lowered: classifier.lowered, inputNorm: norm) }
    let result = RadiusReport(
      model: loaded.facts(problem, options: modelOptions), inputsPath: inputOptions.inputs ?? "", header: header, records: records,
      radii: radii, inputs: inputs, sources: RadiusReport.sources(header), seconds: began.duration(to: .now) / .seconds(1))
    let place = try report.map { path in
      try ReportFolder(path: path).write(result)
      return "Report   \(ReportFolder(path: path).index)"
    }
    try output.print(text: { RadiusText(report: result, out: journalPath).lines + [place].compactMap { $0 } }, json: { result.json })
    let summary = result.summary
    if !summary.contradictions.isEmpty {
      let list = summary.contradictions.prefix(10).map(String.init).joined(separator: ", ")
      throw CommandError(
        .failure,
        "a certified radius reaches an input with another answer: the program is wrong, trust none of these results (inputs \(list))")
    }
    if records.count < selection.count {
      throw CommandError(
        .failure,
        "interrupted after \(records.count) of \(selection.count) inputs"
          + (journalPath == nil ? "; with --out FILE the same command would go on from there" : "; the same command goes on from there"))
    }
  }

  private var settings: RadiusRun.Settings {
    var choices = RadiusMethodSettings()
    choices.certificates = certificates.map(CertificateFolder.init)
    choices.constantTolerance = tolerance
    var settings = RadiusRun.Settings()
    settings.norm = norm
    settings.domain = domain
    settings.methods = RadiusMethods.named(method, settings: choices)
    settings.attack = Attacks.named(attack)
    // The report shows pictures of them.
    settings.keepsAdversaries = keepsAdversaries || report != nil
    settings.certificates = certificates.map(CertificateFolder.init)
    settings.isIndependent = independent
    settings.tolerance = tolerance
    settings.timeLimit = timeLimit
    settings.memoryLimit = compute.memoryBytes
    settings.seed = random.seed
    settings.isCancelled = { Interruption.isRequested }
    return settings
  }

  /// What looks like a mistake in the options.
  private func warn(about inputs: LabelledInputs, _ log: Logger) {
    let values = inputs.inputs.elements
    if let domain, let bad = values.first(where: { !domain.contains($0) }) {
      log.warning("the inputs have values outside of the domain, such as \(bad)")
    }
    let largest = values.max() ?? 0
    if inputOptions.scale.value == 1, largest > 1, largest <= 255, !values.contains(where: { $0 < 0 || $0 != $0.rounded() }) {
      log.warning("the inputs are whole numbers up to \(Int(largest)); if the network takes pixels from 0 to 1, --scale 1/255 is missing")
    }
  }

  static func domain(_ text: String) throws -> ClosedRange<Double> {
    let ends = try InputOptions.numbers(text)
    guard ends.count == 2, ends[0] < ends[1] else { throw ValidationError("'\(text)' is no interval; 0,1 is that of pixels") }
    return ends[0]...ends[1]
  }
}
