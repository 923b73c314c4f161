import CommandLineSupport
import Foundation
import LinearAlgebra
import NetworkFormats
import Training

/// Where the training of a recipe begins.
public enum ModelBeginning: Hashable, Sendable {
  /// At first values of an architecture, drawn with the recipe's seed.
  case architecture(ModelArchitecture)
  /// At the weights of a saved network.
  case network(path: String)

  /// `model:` of a recipe: an architecture, or `{file: net.onnx}` for a saved network, whose path is relative to `folder`.
  static func notation(folder: URL) -> Notation<ModelBeginning> {
    let architectures = ModelArchitecture.fields.map { field in Field<ModelBeginning>.group(field) { .architecture($1) } }
    let file = Field<ModelBeginning>.group(
      Field(required: "file", .path(in: folder).examples("net.onnx"), "A saved network whose weights training begins at; relative to this file.")
    ) { .network(path: $1) }
    return Notation<ModelBeginning>.word(
      ["lenet5": .architecture(.leNet5)], kind: "model", or: .mapping(nil, .one(of: architectures + [file]))
    ).named("model")
  }

  /// The model and its first values.
  ///
  /// - Throws: ``TrainingError`` or `FormatError` that names the layer, the file or the node that does not fit.
  func model(input: FeatureShape, classes: Int, seed: UInt64) throws -> (model: Model<Float>, state: ModelState<Float>) {
    switch self {
    case .architecture(let architecture):
      let model: Model<Float> = try architecture.model(input: input, classes: classes)
      return (model, try model.initialState(seed: seed))
    case .network(let path):
      let network = try ModelFile.read(path: path)
      do { return try Model<Float>.importing(network) } catch { throw FormatError(.unsupported, file: path, reason: error.description) }
    }
  }

  /// Whether the model has noise that is left out when it is saved.
  var isNoisy: Bool {
    switch self {
    case .architecture(let architecture): architecture.isNoisy
    case .network: false
    }
  }

  /// All that determines the beginning beside the seed, in words.
  ///
  /// - Throws: an error that names the file when it cannot be read.
  func identity() throws -> String {
    switch self {
    case .architecture(let architecture): String(reflecting: architecture)
    case .network(let path): "network \(try FileDigest.sha256(path: path))"
    }
  }
}
