import LinearAlgebra
import Networks

/// Dense layers with a non-linearity between them; images are flattened.
public struct PerceptronArchitecture: Hashable, Sendable {
  /// The widths of the hidden layers.
  public var widths: [Int]
  /// What stands between the layers.
  public var nonlinearity: HiddenNonlinearity

  /// Collects the parts.
  public init(widths: [Int], nonlinearity: HiddenNonlinearity = .scalar(.relu)) {
    self.widths = widths
    self.nonlinearity = nonlinearity
  }

  func build<Element: Scalar>(_ model: inout Model<Element>, classes: Int) throws(TrainingError) {
    let node = try model.addFlattening("flatten", of: 0)
    try model.addHidden(widths, nonlinearity: nonlinearity, after: node, classes: classes)
  }
}

extension Model {
  /// Adds hidden dense layers `dense1`, `dense2` … with a non-linearity after each, then the layer `head`.
  mutating func addHidden(
    _ widths: [Int], nonlinearity: HiddenNonlinearity, after node: Int, classes: Int
  ) throws(TrainingError) {
    var node = node
    for (index, width) in widths.enumerated() {
      let fan = nodes[node].shape.channels
      let dense = DenseLayer<Element>(
        "dense\(index + 1)", inputs: fan, outputs: width, initialiser: nonlinearity.initialiser(fan: fan))
      node = try add(nonlinearity.layer("dense\(index + 1).activation"), to: [try add(dense, to: [node])])
    }
    let fan = nodes[node].shape.channels
    try add(
      DenseLayer<Element>("head", inputs: fan, outputs: classes, initialiser: .normal(deviation: (1 / Double(fan)).squareRoot())),
      to: [node])
  }
}
