import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport
import Testing

/// Reading and writing by file name, and the text format of the ACAS Xu networks.
struct ModelFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-\(UUID().uuidString)")

  private func path(_ name: String) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.appendingPathComponent(name).path
  }

  @Test(arguments: ["m.onnx", "m.onnx.gz", "m.npz"])
  func roundTrip(name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var samples = SampleNetworks(seed: 4)
    let network = try samples.perceptron(layers: 3)
    let path = try path(name)
    try ModelFile.write(network, to: path)
    let inputs = samples.inputs(for: network)
    #expect(try ModelFile.read(path: path).forward(inputs) == network.forward(inputs))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name], "no temporary file is left")
  }

  /// An `.npz` file does not say what stands between its layers; the architecture file beside it does.
  @Test(arguments: [
    NPZNonlinearity.activation(.tanh), .activation(.leakyReLU(slope: 0.1)), .activation(.clip(lower: -1, upper: 1)), .groupSort(size: 2),
  ])
  func otherNonlinearities(nonlinearity: NPZNonlinearity) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var samples = SampleNetworks(seed: 5)
    var archive = NumPyArchive()
    for layer in 0..<3 { archive.set(NumPyArray(dimensions: [4, 4], elements: .double(samples.numbers(16))), for: "W\(layer)") }
    let network = try NPZNetwork.network(from: archive, nonlinearity: nonlinearity)
    let path = try path("m.npz")
    try ModelFile.write(network, to: path)
    let inputs = samples.inputs(for: network)
    #expect(try ModelFile.read(path: path).forward(inputs) == network.forward(inputs))
  }

  @Test func errorsNameTheFile() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = #expect(throws: FormatError.self) { try ModelFile.read(path: "/nowhere/m.onnx") }
    #expect(missing?.kind == .inaccessible)
    #expect(missing?.description.hasPrefix("/nowhere/m.onnx: ") == true)
    let path = try path("m.onnx")
    try Data("no model".utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: FormatError.self) { try ModelFile.read(path: path) }
    #expect(error?.file == path)
    var options = ReadOptions()
    options.maximumFileSize = 4
    #expect(throws: FormatError.self) { try ModelFile.read(path: path, options: options) }
    #expect(throws: FormatError.self) { try ModelFile.read(path: self.path("m.pt")) }
    #expect(throws: FormatError.self) { try ModelFile.read(path: self.folder.path) }
  }

  // MARK: - .nnet

  static let small = """
    // A comment
    2,2,1,2,
    2,2,1,
    0,
    -1.0,-1.0,
    1.0,1.0,
    1.0,2.0,10.0,
    2.0,4.0,5.0,
    1.0,0.0,
    0.0,-1.0,
    0.5,
    0.0,
    1.0,1.0,
    0.25,

    """

  @Test func nnet() throws {
    let network = try NNetReader.read(Data(Self.small.utf8))
    // relu(1 + 0.5) + relu(−3) + 0.25
    #expect(try network.forward([[1.0, 3.0]]) == [[1.75]])
    var options = ReadOptions()
    options.usesPhysicalUnits = true
    #expect(try NNetReader.read(Data(Self.small.utf8), options: options).forward([[3.0, 14.0]]) == [[18.75]])
    for lines in 1..<14 {
      let part = Self.small.split(separator: "\n").prefix(lines).joined(separator: "\n")
      if lines < 14 { #expect(throws: FormatError.self) { try NNetReader.read(Data(part.utf8)) } }
    }
    let wrong = #expect(throws: FormatError.self) {
      try NNetReader.read(Data(Self.small.replacingOccurrences(of: "0.5", with: "nan").utf8))
    }
    #expect(wrong?.place == .line(11))
    #expect(throws: FormatError.self) { try NNetReader.read(Data((Self.small + "1.0,\n").utf8)) }
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func nnetAgreesWithONNX() throws {
    let folder = "verification/acas_pruned/"
    let text = try ModelFile.read(path: SharedData.path(folder + "ACASXU_1_1.nnet"))
    let onnx = try ModelFile.read(path: SharedData.path(folder + "ACASXU_1_1.onnx"))
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20 {
      let x: [Double] = generator.gaussianVector(5, deviation: 0.3)
      for (a, b) in try zip(text.forward([x])[0], onnx.forward([x])[0]) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
    }
  }
}
