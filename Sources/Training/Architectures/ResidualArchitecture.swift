import LinearAlgebra

/// Pre-activation residual networks of depth 6b + 2 and their Feynman-Kac ensembles EnResNet_n(6b + 2).
///
/// A 3×3 convolution, three stages of b blocks, the second and third beginning with stride 2, then normalisation, ReLU, the mean over the pixels
/// and a dense layer. A block normalises, rectifies and convolves twice; its shortcut is the input itself, or a 1×1 convolution of the
/// rectified input where the shape changes. He et al.: Identity mappings in deep residual networks, arXiv 1603.05027; ensembles as in
/// ``FeynmanKacEnsemble``.
public struct ResidualArchitecture: Hashable, Sendable {
  /// b: the blocks of a stage.
  public var blocks: Int
  /// The channels of the three stages (or of as many as there are).
  public var channels: [Int]
  /// Noise and members.
  public var ensemble: FeynmanKacEnsemble

  /// Collects the parts.
  public init(blocks: Int, channels: [Int] = [16, 32, 64], ensemble: FeynmanKacEnsemble = FeynmanKacEnsemble()) {
    self.blocks = blocks
    self.channels = channels
    self.ensemble = ensemble
  }

  /// The network of depth 6b + 2.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when there is none of that depth.
  public init(depth: Int, channels: [Int] = [16, 32, 64], ensemble: FeynmanKacEnsemble = FeynmanKacEnsemble()) throws(TrainingError) {
    guard depth >= 8, (depth - 2) % 6 == 0 else {
      throw .setting(key: "depth", detail: "\(depth) is none of 8, 14, 20, 26, ... (6 b + 2 for b blocks a stage)")
    }
    self.init(blocks: (depth - 2) / 6, channels: channels, ensemble: ensemble)
  }

  func build<Element: Scalar>(_ model: inout Model<Element>, classes: Int) throws(TrainingError) {
    guard blocks > 0, let first = channels.first else { throw .setting(key: "channels", detail: "there is no stage") }
    try ensemble.build(&model) { model, prefix throws(TrainingError) in
      var node = try model.add(convolution("\(prefix)stem", from: model.inputShape.channels, to: first), to: [0])
      for (stage, width) in channels.enumerated() {
        for block in 0..<blocks {
          let name = "\(prefix)stage\(stage + 1).block\(block + 1)"
          node = try addBlock(&model, name: name, after: node, width: width, stride: stage > 0 && block == 0 ? 2 : 1)
          node = try ensemble.addNoise(&model, name: name, after: node)
        }
      }
      let last = model.nodes[node].shape.channels
      node = try model.add(BatchNormalizationLayer("\(prefix)norm", channels: last, isRectified: true), to: [node])
      node = try model.add(AveragePoolLayer<Element>.global("\(prefix)pool"), to: [node])
      return try model.add(
        DenseLayer("\(prefix)head", inputs: last, outputs: classes, initialiser: .uniform(bound: (1 / Double(last)).squareRoot())),
        to: [node])
    }
  }

  private func addBlock<Element: Scalar>(
    _ model: inout Model<Element>, name: String, after node: Int, width: Int, stride: Int
  ) throws(TrainingError) -> Int {
    let channels = model.nodes[node].shape.channels
    let rectified = try model.add(BatchNormalizationLayer("\(name).norm1", channels: channels, isRectified: true), to: [node])
    let changesShape = stride != 1 || channels != width
    let shortcut =
      changesShape
      ? try model.add(convolution("\(name).shortcut", from: channels, to: width, kernel: 1, stride: stride), to: [rectified]) : node
    let inner = try model.add(convolution("\(name).conv1", from: channels, to: width, stride: stride), to: [rectified])
    let normalized = try model.add(BatchNormalizationLayer("\(name).norm2", channels: width, isRectified: true), to: [inner])
    return try model.add(convolution("\(name).conv2", from: width, to: width, hasShortcut: true), to: [normalized, shortcut])
  }

  /// Normal numbers of variance 2 / (k² · output channels), as the reference implementation begins.
  private func convolution<Element: Scalar>(
    _ name: String, from inputs: Int, to outputs: Int, kernel: Int = 3, stride: Int = 1, hasShortcut: Bool = false
  ) -> ConvolutionLayer<Element> {
    ConvolutionLayer(
      name, inputs: inputs, outputs: outputs, size: kernel, stride: stride, padding: kernel / 2, hasBias: false,
      hasShortcut: hasShortcut, initialiser: .he(fan: kernel * kernel * outputs))
  }
}
