import Foundation
import NetworkFormats
import Networks
import TestSupport
import Testing

/// Published ONNX models against outputs of another implementation, stored beside them.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct ReferenceModelTests {
  /// The models that must be refused, with the operator that has to be named.
  static let refused = [
    "verification/cgan/cGAN_imgSz32_nCh_3_nonlinear_activations.onnx": "ConvTranspose",
    "verification/marabou_resources/softmax-last-layer.onnx": "Softmax",
    "verification/marabou_resources/layer-zoo/dropout_training_mode_true.onnx": "Dropout",
  ]

  static let models = SharedData.files(in: "verification", extension: "onnx")

  @Test(arguments: models.filter { refused[$0] == nil })
  func agreesWithStoredOutputs(model: String) throws {
    let network = try ONNXReader.read(path: SharedData.path(model))
    let archive = try NumPyArchive.read(path: SharedData.path(String(model.dropLast(4)) + "io.npz"))
    let inputs = try network.inputs.indices.map { try #require(archive.array("in\($0)").doubles) }
    let outputs = try network.forward(inputs)
    #expect(outputs.count == network.outputs.count)
    for (index, output) in outputs.enumerated() {
      let stored = try archive.array("out\(index)")
      let expected = try #require(stored.doubles)
      #expect(network.nodes[network.outputs[index]].shape.dimensions == stored.dimensions)
      try #require(output.count == expected.count)
      let scale = expected.reduce(1e-3) { max($0, abs($1)) }
      for (a, b) in zip(output, expected) { #expect(abs(a - b) <= 1e-5 * scale, "\(a) instead of \(b)") }
    }
    #expect(try archive.array("input_names").texts == network.inputs.map { network.nodes[$0].name })
    #expect(try archive.array("output_names").texts == network.outputNames)
  }

  @Test(arguments: refused.sorted { $0.key < $1.key })
  func refuses(model: String, operatorName: String) throws {
    let error = #expect(throws: FormatError.self) { try ONNXReader.read(path: SharedData.path(model)) }
    let text = try #require(error).description
    #expect(text.contains(operatorName), "\(text)")
    #expect(text.contains(model))
    #expect(error?.kind == .unsupported)
  }

  @Test func findsAllModels() throws {
    let index = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: SharedData.path("verification/models.json"))))
    #expect(Self.models.count == (index as? [Any])?.count)
  }
}
