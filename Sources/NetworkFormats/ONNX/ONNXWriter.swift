import Foundation
import Networks
import SwiftProtobuf

/// Writes networks as ONNX models that ``ONNXReader`` reads back as the same network, and that other programs evaluate to the same values.
///
/// The operator set is 17, or the later one that a network's operators need. Not every program runs every operator in double precision:
/// onnxruntime lacks Conv, AveragePool and Elu, among others.
public enum ONNXWriter {
  /// The floating-point type of the model's tensors.
  public enum Precision: Sendable {
    /// float32 when every weight is a float32 number, else float64.
    case automatic
    /// float32; weights are rounded to nearest.
    case single
    /// float64.
    case double
  }

  /// What a model says about itself beside its graph.
  public struct Metadata: Sendable, Equatable {
    /// The version of the program that wrote it.
    public var producerVersion: String
    /// What it is, in words.
    public var documentation: String
    /// Keys and values, such as the seed it was trained from; written in the order of the keys.
    public var properties: [String: String]

    /// Collects the parts.
    public init(producerVersion: String = "", documentation: String = "", properties: [String: String] = [:]) {
      self.producerVersion = producerVersion
      self.documentation = documentation
      self.properties = properties
    }
  }

  /// The model as bytes. The same network gives the same bytes.
  ///
  /// - Throws: ``FormatError`` when ONNX cannot express a parameter exactly (attributes are always float32).
  public static func data(_ network: Network, precision: Precision = .automatic, metadata: Metadata = Metadata()) throws -> Data {
    let isDouble =
      switch precision {
      case .automatic: !network.isSinglePrecision
      case .single: false
      case .double: true
      }
    var exporter = ONNXExporter(network, isDouble: isDouble)
    var model = try exporter.run()
    model.producerVersion = metadata.producerVersion
    model.docString = metadata.documentation
    model.metadataProps = metadata.properties.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntry()
      (entry.key, entry.value) = (key, value)
      return entry
    }
    do {
      return try model.serializedBytes()
    } catch {
      throw FormatError(.tooLarge, reason: "the model cannot be encoded: \(error)")
    }
  }

  /// Writes the model to the file at `path` in one step.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public static func write(
    _ network: Network, path: String, precision: Precision = .automatic, metadata: Metadata = Metadata()
  ) throws {
    try FormatError.naming(path) { try FileBytes.write(data(network, precision: precision, metadata: metadata), path: path) }
  }
}
