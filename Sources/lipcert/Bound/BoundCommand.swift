import ArgumentParser
import Certificates
import CommandLineSupport
import FileSupport
import Lipschitz
import Logging
import Networks
import Reports
import Studies

/// `lipcert bound`: Lipschitz bounds of a model.
struct BoundCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bound",
    abstract: "Bound a network's Lipschitz constant from above and below.",
    discussion: """
      Upper bounds are called certified only when the independent checker accepted them for the network exactly as stored. The outputs are \
      measured in the Euclidean norm, the inputs in the norm chosen. Ctrl-C stops with the best certified bound so far.

      Example:

        lipcert bound net.onnx
        lipcert bound net.onnx --method all --certificate net.lipcert
        lipcert bound net.onnx --method all --report report
        lipcert bound net.onnx --method lipsdp,lipsdp-layer --tolerance 1e-5
        lipcert bound net.onnx --norm linf --target 3,1 --time-limit 10 --json
        lipcert bound weights.npz --activation tanh --tolerance 1e-2
        lipcert bound net.onnx --center image.npy --radius 0.5
        lipcert bound --list-methods
      """)

  @Argument(help: "The model: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String?

  @Flag(name: .customLong("list-methods"), help: "Say what each method does and where it comes from, and do nothing else.")
  var isListingMethods = false

  @Option(
    help: ArgumentHelp("The norm of the inputs: l2, linf or l1.", valueName: "norm"), completion: .list(InputNorm.allCases.map(\.rawValue)))
  var norm = InputNorm.l2

  @Option(
    help: ArgumentHelp(
      "Methods, separated by commas: \(Estimators.names.joined(separator: ", ")), or all.", valueName: "methods"),
    transform: MethodList.parse)
  var method = MethodList.standard

  @Flag(name: .customLong("no-attained"), help: "Do not search for a gain that is really attained.")
  var isWithoutAttained = false

  @Option(
    help: ArgumentHelp(
      "One output I, or the margin between two, I,J; counted from 0 (default: all outputs).",
      discussion: """
        Many at once, in one table: each (every output), pairs (every two outputs), I,* (output I against every other). Then one method \
        runs, lifted unless another is given, and attained does not.
        """, valueName: "i[,j]"),
    transform: TargetArgument.parseSet)
  var target = TargetSet.one(.all)

  @Option(help: ArgumentHelp("Relative gap (upper - lower) / upper at which to stop.", valueName: "gap"))
  var tolerance = 1e-3

  @Option(help: ArgumentHelp("Seconds for all methods together (default: none).", valueName: "seconds"))
  var timeLimit: Double?

  @Option(
    name: [.customShort("c"), .long], help: ArgumentHelp("Write the certificate of the best bound.", valueName: "out"),
    completion: .file())
  var certificate: String?

  @Option(
    help: ArgumentHelp("With many targets: write the certificate of each to this folder.", valueName: "dir"),
    completion: .directory)
  var certificates: String?

  @Option(
    help: ArgumentHelp(
      "Write a report with figures to this folder: index.html, report.md, results.json, results.csv, certificate.json.", valueName: "dir"),
    completion: .directory)
  var report: String?

  @Flag(name: .customLong("no-check"), help: "Do not read the written certificate back and check it.")
  var isWithoutCheck = false

  @OptionGroup(title: "Region") var regionOptions: RegionOptions
  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Single methods") var methodOptions: MethodOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Computation") var workOption: WorkOption
  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    guard (model == nil) == isListingMethods else {
      throw ValidationError(isListingMethods ? "--list-methods takes no model" : "Missing expected argument '<model>'")
    }
    guard tolerance > 0, tolerance < 1 else { throw ValidationError("--tolerance must lie between 0 and 1") }
    if let timeLimit, !(timeLimit > 0 && timeLimit.isFinite) { throw ValidationError("--time-limit must be positive") }
    if case .one = target {
      if certificates != nil { throw ValidationError("--certificates is for many targets; --certificate writes one") }
    } else {
      if regionOptions.isGiven { throw ValidationError("a region takes one target") }
      if certificate != nil { throw ValidationError("--certificate is for one target; --certificates DIR writes one for each") }
      guard method.filter({ $0 != "attained" }).count == 1 else {
        throw ValidationError("many targets take one method besides attained, such as --method lifted")
      }
    }
    guard isWithoutAttained, method == ["attained"] else { return }
    throw ValidationError("--no-attained leaves nothing to do")
  }

  func run() throws {
    guard let model else { return try output.print(text: { MethodList.lines }, json: { MethodList.json }) }
    let log = logging.start()
    compute.threading.apply(log)
    let loaded = try LoadedModel(path: model, options: modelOptions)
    guard case .one(let selection) = target else { return try runTargets(loaded, log) }
    let problem = try loaded.naming {
      try LipschitzProblem(
        loaded.network, inputNorm: norm, output: selection, region: regionOptions.region(inputCount: loaded.network.inputCount))
    }
    try requirePlaces()
    announce(problem, log)

    Interruption.install()
    let methods = method.filter { $0 != "attained" } + (isWithoutAttained ? [] : ["attained"])
    var settings = methodOptions.settings
    settings.workFolder = try workOption.folder()
    let runner = MethodRunner(
      problem: problem, budget: budget, timeLimit: timeLimit.map { .together($0) } ?? .none, settings: settings,
      observer: MethodProgress(showsProgress: logging.showsProgress, log: log).observer)
    let outcomes = runner.run(methods)
    if Interruption.isRequested { log.notice("interrupted: these are the best results so far") }

    var result = BoundReport(
      model: loaded.facts(problem, options: modelOptions), inputNorm: norm, output: selection, region: problem.region, outcomes: outcomes,
      tolerance: tolerance,
      seed: random.seed, timeLimit: timeLimit)
    try result.requireConsistency()
    let folder = report.map(ReportFolder.init)
    let keeper = ResultKeeper(
      certificate: certificate, folder: folder, isChecked: !isWithoutCheck,
      journal: ProofProgress.journal(settings.workFolder, title: "check", isShown: logging.showsProgress),
      isCancelled: { Interruption.isRequested })
    let failures = keeper.keep(&result, problem: problem)
    let place = folder.flatMap { failures.isEmpty ? ["Report: \($0.index)"] : nil } ?? []
    try output.print(text: { result.lines + place }, json: { result.json })
    for failure in failures.dropLast() { log.error("\(failure)") }
    if let failure = failures.last { throw failure }
    if methods != ["attained"], result.best == nil {
      throw CommandError(.failure, "\(model): no upper bound could be certified (\(result.reasons))")
    }
  }

  private var budget: Budget {
    var budget = Budget()
    budget.tolerance = tolerance
    budget.memoryLimit = compute.memoryBytes
    budget.seed = random.seed
    budget.isCancelled = { Interruption.isRequested }
    return budget
  }

  /// Many functions of the outputs in one pass.
  private func runTargets(_ loaded: LoadedModel, _ log: Logger) throws {
    let problem = try loaded.naming { try LipschitzProblem(loaded.network, inputNorm: norm) }
    let name = method.first { $0 != "attained" } ?? "lifted"
    guard let estimator = Estimators.named(name, settings: methodOptions.settings) else {
      throw CommandError(.usage, "unknown method '\(name)'")
    }
    try requirePlaces()
    announce(problem, log)
    Interruption.install()
    var budget = budget
    budget.timeLimit = timeLimit
    let run = TargetsRun(
      model: loaded, problem: problem, targets: target, method: estimator, budget: budget, showsProgress: logging.showsProgress)
    let (rows, seconds) = try run.results()
    if Interruption.isRequested { log.notice("interrupted: these are the best results so far") }
    var result = TargetsReport(
      model: loaded.facts(problem, options: modelOptions), inputNorm: norm, targets: target, rows: rows, tolerance: tolerance,
      seed: random.seed, seconds: seconds, timeLimit: timeLimit)
    var failures: [any Error] = []
    if let certificates {
      do { try run.keep(&result.rows, folder: certificates, isChecked: !isWithoutCheck) } catch { failures.append(error) }
    }
    if let report {
      do { try ReportFolder(path: report).write(result) } catch { failures.append(error) }
    }
    try output.print(text: { result.lines }, json: { result.json })
    let missing = result.rows.filter { !$0.estimate.isCertified }
    if let first = missing.first {
      let reason = first.estimate.note.map { " (\(StatementWords.name(first.target)): \($0))" } ?? ""
      failures.append(
        CommandError(.failure, "\(loaded.path): \(missing.count) of \(result.rows.count) targets have no certified bound\(reason)"))
    }
    for failure in failures.dropLast() { log.error("\(failure)") }
    if let failure = failures.last { throw failure }
  }

  /// Tries the places that results are to go to.
  private func requirePlaces() throws {
    try OutputPlace.require(file: certificate)
    try OutputPlace.require(folder: certificates)
    if let report { try ReportFolder(path: report).prepare() }
  }

  /// What is known before the work starts: the cost of a proof.
  private func announce(_ problem: LipschitzProblem, _ log: Logger) {
    let proving = method.filter { !["product", "attained"].contains($0) }
    guard !proving.isEmpty else {
      if certificate != nil { log.warning("none of the chosen methods yields a certificate") }
      return
    }
    let cost = CostEstimate(of: problem.selected)
    let order = Quantity.count(cost.largestOrder)
    if cost.bytes > compute.memoryBytes {
      log.warning(
        """
        a certificate of this network would take \(Quantity.bytes(cost.bytes)) of memory (\(order) live coordinates), more than the limit of \
        \(Quantity.bytes(compute.memoryBytes)): \(proving.joined(separator: " and ")) will not prove an upper \
        bound (--memory-limit raises the limit; otherwise the product of norms takes their place)
        """)
    } else {
      log.debug(
        """
        a proof of this network takes about \(Quantity.bytes(cost.bytes)) of memory and \(Quantity.approximate(cost.multiplications)) \
        multiplications (\(order) live coordinates)
        """)
    }
  }
}

extension InputNorm: ExpressibleByArgument {}
