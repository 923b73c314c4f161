import ArgumentParser
import CommandLineSupport
import Foundation
import NetworkFormats

/// What a model file does not say about itself.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The non-linearity between the layers of a .npz network without architecture file (default: relu).",
      discussion: "One of \(NonlinearityName.choices.joined(separator: ", ")).", valueName: "name"))
  var activation: String?

  @Option(
    help: ArgumentHelp(
      "The architecture file of a .npz network; NAME.yaml beside NAME.npz is found by itself.", valueName: "yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var architecture: String?

  func validate() throws {
    if let activation, NonlinearityName.parse(activation) == nil {
      throw ValidationError("unknown activation '\(activation)'; choose from \(NonlinearityName.choices.joined(separator: ", "))")
    }
    if activation != nil && architecture != nil { throw ValidationError("--activation and --architecture exclude each other") }
  }

  /// How the model at `path` is to be read.
  ///
  /// - Throws: ``CommandError`` when an option cannot have an effect on this model.
  func readOptions(for path: String) throws -> ReadOptions {
    var options = ReadOptions()
    let url = URL(fileURLWithPath: path)
    if let option = activation != nil ? "--activation" : architecture != nil ? "--architecture" : nil {
      guard url.pathExtension.lowercased() == "npz" else {
        throw CommandError(.usage, "\(path): \(option) is for .npz networks; other formats say it themselves")
      }
    }
    if let activation {
      let beside = NPZNetwork.architecturePath(beside: path)
      if FileManager.default.fileExists(atPath: beside) {
        throw CommandError(.usage, "\(path): --activation would have no effect, because \(beside) describes the network")
      }
      if let nonlinearity = NonlinearityName.parse(activation) { options.nonlinearity = nonlinearity }
    }
    options.architecturePath = architecture
    return options
  }
}
