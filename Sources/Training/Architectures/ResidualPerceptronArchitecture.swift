import LinearAlgebra

/// Residual networks of dense layers and their Feynman-Kac ensembles, for inputs that are no images or small ones.
///
/// A dense layer to the width, pre-activation blocks of two dense layers with batch normalisation and ReLU, then normalisation, ReLU and a
/// dense layer to the classes.
public struct ResidualPerceptronArchitecture: Hashable, Sendable {
  /// The width of every layer.
  public var width: Int
  /// The number of blocks.
  public var blocks: Int
  /// Noise and members.
  public var ensemble: FeynmanKacEnsemble

  /// Collects the parts.
  public init(width: Int, blocks: Int, ensemble: FeynmanKacEnsemble = FeynmanKacEnsemble()) {
    self.width = width
    self.blocks = blocks
    self.ensemble = ensemble
  }

  func build<Element: Scalar>(_ model: inout Model<Element>, classes: Int) throws(TrainingError) {
    let input = try model.addFlattening("flatten", of: 0)
    try ensemble.build(&model) { model, prefix throws(TrainingError) in
      var node = try model.add(dense("\(prefix)stem", from: model.nodes[input].shape.channels), to: [input])
      for block in 1...max(1, blocks) {
        let name = "\(prefix)block\(block)"
        var branch = node
        for part in 1...2 {
          branch = try model.add(BatchNormalizationLayer("\(name).norm\(part)", channels: width, isRectified: true), to: [branch])
          branch = try model.add(dense("\(name).dense\(part)", from: width), to: [branch])
        }
        node = try model.add(SumLayer("\(name).sum"), to: [node, branch])
        node = try ensemble.addNoise(&model, name: name, after: node)
      }
      node = try model.add(BatchNormalizationLayer("\(prefix)norm", channels: width, isRectified: true), to: [node])
      return try model.add(
        DenseLayer("\(prefix)head", inputs: width, outputs: classes, initialiser: .uniform(bound: (1 / Double(width)).squareRoot())),
        to: [node])
    }
  }

  private func dense<Element: Scalar>(_ name: String, from inputs: Int) -> DenseLayer<Element> {
    DenseLayer(name, inputs: inputs, outputs: width, initialiser: .he(fan: inputs))
  }
}
