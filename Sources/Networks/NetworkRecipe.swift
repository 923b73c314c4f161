/// How a random network is made: its form and the seed of its weights. The same recipe gives the same network on every machine.
public struct NetworkRecipe: Sendable, Equatable {
  /// The form of a network.
  public enum Form: Sendable, Equatable {
    /// Dense layers of these widths, inputs first, with an activation between them.
    case perceptron(widths: [Int], activation: Activation)
    /// Dense layers of these widths, inputs first, sorted in groups between them; MaxMin is size 2.
    case sortingPerceptron(widths: [Int], groupSize: Int)
    /// 3×3 convolutions on square images, then a dense layer; `strides` as in ``NetworkBuilders``.
    case convolutional(inputChannels: Int, size: Int, channels: [Int], strides: [Int]?, outputs: Int, activation: Activation)
    /// A chain of 3×3 convolutions on an image (channels, height, width), whose last image is the output.
    case convolutionChain(image: [Int], channels: [Int], activation: Activation)
    /// Three stages of residual blocks on 3 × size × size images; 3, 16 and 32 make ResNet-20.
    case residual(blocks: Int, channels: Int, size: Int)
  }

  /// The form.
  public var form: Form
  /// The seed of the weights.
  public var seed: UInt64

  /// A recipe.
  public init(_ form: Form, seed: UInt64 = 0) { (self.form, self.seed) = (form, seed) }

  /// Makes the network.
  ///
  /// - Throws: ``NetworkError`` when sizes do not work out.
  public func network() throws -> Network {
    switch form {
    case .perceptron(let widths, let activation):
      try NetworkBuilders.multilayerPerceptron(widths: widths, activation: activation, seed: seed)
    case .sortingPerceptron(let widths, let groupSize):
      try NetworkBuilders.sortingPerceptron(widths: widths, groupSize: groupSize, seed: seed)
    case .convolutional(let inputChannels, let size, let channels, let strides, let outputs, let activation):
      try NetworkBuilders.convolutional(
        inputChannels: inputChannels, size: size, channels: channels, strides: strides, outputs: outputs, activation: activation, seed: seed
      )
    case .convolutionChain(let image, let channels, let activation):
      try NetworkBuilders.convolutionChain(image: image, channels: channels, activation: activation, seed: seed)
    case .residual(let blocks, let channels, let size):
      try NetworkBuilders.residual(blocks: blocks, width: channels, size: size, seed: seed)
    }
  }
}
