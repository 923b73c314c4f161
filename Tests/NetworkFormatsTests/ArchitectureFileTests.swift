import Foundation
import NetworkFormats
import Networks
import Testing

/// The file NAME.yaml beside NAME.npz when networks are written.
@Suite("Architecture files beside archives")
struct ArchitectureFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("architecture-" + UUID().uuidString)

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func network(_ activation: Activation) throws -> Network {
    try NetworkRecipe(.perceptron(widths: [3, 4, 4, 2], activation: activation), seed: 5).network()
  }

  @Test("A network with ReLU is not taken for the one before it, whose file described another")
  func replaced() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("net.npz").path
    for activation in [Activation.tanh, .relu, .tanh, .relu] {
      let network = try network(activation)
      try NPZNetwork.write(network, path: path)
      let copy = try ModelFile.read(path: path)
      let inputs: [[Double]] = [[0.5, -1, 2]]
      #expect(try copy.forward(inputs) == network.forward(inputs))
    }
  }

  @Test("Other YAML files of that name are not written over")
  func stranger() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("net.npz").path
    for text in ["title: a recipe\n", "- 1\n", "", "layers"] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: NPZNetwork.architecturePath(beside: path)))
      for activation in [Activation.relu, .tanh] {
        let error = #expect(throws: FormatError.self) { try NPZNetwork.write(network(activation), path: path) }
        #expect(error?.kind == .unwritable && error?.file == path)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: NPZNetwork.architecturePath(beside: path))) == Data(text.utf8))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("Words that were meant")
  func spelling() {
    let known = ["bound", "radius", "verify", "run"]
    for (word, meant) in [("boud", "bound"), ("bounds", "bound"), ("raduis", "radius"), ("verify", "verify"), ("rn", "run")] {
      #expect(Spelling.nearest(to: word, among: known) == meant)
    }
    for word in ["", "x", "frobnicate", "zzz"] { #expect(Spelling.nearest(to: word, among: known) == nil) }
    #expect(Spelling.nearest(to: "x", among: []) == nil)
  }
}
