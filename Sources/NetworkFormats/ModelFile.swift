import Foundation
import Networks

/// Model files of every format, told apart by name and content.
public enum ModelFile {
  /// Reads a network from `.onnx`, `.npz` or `.nnet`, each also compressed with gzip (`.gz`; not `.npz`).
  ///
  /// - Throws: ``FormatError`` that names the file and the place in it.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Network {
    var data = try FileBytes.read(path: path, limit: options.maximumFileSize)
    var name = path
    if data.starts(with: [0x1F, 0x8B]) {
      data = try FormatError.naming(path) { try Zlib.inflate(data, wrapping: .gzip, limit: options.maximumFileSize) }
      if name.hasSuffix(".gz") { name.removeLast(3) }
    }
    switch URL(fileURLWithPath: name).pathExtension.lowercased() {
    case "onnx": return try ONNXReader.read(data, file: path, options: options)
    case "nnet": return try NNetReader.read(data, file: path, options: options)
    case "npz": return try NPZNetwork.read(path: path, options: options)
    default:
      // A zip archive and a text with comments can be told by their beginning.
      if data.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try NPZNetwork.read(path: path, options: options) }
      if data.starts(with: "//".utf8) { return try NNetReader.read(data, file: path, options: options) }
      throw FormatError(
        .unsupported, file: path, reason: "not a model, whose name would end in .onnx, .onnx.gz, .npz or .nnet")
    }
  }

  /// Writes a network as `.onnx`, `.onnx.gz` or, for a chain of dense layers, `.npz`; in one step, so that no half-written file is left.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public static func write(_ network: Network, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    switch url.pathExtension.lowercased() {
    case "onnx": try ONNXWriter.write(network, path: path)
    case "gz" where url.deletingPathExtension().pathExtension.lowercased() == "onnx":
      try FormatError.naming(path) { try FileBytes.write(Zlib.deflate(ONNXWriter.data(network), wrapping: .gzip), path: path) }
    case "npz": try NPZNetwork.write(network, path: path)
    default:
      throw FormatError(.unsupported, file: path, reason: "models are written to names that end in .onnx, .onnx.gz or .npz")
    }
  }
}
