import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Reports

/// A model file that was read.
struct LoadedModel {
  let path: String
  /// SHA-256 of the file.
  let sha256: String
  let network: Network

  /// Reads a model.
  ///
  /// - Throws: `FormatError` that names the file and the place in it.
  init(path: String, options: ModelOptions) throws {
    network = try ModelFile.read(path: path, options: try options.readOptions(for: path))
    self.path = path
    sha256 = try FileDigest.sha256(path: path)
  }

  /// What reports say about the model.
  func facts(_ problem: LipschitzProblem, options: ModelOptions) -> ModelFacts {
    var facts = ModelFacts(path: path, sha256: sha256, lowered: problem.lowered, network: network)
    if let activation = options.activation { facts.arguments += ["--activation", activation] }
    if let architecture = options.architecture { facts.arguments += ["--architecture", architecture] }
    return facts
  }

  /// Runs `body`; an error about a node also names this model's file.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as NetworkError {
      throw CommandError(.usage, "\(path): \(error)")
    }
  }

  /// The network in normal form.
  func lowered() throws -> LoweredNetwork { try naming { try network.lowered() } }

  /// "3 inputs, 2 outputs, 40 units".
  static func sizes(_ lowered: LoweredNetwork) -> String {
    [(lowered.inputCount, "input"), (lowered.outputCount, "output"), (lowered.unitCount, "unit")]
      .map { Quantity.counted($0, $1) }.joined(separator: ", ")
  }
}
