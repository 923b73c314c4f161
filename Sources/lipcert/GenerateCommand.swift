import ArgumentParser
import CommandLineSupport
import NetworkFormats
import Networks

/// `lipcert generate`: random networks to try things on.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write a random network.",
    discussion: """
      Weights are random, scaled so that activations keep their magnitude, and stored in single precision. The same seed gives the same file.

      Example:

        lipcert generate net.onnx --widths 10,20,20,5
        lipcert generate tanh.npz --widths 4,16,2 --activation tanh --seed 7
        lipcert generate images.onnx --convolutional
        lipcert generate residual.onnx.gz --resnet20
        lipcert generate small.onnx --residual 1,8,16
      """)

  @Argument(help: "The file to write: .onnx, .onnx.gz or .npz.", completion: .file(extensions: ["onnx", "gz", "npz"]))
  var result: String

  @Option(
    help: ArgumentHelp("A multilayer perceptron with these widths, inputs first (default: 10,20,20,5).", valueName: "widths"),
    transform: Self.widths)
  var widths: [Int] = []

  @Flag(help: "ResNet-20 for 3x32x32 images.")
  var resnet20 = false

  @Flag(help: "A small convolutional network for 1x8x8 images.")
  var convolutional = false

  @Option(help: ArgumentHelp("The activation function (default: relu).", valueName: "name"), transform: Self.activation)
  var activation: Activation?

  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  @Option(
    help: ArgumentHelp(
      "A residual network of three stages: blocks in a stage, channels of the first, height and width of images (--resnet20 is 3,16,32).",
      valueName: "b,c,s"),
    transform: Self.residual)
  var residual: [Int] = []

  func validate() throws {
    if [!widths.isEmpty, resnet20, convolutional, !residual.isEmpty].count(where: { $0 }) > 1 {
      throw ValidationError("--widths, --resnet20, --residual and --convolutional exclude each other")
    }
    if resnet20 || !residual.isEmpty, let activation, activation != .relu {
      throw ValidationError("residual networks have ReLU; --activation does not apply")
    }
  }

  func run() throws {
    _ = logging.start()
    let network =
      if resnet20 {
        try NetworkBuilders.residual(seed: random.seed)
      } else if !residual.isEmpty {
        try NetworkBuilders.residual(blocks: residual[0], width: residual[1], size: residual[2], seed: random.seed)
      } else if convolutional {
        try NetworkBuilders.convolutional(activation: activation ?? .relu, seed: random.seed)
      } else {
        try NetworkBuilders.multilayerPerceptron(
          widths: widths.isEmpty ? [10, 20, 20, 5] : widths, activation: activation ?? .relu, seed: random.seed)
      }
    try CommandError.writing { try ModelFile.write(network, to: result) }
    let sha256 = try LoadedModel.digest(path: result)
    let parameters = network.nodes.reduce(0) { $0 + OperationSummary($1).parameters }
    let sizes = LoadedModel.sizes(try network.lowered())
    try output.print(
      text: { ["\(result): \(sizes), \(Quantity.counted(parameters, "parameter"))", "sha256 \(sha256), seed \(random.seed)"] },
      json: {
        .object([
          ("path", .string(result)), ("sha256", .string(sha256)), ("inputs", .integer(network.inputCount)),
          ("outputs", .integer(network.outputCount)), ("parameters", .integer(parameters)), ("seed", .integer(random.seed)),
        ])
      })
  }

  private static func widths(_ text: String) throws -> [Int] {
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }.filter { 1...1_000_000 ~= $0 }
    guard numbers.count == fields.count, numbers.count >= 2 else {
      throw ValidationError("'\(text)' is not a list of at least two widths such as 10,20,5")
    }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 * $1 <= 1 << 26 }) else {
      throw ValidationError("'\(text)' has a layer of more than \(Quantity.count(1 << 26)) weights")
    }
    return numbers
  }

  private static func residual(_ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard numbers.count == 3, 1...100 ~= numbers[0], 1...1024 ~= numbers[1], 4...1024 ~= numbers[2] else {
      throw ValidationError("'\(text)' is not blocks, channels and size, such as 1,8,16")
    }
    return numbers
  }

  private static func activation(_ text: String) throws -> Activation {
    guard case .activation(let activation)? = NonlinearityName.parse(text) else {
      let choices = NonlinearityName.choices.filter { !$0.hasPrefix("groupSort") }
      throw ValidationError("unknown activation '\(text)'; choose from \(choices.joined(separator: ", "))")
    }
    return activation
  }
}
