import CommandLineSupport
import NetworkFormats
import Networks

extension NetworkRecipe {
  /// `generate:` of a study, such as `{widths: [10, 20x3, 5], seed: 1}`.
  static let notation = Notation<NetworkRecipe>.mapping(
    nil,
    .group(
      .one(of: [perceptron, residual, convolutionChain, convolutional]),
      Field("seed", .seed, default: 0, "The seed of the random weights: the same seed gives the same network.")
    ) { _, form, seed in NetworkRecipe(form, seed: seed) }
  ).named("generated-network")

  private static let perceptron = Field<Form>.group(
    Field(
      required: "widths", .widths(least: 2).examples("[10, 20x3, 5]"),
      "A perceptron: the widths of its layers, inputs first, outputs last. 20x3 stands for three layers of 20."),
    Field(
      "activation", .nonlinearity, default: .activation(.relu),
      "The activation between dense layers. Some take parameters after a colon, such as leakyReLU:0.1; groupSort:2 is MaxMin.")
  ) { mapping, widths, activation in
    func failure(_ reason: String) -> FormatError { mapping["widths"]?.failure(reason) ?? mapping.failure(reason) }
    guard zip(widths, widths.dropFirst()).allSatisfy({ $0 * $1 <= 1 << 26 }) else {
      throw failure("a layer has more than \(Quantity.count(1 << 26)) weights")
    }
    switch activation {
    case .activation(let activation): return .perceptron(widths: widths, activation: activation)
    case .groupSort(let size):
      guard widths.dropFirst().dropLast().allSatisfy({ $0 % size == 0 }) else {
        throw failure("groups of \(size) units do not divide the hidden widths")
      }
      return .sortingPerceptron(widths: widths, groupSize: size)
    }
  }

  private static let residual = Field<Form>.group(
    Field(
      required: "residual-blocks", .integer(in: 1...64),
      "A residual network with this many blocks in each of three stages, on 3 x size x size images; 3 blocks of 16 channels make ResNet-20."),
    Field("channels", .integer(in: 1...512), default: 16, "The channels of the first stage; each further stage doubles them."),
    Field("size", .integer(in: 1...512), default: 32, "Height and width of the images.")
  ) { .residual(blocks: $1, channels: $2, size: $3) }

  private static let convolutionChain = Field<Form>.group(
    Field(
      required: "convolutions", .list(of: .integer(in: 1...4096)).examples("[16, 16]"),
      "A chain of 3x3 convolutions, padded by 1: the output channels of each. The last image is the output."),
    Field(
      "image", .list(of: .integer(in: 1...4096), count: 3...3, expected: "[channels, height, width]"), default: [3, 32, 32],
      "The input image: [channels, height, width]."),
    activation
  ) { .convolutionChain(image: $2, channels: $1, activation: $3) }

  private static let convolutional = Field<Form>.group(
    Field(
      required: "channels", .parts(of: .integer(in: 1...512)).examples("[4, 8]"),
      "A convolutional network: the output channels of its 3x3 convolutions, after which a dense layer stands."),
    Field("strides", .parts(of: .integer(in: 1...8)), "The stride of each convolution; 1 for the first and 2 for the others unless given."),
    Field(
      "image", .list(of: .integer(in: 1...512), count: 3...3, expected: "[channels, size, size]"), default: [1, 8, 8],
      "The input image, which is square: [channels, size, size]."),
    Field("outputs", .integer(in: 1...100_000), default: 10, "The outputs of the dense layer."),
    activation
  ) { mapping, channels, strides, image, outputs, activation in
    if let entry = mapping["image"], image[1] != image[2] { throw entry.failure("expected [channels, size, size]\(entry.found)") }
    if let strides, strides.count != channels.count, let entry = mapping["strides"] {
      throw entry.failure("\(Quantity.counted(strides.count, "stride")) for \(Quantity.counted(channels.count, "convolution"))")
    }
    return .convolutional(
      inputChannels: image[0], size: image[1], channels: channels, strides: strides, outputs: outputs, activation: activation)
  }

  private static let activation = Field(
    "activation", .activation, default: Activation.relu,
    "The activation between the layers. Some take parameters after a colon, such as leakyReLU:0.1.")
}
