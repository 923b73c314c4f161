import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport
import Testing

/// What the writer writes, the reader reads back as the same network.
struct ONNXRoundTripTests {
  private func check(_ network: Network, _ samples: inout SampleNetworks, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let data = try ONNXWriter.data(network)
    let copy = try ONNXReader.read(data)
    let isSame = contents(copy) == contents(network)
    #expect(isSame, sourceLocation: sourceLocation)
    let again = try ONNXWriter.data(copy)
    #expect(again == data, "the same bytes again", sourceLocation: sourceLocation)
    let inputs = samples.inputs(for: network)
    #expect(try copy.forward(inputs) == network.forward(inputs), sourceLocation: sourceLocation)
  }

  @Test(arguments: 0..<8)
  func perceptrons(seed: UInt64) throws {
    var samples = SampleNetworks(seed: seed, isSingle: seed.isMultiple(of: 2))
    try check(samples.perceptron(layers: Int(seed) + 1), &samples)
  }

  @Test(arguments: 0..<16)
  func images(seed: UInt64) throws {
    var samples = SampleNetworks(seed: seed, isSingle: seed.isMultiple(of: 2))
    try check(samples.image(), &samples)
  }

  @Test(arguments: 0..<8)
  func arithmetic(seed: UInt64) throws {
    var samples = SampleNetworks(seed: seed, isSingle: seed.isMultiple(of: 2))
    try check(samples.arithmetic(), &samples)
  }

  @Test(arguments: SampleNetworks.activations)
  func activations(activation: Activation) throws {
    var samples = SampleNetworks(seed: 1)
    try check(samples.activation(activation), &samples)
  }

  /// Attributes are single precision in ONNX: other parameters need another form, or are refused.
  @Test func doublePrecisionParameters() throws {
    var samples = SampleNetworks(seed: 2)
    for activation in [Activation.leakyReLU(slope: 0.01), .hardSigmoid(slope: 1.0 / 6, offset: 0.3)] {
      let network = try samples.activation(activation)
      let copy = try ONNXReader.read(ONNXWriter.data(network))
      let inputs = samples.inputs(for: network)
      for (a, b) in try zip(copy.forward(inputs)[0], network.forward(inputs)[0]) { #expect(abs(a - b) < 1e-15) }
    }
    #expect(throws: FormatError.self) { try ONNXWriter.data(samples.activation(.elu(alpha: 0.1))) }
    #expect(throws: Never.self) { try ONNXWriter.data(samples.activation(.elu(alpha: 0.1)), precision: .single) }
  }

  @Test func namesThatClash() throws {
    var network = Network()
    let x = network.addInput(name: "same", shape: [1, 2])
    let y = try network.add(.activation(.relu), name: "same", to: [x])
    let z = try network.add(.activation(.tanh), name: "", to: [y])
    try network.setOutputs([z, z, x], names: ["same", "other", "third"])
    let copy = try ONNXReader.read(ONNXWriter.data(network))
    #expect(copy.nodes.count == 3)
    #expect(copy.outputs == [2, 2, 0])
    #expect(Set(copy.outputNames).count == 3)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func referenceModels() throws {
    for model in ReferenceModelTests.models where ReferenceModelTests.refused[model] == nil {
      let network = try ONNXReader.read(path: SharedData.path(model))
      let copy = try ONNXReader.read(ONNXWriter.data(network))
      #expect(copy.nodes.count == network.nodes.count, "\(model)")
      #expect(copy.nodes.map(\.name) == network.nodes.map(\.name), "\(model)")
      #expect(copy.nodes.map(\.shape) == network.nodes.map(\.shape), "\(model)")
    }
  }
}
