import ArgumentParser
import Certificates
import CommandLineSupport
import Foundation
import NetworkFormats

/// `lipcert inspect`: what is in a file.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a model, a certificate or a file of arrays.",
    discussion: """
      A model is shown with its nodes and with what a certificate of it would cost; a certificate with its statement; .npy and .npz files \
      with the names, shapes and ranges of their arrays.

      Example:

        lipcert inspect net.onnx
        lipcert inspect net.lipcert
        lipcert inspect weights.npz --activation tanh --json
      """)

  @Argument(help: "A model, a certificate, or a .npy or .npz file.", completion: .file())
  var file: String

  @OptionGroup(title: "Model") var modelOptions: ModelOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    _ = logging.start()
    let ending = URL(fileURLWithPath: file).pathExtension.lowercased()
    switch ending {
    case "npy":
      let summary = ArraySummary(try NumPyArray.read(path: file), name: "")
      try output.print(text: { ["\(file): one array"] + ArraySummary.lines([summary]) }, json: { document("array", [summary]) })
    case "npz": try inspectArchive()
    default:
      if isJSON || ending == "lipcert" {
        switch try CertificateFile.read(path: file) {
        case .bound(let certificate):
          let summary = CertificateSummary(certificate, path: file)
          try output.print(text: { summary.lines }, json: { summary.json })
        case .radius(let certificate):
          let summary = RadiusCertificateSummary(certificate, path: file)
          try output.print(text: { summary.lines }, json: { summary.json })
        }
      } else {
        let summary = try ModelSummary(LoadedModel(path: file, options: modelOptions))
        try output.print(text: { summary.lines }, json: { summary.json })
      }
    }
  }

  /// The arrays, and the network they make up if they do.
  private func inspectArchive() throws {
    let archive = try NumPyArchive.read(path: file)
    let arrays = archive.names.compactMap { name in archive[name].map { ArraySummary($0, name: name) } }
    var model: ModelSummary?
    var obstacle: String?
    do {
      model = try ModelSummary(LoadedModel(path: file, options: modelOptions))
    } catch let error as FormatError {
      obstacle = error.description
    }
    try output.print(
      text: {
        var lines = ["\(file): \(Quantity.counted(arrays.count, "array"))"] + ArraySummary.lines(arrays)
        if let model { lines += [""] + model.lines }
        if let obstacle { lines += ["", "not a network: \(obstacle)"] }
        return lines
      },
      json: {
        guard let model else { return document("arrays", arrays) }
        return .object([("kind", .string("model")), ("arrays", .array(arrays.map(\.json)))] + model.members)
      })
  }

  private func document(_ kind: String, _ arrays: [ArraySummary]) -> JSONValue {
    .object([("kind", .string(kind)), ("path", .string(file)), ("arrays", .array(arrays.map(\.json)))])
  }

  /// Whether the file starts as a JSON object does.
  private var isJSON: Bool {
    guard let handle = FileHandle(forReadingAtPath: file), let head = try? handle.read(upToCount: 64) else { return false }
    return head.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "{")
  }
}
