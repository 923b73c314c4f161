import Foundation
import Testing

@Suite("Help", .needsTool)
struct HelpTests {
  @Test(
    "Every example in every help text runs as written",
    arguments: ["", "bound", "check", "inspect", "convert", "generate", "run", "solve", "export-sdp", "train", "compare"])
  func examples(command: String) throws {
    let folder = try TemporaryFolder()
    for preparation in [
      "generate net.onnx --widths 10,20,20,5", "bound net.onnx --certificate net.lipcert", "generate weights.npz --widths 3,4,2",
      "generate small.onnx --widths 3,4,2", "bound small.onnx --certificate small.lipcert",
    ]
      + (command == "compare" ? ["dense", "sparse"] : []).map({ "generate \($0).onnx --widths 196,8,10" })
    {
      try #require(try Tool.run(preparation, in: folder).status == 0)
    }
    try folder.write(Data("NAME\nROWS\n N cost\n G r\nCOLUMNS\n x cost 1 r 2\nRHS\n b r 3\nENDATA\n".utf8), to: "problem.mps")
    try folder.write(Data(SmallPrograms.corner.utf8), to: "problem.dat-s")
    // Ten zeros as NumPy stores them.
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let preamble: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    try folder.write(Data(preamble) + Data(padded.utf8) + Data(count: 80), to: "image.npy")
    try folder.write(Data("title: T\nmodels: [{name: m, generate: {widths: [3, 4, 2]}}]\n".utf8), to: "study.yaml")
    let recipe = "title: R\ndata: {glyphs: 14, training-count: 100, test-count: 20}\nmodel: {perceptron: {widths: [8]}}\n"
    try folder.write(Data((recipe + "training: {epochs: 1, learning-rate: 0.1}\n").utf8), to: "recipe.yaml")
    if command == "check" {
      let run = "radius net.onnx --inputs image.npy --method crown --attack none --certificates radii"
      try #require(try Tool.run(run, in: folder).status == 0)
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path("radii")).first)
      try FileManager.default.moveItem(atPath: folder.path("radii/" + name), toPath: folder.path("input-7.radius"))
    }
    let help = try Tool.run("\(command) --help", in: folder)
    #expect(help.status == 0)
    let examples = help.output.split(separator: "\n").filter { $0.hasPrefix("  lipcert ") }
    #expect(!examples.isEmpty)
    for example in examples {
      let run = try Tool.run(String(example.dropFirst("  lipcert ".count)), in: folder)
      #expect(run.status == 0, "\(example): \(run.errors)")
    }
  }

  @Test("Version and completion scripts")
  func version() throws {
    let folder = try TemporaryFolder()
    #expect(try Tool.run("--version", in: folder).output.hasPrefix("lipcert "))
    for shell in ["bash", "zsh", "fish"] {
      let run = try Tool.run("--generate-completion-script \(shell)", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("lipcert"))
    }
  }
}
