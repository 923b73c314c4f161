import CommandLineSupport
import NetworkFormats
import Networks
import Training

extension ModelArchitecture {
  /// The keys of `model:` of a recipe, such as `{residual: {depth: 8, channels: [8, 16, 32]}}`, of which one is there.
  static let fields: [Field<ModelArchitecture>] = [
    .group(Field(required: "perceptron", perceptron, "Dense layers.")) { $1 },
    .group(Field(required: "convolutional", convolutional, "Convolutions, then dense layers.")) { $1 },
    .group(
      Field(
        required: "residual", residualNetwork,
        "A residual network with pre-activation (ResNet) of three stages, or an ensemble of them with noise (Feynman-Kac, EnResNet).")
    ) { $1 },
    .group(
      Field(required: "residual-perceptron", residualPerceptron, "Residual blocks of dense layers, or an ensemble of them with noise.")
    ) { $1 },
  ]

  private static let perceptron = Notation<ModelArchitecture>.mapping(
    nil,
    .group(
      Field(
        required: "widths", .widths(least: 1).examples("[64, 64]", "[64x3]"),
        "The widths of the hidden layers; inputs and outputs come from the data. 64x3 stands for three layers of 64."),
      HiddenNonlinearity.field
    ) { .perceptron(PerceptronArchitecture(widths: $1, nonlinearity: $2)) })

  private static let convolutional = Notation<ModelArchitecture>.mapping(
    nil,
    .group(
      Field(required: "convolutions", .list(of: ConvolutionalArchitecture.Convolution.notation), "The convolutions, first to last."),
      Field("widths", .widths(least: 1), "The widths of hidden dense layers after the convolutions; none unless given."),
      HiddenNonlinearity.field,
      Field("normalized", .boolean, default: false, "Whether convolutions are followed by batch normalisation.")
    ) { .convolutional(ConvolutionalArchitecture(convolutions: $1, widths: $2 ?? [], nonlinearity: $3, isNormalized: $4)) })

  private static let residualNetwork = Notation<ModelArchitecture>.mapping(
    nil,
    .group(
      Field(required: "depth", .integer(in: 8...1202), "The depth: 8, 14, 20, ... (6 b + 2 for b blocks a stage)."),
      Field("channels", .list(of: .integer(in: 1...4096)), default: [16, 32, 64], "The channels of the stages."),
      FeynmanKacEnsemble.field
    ) { mapping, depth, channels, ensemble in
      do {
        return .residual(try ResidualArchitecture(depth: depth, channels: channels, ensemble: ensemble))
      } catch let error as TrainingError {
        throw mapping.failure(error.description)
      }
    })

  private static let residualPerceptron = Notation<ModelArchitecture>.mapping(
    nil,
    .group(
      Field(required: "width", .integer(in: 1...8192), "The width of all layers."),
      Field(required: "blocks", .integer(in: 1...200), "How many residual blocks there are."),
      FeynmanKacEnsemble.field
    ) { .residualPerceptron(ResidualPerceptronArchitecture(width: $1, blocks: $2, ensemble: $3)) })
}

extension FeynmanKacEnsemble {
  /// The keys of ensembles with noise.
  static let field = Field<FeynmanKacEnsemble>.group(
    Field("members", .integer(in: 1...64), default: 1, "How many networks there are whose outputs are averaged."),
    Field("noise", .real(in: 0...10), default: 0, "The deviation of the noise that is added after every block in training.")
  ) { FeynmanKacEnsemble(members: $1, noise: $2) }
}

extension HiddenNonlinearity {
  /// `activation:` of trained models.
  static let field = Field(
    "activation",
    .word(
      ["maxmin": HiddenNonlinearity.groupSort(size: 2)],
      or: Notation<NPZNonlinearity>.nonlinearity.map(written: { $0 == .scalar(.relu) ? .string("relu") : nil }) { nonlinearity, _ in
        switch nonlinearity {
        case .activation(let activation): .scalar(activation)
        case .groupSort(let size): .groupSort(size: size)
        }
      }), default: .scalar(.relu),
    "The activation of hidden layers. maxmin sorts units in pairs (groupSort:2); some take parameters after a colon, such as leakyReLU:0.1.")
}

extension ConvolutionalArchitecture.Convolution {
  /// One of the `convolutions:`.
  static let notation = Notation<ConvolutionalArchitecture.Convolution>.mapping(
    "a convolution",
    .group(
      Field(required: "channels", .integer(in: 1...8192), "The channels it makes."),
      Field("kernel", .integer(in: 1...64), default: 3, "The side of its kernel."),
      Field("stride", .integer(in: 1...64), default: 1, "Its stride."),
      Field("padding", .integer(in: 0...63), "The zeros around its input; half the kernel unless given.")
    ) { .init(channels: $1, kernel: $2, stride: $3, padding: $4 ?? $2 / 2) }
  ).named("convolution")
}
