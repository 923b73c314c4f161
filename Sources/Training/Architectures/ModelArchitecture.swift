import LinearAlgebra
import Networks

/// The kinds of model that recipes can name.
public enum ModelArchitecture: Hashable, Sendable {
  /// Dense layers with a non-linearity between them.
  case perceptron(PerceptronArchitecture)
  /// LeNet-5.
  case leNet5
  /// Convolutions, then dense layers.
  case convolutional(ConvolutionalArchitecture)
  /// Pre-activation residual networks of convolutions, alone or as a Feynman-Kac ensemble.
  case residual(ResidualArchitecture)
  /// Residual networks of dense layers, alone or as a Feynman-Kac ensemble.
  case residualPerceptron(ResidualPerceptronArchitecture)

  /// The model for inputs of a shape and a number of classes.
  ///
  /// - Throws: ``TrainingError`` that names the layer or the setting that does not fit.
  public func model<Element: Scalar>(input: FeatureShape, classes: Int) throws(TrainingError) -> Model<Element> {
    var model = Model<Element>(input: input)
    switch self {
    case .perceptron(let architecture): try architecture.build(&model, classes: classes)
    case .leNet5: try LeNet5.build(&model, classes: classes)
    case .convolutional(let architecture): try architecture.build(&model, classes: classes)
    case .residual(let architecture): try architecture.build(&model, classes: classes)
    case .residualPerceptron(let architecture): try architecture.build(&model, classes: classes)
    }
    return model
  }

  /// Whether the model has noise that is left out when it is saved.
  public var isNoisy: Bool {
    switch self {
    case .residual(let architecture): architecture.ensemble.noise > 0
    case .residualPerceptron(let architecture): architecture.ensemble.noise > 0
    default: false
    }
  }
}

extension Model {
  /// Adds a flattening layer where feature maps have several pixels; the node of a vector.
  mutating func addFlattening(_ name: String, of node: Int) throws(TrainingError) -> Int {
    nodes[node].shape.isVector ? node : try add(FlattenLayer(name), to: [node])
  }
}
