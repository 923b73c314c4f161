import Foundation
import Networks
import SwiftProtobuf

/// Reads ONNX models into networks.
///
/// Operator sets 7 to 21. Everything that does not depend on the input is folded, exactly for integers and in double precision for reals.
/// What is not supported is refused by node name and operator: an operator, an attribute, a product of two variable tensors. Unknown axis
/// lengths (batch sizes) become 1.
public enum ONNXReader {
  /// Reads the model in the file at `path`.
  ///
  /// - Throws: ``FormatError`` that names the file and the node.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Network {
    try read(FileBytes.read(path: path, limit: options.maximumFileSize), file: path, options: options)
  }

  /// Reads the model in `data`; `file` is for messages only.
  ///
  /// - Throws: ``FormatError`` that names the file and the node.
  public static func read(_ data: Data, file: String = "", options: ReadOptions = ReadOptions()) throws -> Network {
    try FormatError.naming(file) {
      guard data.count <= options.maximumFileSize else {
        throw FormatError(.tooLarge, reason: "\(data.count) bytes exceed the limit of \(options.maximumFileSize)")
      }
      var importer = try ONNXImporter(decode(data), options: options)
      return try importer.run()
    }
  }

  /// Decodes the wire format.
  static func decode(_ data: Data) throws -> ONNXModel {
    var decoding = BinaryDecodingOptions()
    decoding.messageDepthLimit = 16
    decoding.discardUnknownFields = true
    do {
      return try ONNXModel(serializedBytes: data, options: decoding)
    } catch BinaryDecodingError.truncated {
      throw FormatError(.malformed, reason: "not an ONNX model, or only the beginning of one")
    } catch {
      throw FormatError(.malformed, reason: "not an ONNX model, or a damaged one")
    }
  }
}
