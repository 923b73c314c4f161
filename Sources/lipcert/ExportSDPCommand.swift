import ArgumentParser
import Certificates
import CommandLineSupport
import ConicPrograms
import FileSupport
import Foundation
import Lipschitz

/// `lipcert export-sdp`: the semidefinite program of LipSDP, for other solvers.
struct ExportSDPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-sdp",
    abstract: "Write the semidefinite program behind a bound, for any SDP solver.",
    discussion: """
      The file holds the linear matrix inequality of LipSDP in SDPA sparse format: minimise c'x subject to sum x_i F_i - F_0 >= 0. Its \
      optimum is the squared Lipschitz bound; the comments at its head say what every variable is. With --scaled, rows, columns and variables \
      are multiplied by powers of two taken from a closed-form bound: the same problem exactly, but one that solvers can work with on deep \
      networks; the comments give the factor of the optimum. What a solver prints is no proof: lipcert bound gives one.

      Example:

        lipcert export-sdp net.onnx net.dat-s
        lipcert export-sdp net.onnx net.dat-s --mode layer --norm linf
        lipcert export-sdp net.onnx net.dat-s --target 3,1 --scaled
      """)

  @Argument(help: "The model: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var model: String

  @Argument(help: "The file to write: .dat-s.", completion: .file(extensions: ["dat-s"]))
  var result: String

  @Option(
    help: ArgumentHelp("Multipliers: one for each neuron, or one for each layer.", valueName: "neuron|layer"),
    transform: Self.mode)
  var mode = MultiplierMode.neuron

  @Option(
    help: ArgumentHelp("The norm of the inputs: l2 or linf.", valueName: "norm"), completion: .list(InputNorm.allCases.map(\.rawValue)))
  var norm = InputNorm.l2

  @Option(
    help: ArgumentHelp("One output I, or the margin between two, I,J; counted from 0 (default: all outputs).", valueName: "i[,j]"),
    transform: TargetArgument.parse)
  var target = OutputSelection.all

  @Flag(help: "Bring variables and entries near one, by powers of two.")
  var scaled = false

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    let log = logging.start()
    compute.threading.apply(log)
    let loaded = try LoadedModel(path: model, options: modelOptions)
    let problem = try loaded.naming { try LipschitzProblem(loaded.network, inputNorm: norm, output: target) }
    guard norm != .l1 else {
      throw CommandError(.usage, "--norm l1 is a program for each single input, not one program; choose l2 or linf")
    }
    try OutputPlace.require(file: result)
    let size = InequalitySize(problem, mode: mode)
    guard 200 * size.entries <= Double(compute.memoryBytes) else {
      throw CommandError(
        .failure, "\(model): the program has \(Quantity.approximate(size.entries)) entries, too many for the memory limit of this command")
    }
    let inequality = try LipschitzInequality(problem, mode: mode, scale: scaled ? try closedForm(problem) : nil)
    let lmi = inequality.inequality
    try AtomicFile.write(Data(SDPAFile(lmi, comments: comments(inequality, sha256: loaded.sha256)).text()), path: result)
    let entries = lmi.coefficients.reduce(lmi.constant.count) { $0 + $1.count }
    let order = lmi.blocks.reduce(0) { $0 + $1.order }
    let factor = inequality.squaredBoundScale
    try output.print(
      text: {
        [
          "\(result): order \(Quantity.count(order)), \(Quantity.counted(lmi.variableCount, "variable")), "
            + "\(Quantity.count(entries)) entries",
          "squared bound = \(factor == 1 ? "" : "\(factor) x ")optimum",
        ]
      },
      json: {
        .object([
          ("path", .string(result)), ("order", .integer(order)), ("variables", .integer(lmi.variableCount)), ("entries", .integer(entries)),
          ("squaredBoundScale", .number(factor)),
        ])
      })
  }

  /// Multipliers of the closed form to scale with.
  private func closedForm(_ problem: LipschitzProblem) throws -> LipschitzScale {
    var budget = Budget()
    budget.memoryLimit = compute.memoryBytes
    let estimate = try ClosedFormEstimator().estimate(problem, budget: budget)
    guard let certificate = estimate.certificate else {
      throw CommandError(.failure, "\(model): --scaled needs a closed-form bound, but \(estimate.note ?? "there is none")")
    }
    return LipschitzScale(multipliers: certificate.nodes.map(\.multipliers), inputWeights: certificate.inputWeights)
  }

  private func comments(_ inequality: LipschitzInequality, sha256: String) -> [String] {
    let unit = "lambda of 2 lambda (dh - alpha dp)(dh - beta dp)"
    var lines = [
      "LipSDP, mode \(mode.rawValue), input norm \(norm.rawValue), \(StatementWords.name(target)), of the model with SHA-256 \(sha256)",
      "minimise c'x subject to sum x_i F_i - F_0 positive semidefinite; one row for each input and each unit that is not linear",
      inequality.squaredBoundScale == 1
        ? "the optimum is the squared Lipschitz bound"
        : "the squared Lipschitz bound is \(inequality.squaredBoundScale) times the optimum; variables below are x_i times their factor",
    ]
    let factors = inequality.variableScales
    for (i, variable) in inequality.variables.enumerated() {
      let name =
        switch variable {
        case .squaredBound: "rho, the squared bound"
        case .inputWeight(let input): "d, the weight of input \(input)"
        case .unit(let node, let index): "\(unit) of unit \(index) of activation \(node)"
        case .node(let node): "\(unit) of all units of activation \(node)"
        }
      lines.append("x_\(i + 1)\(factors[i] == 1 ? "" : " * \(factors[i])"): \(name)")
    }
    return lines
  }

  private static func mode(_ text: String) throws -> MultiplierMode {
    do { return try MultiplierMode(named: text) } catch { throw ValidationError("\(error)") }
  }
}
