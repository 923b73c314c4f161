import ArgumentParser
import Certificates
import CommandLineSupport
import Logging
import Networks

/// `lipcert check`: the independent check of a certificate.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check that a certificate proves its bound or its radius about a model.",
    discussion: """
      Everything is recomputed from the model and the certificate's multipliers; no solver takes part, and no number in the certificate is \
      trusted. The exit code is 0 when the statement is proved, 1 when it is not, 2 when a file is malformed.

      Example:

        lipcert check net.lipcert net.onnx
        lipcert check small.lipcert small.onnx --exact
        lipcert check input-7.radius net.onnx
      """)

  @Argument(help: "The certificate.", completion: .file())
  var certificate: String

  @Argument(help: "The model it is about.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String

  @Flag(
    help: ArgumentHelp(
      """
      Decide the matrix inequality a second time in exact rational arithmetic, for networks of up to \(ExactCheck.largestOrder) inputs and \
      units.
      """))
  var exact = false

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Computation") var workOption: WorkOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    let log = logging.start()
    compute.threading.apply(log)
    switch try CertificateFile.read(path: certificate) {
    case .bound(let certificate): try run(certificate, log)
    case .radius(let certificate):
      try RadiusCheck(certificate, path: self.certificate).run(model: model, modelOptions, output, isExact: exact)
    }
  }

  private func run(_ certificate: Certificate, _ log: Logger) throws {
    let loaded = try LoadedModel(path: model, options: modelOptions)
    let network = try loaded.lowered()
    // A derivation is checked by its own means.
    let bytes = certificate.derivation == nil ? CostEstimate(of: network).bytes : 0
    guard bytes <= compute.memoryBytes else {
      throw CommandError(
        .failure,
        "\(model): the check would take \(Quantity.bytes(bytes)) of memory, more than the limit of \(Quantity.bytes(compute.memoryBytes))")
    }
    let began = ContinuousClock.now
    var refutation: String?
    do {
      let journal = ProofProgress.journal(try workOption.folder(), title: "check", isShown: logging.showsProgress)
      defer { Console.shared.eraseProgress() }
      try loaded.naming {
        try CertificateChecker.check(certificate, of: network, memoryLimit: compute.memoryBytes, journal: journal)
      }
    } catch let error as NotProved {
      refutation = error.description
    }
    let seconds = began.duration(to: .now) / .seconds(1)
    let order = network.inputCount + network.unitCount
    if exact, order > 80, order <= ExactCheck.largestOrder {
      log.notice("the exact check of \(order) inputs and units takes minutes (about a second for 50, growing like the fifth power)")
    }
    let second = exact && refutation == nil ? try loaded.naming { try ExactVerdict(certificate, network: network) } : nil
    if second == .disagrees { refutation = "exact arithmetic disagrees: please report this" }
    try output.print(
      text: { lines(certificate, loaded, refutation: refutation, seconds: seconds, second: second) },
      json: { document(certificate, loaded, refutation: refutation, seconds: seconds, second: second) })
    if refutation != nil { throw ExitStatus.negative.code }
  }

  private func lines(
    _ content: Certificate, _ loaded: LoadedModel, refutation: String?, seconds: Double, second: ExactVerdict?
  ) -> [String] {
    var lines = [
      "certificate  \(certificate)  by \(content.generator.filter { !$0.isNewline && $0.isASCII && $0 >= " " })",
      "model        \(loaded.path)  sha256 \(loaded.sha256)",
      "statement    \(StatementWords.inequality(content.statement))",
      refutation.map { "NOT PROVED: \($0)" } ?? "PROVED in \(Quantity.seconds(seconds)) s",
    ]
    if let second { lines.append("exact check: \(second.words)") }
    return lines
  }

  private func document(
    _ content: Certificate, _ loaded: LoadedModel, refutation: String?, seconds: Double, second: ExactVerdict?
  ) -> JSONValue {
    let statement = content.statement
    return .object([
      ("proved", .boolean(refutation == nil)),
      ("reason", .text(refutation)),
      ("bound", .upper(statement.bound)),
      ("norm", .string(statement.inputNorm.rawValue)),
      ("statement", .string(StatementWords.inequality(statement))),
      ("certificate", .object([("path", .string(certificate)), ("generator", .string(content.generator))])),
      ("model", .object([("path", .string(loaded.path)), ("sha256", .string(loaded.sha256))])),
      ("exact", .text(second?.words)),
      ("seconds", .number(seconds)),
    ])
  }
}

/// What exact arithmetic says about a certificate that the checker accepted.
enum ExactVerdict: Equatable {
  case agrees
  case disagrees
  case doesNotApply(String)

  /// Decides the matrix inequality exactly, with the sectors that the checker accepted.
  init(_ certificate: Certificate, network: LoweredNetwork) throws {
    guard certificate.derivation == nil else {
      self = .doesNotApply("the certificate's proof is no single matrix inequality")
      return
    }
    let selected = try network.selecting(certificate.statement.output)
    let weights = certificate.inputWeights
    guard certificate.statement.inputNorm != .l1 else {
      self = .doesNotApply("the exact check is about one set of multipliers, in the norms l2 and linf")
      return
    }
    do {
      let isProved = try ExactCheck.isPositiveDefinite(
        selected, sectors: certificate.sectors(of: network) ?? network.globalSectors, multipliers: certificate.nodes.map(\.multipliers),
        inputWeights: certificate.statement.inputNorm == .l2 ? Array(repeating: weights[0], count: network.inputCount) : weights)
      self = isProved ? .agrees : .disagrees
    } catch let error as NotProved {
      self = .doesNotApply(error.description)
    }
  }

  /// The verdict in words.
  var words: String {
    switch self {
    case .agrees: "agrees, in rational arithmetic"
    case .disagrees: "disagrees"
    case .doesNotApply(let reason): "does not apply: \(reason)"
    }
  }
}
