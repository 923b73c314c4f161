import NetworkFormats
import Networks

/// The network that a step makes for later ones.
enum NetworkFile {
  /// Its name in the step's folder.
  static let name = "network.onnx"

  /// Makes a network and writes it.
  ///
  /// - Throws: ``StudyError`` that names the model, or `FileWriteError`.
  static func write(_ recipe: NetworkRecipe, named model: String, to path: String) throws {
    do {
      try ModelFile.write(recipe.network(), to: path)
    } catch let error as NetworkError {
      throw StudyError("the model '\(model)' cannot be made: \(error)")
    }
  }
}
