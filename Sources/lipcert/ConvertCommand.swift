import ArgumentParser
import Certificates
import CommandLineSupport
import LinearAlgebra
import NetworkFormats
import Networks

/// `lipcert convert`: another file format, verified.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a model to another format and verify the result.",
    discussion: """
      The written file is read back; both networks are evaluated at random inputs, and their weights are compared. When the weights are the \
      same, a certificate of one is a certificate of the other. The exit code is 1 when the two networks differ.

      Example:

        lipcert convert net.onnx copy.npz
        lipcert convert net.onnx net.onnx.gz
      """)

  /// The largest relative difference that rounding explains.
  private static let rounding = 1e-6
  private static let samples = 32

  @Argument(help: "The model to read: .onnx, .onnx.gz, .npz or .nnet.", completion: .file(extensions: ["onnx", "gz", "npz", "nnet"]))
  var input: String

  @Argument(help: "The file to write: .onnx, .onnx.gz or .npz.", completion: .file(extensions: ["onnx", "gz", "npz"]))
  var result: String

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    _ = logging.start()
    let loaded = try LoadedModel(path: input, options: modelOptions)
    try ModelFile.write(loaded.network, to: result)
    let written = try ModelFile.read(path: result)
    let difference = try loaded.naming { try largestDifference(loaded.network, written) }
    let isSame = NetworkDigest.sha256(of: try loaded.lowered()) == NetworkDigest.sha256(of: try loaded.naming { try written.lowered() })
    let isFaithful = difference <= Self.rounding
    try output.print(
      text: {
        [
          "\(input) -> \(result)",
          "largest relative difference at \(Self.samples) random inputs: \(DecimalBound.up(difference, digits: 3))",
          isSame
            ? "same network bit for bit: certificates of one are certificates of the other"
            : "not the same network bit for bit: certificates do not carry over",
        ] + (isFaithful ? [] : ["DIFFERENT: more than rounding explains"])
      },
      json: {
        .object([
          ("input", .string(input)), ("output", .string(result)), ("samples", .integer(Self.samples)), ("seed", .integer(random.seed)),
          ("largestRelativeDifference", .upper(difference)), ("sameNetwork", .boolean(isSame)), ("faithful", .boolean(isFaithful)),
        ])
      })
    if !isFaithful { throw ExitStatus.negative.code }
  }

  /// The largest difference between the networks' outputs, relative to the largest output of the same sample.
  private func largestDifference(_ a: Network, _ b: Network) throws -> Double {
    guard a.inputCount == b.inputCount, a.outputCount == b.outputCount else { return .infinity }
    var generator = SplitMix64(seed: random.seed)
    let batch: Matrix<Double> = generator.gaussianMatrix(rows: Self.samples, columns: a.inputCount)
    let (first, second) = (try a.forward(batch), try b.forward(batch))
    return (0..<Self.samples).map { sample in
      let (p, q) = (first.row(sample), second.row(sample))
      let size = p.map(\.magnitude).max() ?? 0
      let difference = zip(p, q).map { ($0 - $1).magnitude }.max() ?? 0
      return difference == 0 ? 0 : difference / size
    }.max() ?? 0
  }
}
