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
        lipcert generate deep.onnx --widths 10,20x25,5
        lipcert generate maxmin.onnx --widths 10,20,20,5 --activation groupSort:2
        lipcert generate images.onnx --convolutional
        lipcert generate blocks.onnx --residual 1,4,8
        lipcert generate residual.onnx.gz --resnet20
        lipcert generate block.onnx --convolutions 16,16,16 --image 3x32x32
      """)

  @Argument(help: "The file to write: .onnx, .onnx.gz or .npz.", completion: .file(extensions: ["onnx", "gz", "npz"]))
  var result: String

  @Option(
    help: ArgumentHelp(
      "A multilayer perceptron with these widths, inputs first; 20x25 is 25 layers of 20 (default: 10,20,20,5).", valueName: "widths"),
    transform: Self.widths)
  var widths: [Int] = []

  @Flag(help: "ResNet-20 for 3x32x32 images.")
  var resnet20 = false

  @Option(
    help: ArgumentHelp(
      "A residual network for 3xSIZExSIZE images: blocks in each of three stages, channels of the first, size.", valueName: "b,c,size"),
    transform: Self.residual)
  var residual: NetworkRecipe.Form?

  @Flag(help: "A small convolutional network for 1x8x8 images.")
  var convolutional = false

  @Option(
    help: ArgumentHelp("A chain of 3x3 convolutions with these channels; the output is the last image.", valueName: "channels"),
    transform: Self.channels)
  var convolutions: [Int] = []

  @Option(
    help: ArgumentHelp("The input of --convolutions: channels, height, width (default: 3x32x32).", valueName: "CxHxW"),
    transform: Self.image)
  var image: [Int]?

  @Option(
    help: ArgumentHelp(
      "The activation function, or groupSort:SIZE with --widths; MaxMin is groupSort:2 (default: relu).", valueName: "name"),
    transform: Self.nonlinearity)
  var activation: NPZNonlinearity?

  @OptionGroup(title: "Computation") var random: SeedOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    if [!widths.isEmpty, resnet20, residual != nil, convolutional, !convolutions.isEmpty].count(where: { $0 }) > 1 {
      throw ValidationError("--widths, --resnet20, --residual, --convolutional and --convolutions exclude each other")
    }
    if image != nil, convolutions.isEmpty { throw ValidationError("--image goes with --convolutions") }
    if resnet20 || residual != nil, let activation, activation != .activation(.relu) {
      throw ValidationError("residual networks have ReLU; --activation does not apply")
    }
    if convolutional || !convolutions.isEmpty, case .groupSort = activation { throw ValidationError("groupSort is for --widths") }
  }

  /// What was asked for.
  private var form: NetworkRecipe.Form {
    let widths = widths.isEmpty ? [10, 20, 20, 5] : widths
    if resnet20 { return .residual(blocks: 3, channels: 16, size: 32) }
    if let residual { return residual }
    switch activation ?? .activation(.relu) {
    case .groupSort(let size): return .sortingPerceptron(widths: widths, groupSize: size)
    case .activation(let activation):
      if !convolutions.isEmpty {
        return .convolutionChain(image: image ?? [3, 32, 32], channels: convolutions, activation: activation)
      }
      guard convolutional else { return .perceptron(widths: widths, activation: activation) }
      return .convolutional(inputChannels: 1, size: 8, channels: [4, 8], strides: nil, outputs: 10, activation: activation)
    }
  }

  func run() throws {
    _ = logging.start()
    let network = try NetworkRecipe(form, seed: random.seed).network()
    try ModelFile.write(network, to: result)
    let sha256 = try FileDigest.sha256(path: result)
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
    guard let widths = WidthList.parse(text) else {
      throw ValidationError("'\(text)' is not a list of at least two widths such as 10,20,5 or 10,20x3,5")
    }
    guard zip(widths, widths.dropFirst()).allSatisfy({ $0 * $1 <= 1 << 26 }) else {
      throw ValidationError("'\(text)' has a layer of more than \(Quantity.count(1 << 26)) weights")
    }
    return widths
  }

  private static func channels(_ text: String) throws -> [Int] {
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }.filter { 1...4096 ~= $0 }
    guard numbers.count == fields.count else { throw ValidationError("'\(text)' is not a list of channels such as 16,16,16") }
    return numbers
  }

  private static func image(_ text: String) throws -> [Int] {
    let fields = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }.filter { 1...4096 ~= $0 }
    guard numbers.count == 3, fields.count == 3 else { throw ValidationError("'\(text)' is not an image size such as 3x32x32") }
    return numbers
  }

  private static func residual(_ text: String) throws -> NetworkRecipe.Form {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard numbers.count == 3, 1...64 ~= numbers[0], 1...512 ~= numbers[1], 1...512 ~= numbers[2] else {
      throw ValidationError("'\(text)' is not three numbers such as 1,4,8: blocks to 64, channels to 512, size to 512")
    }
    return .residual(blocks: numbers[0], channels: numbers[1], size: numbers[2])
  }

  private static func nonlinearity(_ text: String) throws -> NPZNonlinearity {
    guard let nonlinearity = NonlinearityName.parse(text) else {
      throw ValidationError("unknown activation '\(text)'; choose from \(NonlinearityName.choices.joined(separator: ", "))")
    }
    return nonlinearity
  }
}
