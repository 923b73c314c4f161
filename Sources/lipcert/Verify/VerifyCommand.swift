import ArgumentParser
import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import Logging
import NetworkFormats
import Networks
import Robustness

/// `lipcert verify`: decides properties in VNN-LIB.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Decide whether a network can reach a property's unsafe set.",
    discussion: """
      The property is a VNN-LIB file, version 1.0 or 2.0, possibly with gzip; its formula describes the UNSAFE inputs and outputs. The first \
      line on standard output is the verdict: sat (there is one; the witness follows, evaluated anew in single precision and in intervals \
      around the real values), unsat (there is none in real arithmetic over the stored weights, proved by bounds that are sound in floating \
      point), unknown, or timeout. How the property was understood and the method go to standard error. Several inputs of a model are taken \
      one after the other, in the model's order, each flattened row by row.

      --instances decides a list of lines model,property,seconds, with paths relative to the list, as competitions have them, and writes a \
      line category,model,property,preparation,verdict,seconds for each; with --results it goes on where a file ends.

      Exit codes: 0 unsat, 1 sat, 2 a file or the command line is wrong, 3 unknown or timeout; for a list 0 when every instance was decided.

      Example:

        lipcert verify net.onnx robust.vnnlib --timeout 60
        lipcert verify net.onnx robust.vnnlib.gz --witness counterexample.txt
        lipcert verify --instances benchmark/instances.csv --results results.csv
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String?

  @Argument(help: "The property.", completion: .file(extensions: ["vnnlib", "gz"]))
  var property: String?

  @Option(help: ArgumentHelp("Decide a list of instances instead of one.", valueName: "csv"), completion: .file(extensions: ["csv"]))
  var instances: String?

  @Option(
    help: ArgumentHelp("With --instances: append results to this file and leave out instances that it has.", valueName: "csv"),
    completion: .file(extensions: ["csv"]))
  var results: String?

  @Option(help: ArgumentHelp("Also write the witness to this file.", valueName: "file"), completion: .file())
  var witness: String?

  @OptionGroup(title: "Search") var options: VerifyOptions
  @OptionGroup(title: "Search") var seedOption: SeedOption
  @OptionGroup(title: "Search") var threading: ThreadOptions
  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    if instances != nil {
      guard model == nil, property == nil, witness == nil, !output.json else {
        throw ValidationError("--instances takes no model, property, --witness or --json")
      }
    } else {
      guard model != nil, property != nil else { throw ValidationError("verify takes a model and a property, or --instances") }
      guard results == nil else { throw ValidationError("--results belongs to --instances") }
    }
  }

  func run() throws {
    let log = logging.start()
    threading.apply(log)
    Interruption.install()
    if let instances {
      try InstanceBatch(
        list: instances, results: results, options: options, seed: seedOption.seed, modelOptions: modelOptions,
        showsProgress: logging.showsProgress, log: log
      ).run()
    } else if let model, let property {
      try decide(model, property, log)
    }
  }

  private func decide(_ model: String, _ path: String, _ log: Logger) throws {
    try InputFile.require(path)
    let loaded = try LoadedModel(path: model, options: modelOptions)
    let property = try VNNLIBReader.read(path: path)
    let (inputs, outputs) = (loaded.network.inputCount, loaded.network.outputCount)
    guard property.inputCount == inputs, property.outputCount == outputs else {
      throw CommandError(
        .usage, "\(path): is about \(Self.sizes(property.inputCount, property.outputCount)); \(model) has \(Self.sizes(inputs, outputs))")
    }
    try OutputPlace.require(file: witness)
    for line in property.words() { log.notice("\(line)") }
    if loaded.network.inputs.count > 1 {
      log.notice("\(model) has \(loaded.network.inputs.count) inputs; the property's inputs are theirs one after the other")
    }
    let showsProgress = logging.showsProgress
    let outcome = try loaded.naming {
      try Verifier(loaded.network).decide(
        property, allowsFloatingPoint: options.semantics == .real, budget: options.budget(seed: seedOption.seed),
        progress: { words in if showsProgress { Console.shared.draw { words } } })
    }
    Console.shared.eraseProgress()
    let parts = Quantity.counted(outcome.branches, "part")
    log.notice("\(outcome.verdict.name) by \(outcome.method) in \(Quantity.seconds(outcome.seconds)) s (\(parts))")
    if case .unknown(let reason) = outcome.verdict { log.notice("unknown: \(reason)") }
    let text: WitnessText? = if case .sat(let witness) = outcome.verdict { WitnessText(witness: witness, property: property) } else { nil }
    // A file that cannot be written after all does not keep the verdict from being told.
    let writing = Result {
      if let witness, let text { try AtomicFile.write(Data((text.lines.joined(separator: "\n") + "\n").utf8), path: witness) }
    }
    try output.print(
      text: { [outcome.verdict.name] + (text?.lines ?? []) },
      json: { document(outcome, text, property, loaded, path) })
    try writing.get()
    let status = outcome.verdict.exitStatus
    if status != .success { throw status.code }
  }

  private static func sizes(_ inputs: Int, _ outputs: Int) -> String {
    "\(Quantity.counted(inputs, "input")) and \(Quantity.counted(outputs, "output"))"
  }

  private func document(
    _ outcome: VerificationOutcome, _ witness: WitnessText?, _ property: Property, _ loaded: LoadedModel, _ path: String
  ) -> JSONValue {
    let reason: String? = if case .unknown(let reason) = outcome.verdict { reason } else { nil }
    return .object([
      ("verdict", .string(outcome.verdict.name)),
      ("reason", .text(reason)),
      ("arithmetic", .string("real arithmetic over the stored weights")),
      ("method", .string(outcome.method)),
      ("boxes", .integer(outcome.branches)),
      ("seconds", .number(outcome.seconds)),
      ("witness", witness?.json ?? .null),
      (
        "property",
        .object([
          ("path", .string(path)), ("version", .string(property.version)), ("inputs", .integer(property.inputCount)),
          ("outputs", .integer(property.outputCount)), ("disjuncts", .integer(property.disjuncts.count)),
          ("understood", .array(property.words().map(JSONValue.string))),
        ])
      ),
      ("model", .object([("path", .string(loaded.path)), ("sha256", .string(loaded.sha256))])),
    ])
  }
}

extension Verdict {
  /// The exit status of a verdict.
  var exitStatus: ExitStatus {
    switch self {
    case .unsat: .success
    case .sat: .negative
    case .unknown, .timeout: .failure
    }
  }
}
