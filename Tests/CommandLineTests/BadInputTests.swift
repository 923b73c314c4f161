import Foundation
import NetworkFormats
import Testing

@Suite("Bad input", .needsTool)
struct BadInputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 3,4,2", in: folder).status == 0)
  }

  @Test("Files that are no models: one clear line that names the file, exit code 2")
  func files() throws {
    let good = try folder.read("net.onnx")
    var noise = SystemRandomNumberGenerator()
    let bytes = Data((0..<2000).map { _ in UInt8.random(in: 0...255, using: &noise) })
    try folder.write(Data(), to: "empty.onnx")
    try folder.write(good.prefix(good.count / 2), to: "truncated.onnx")
    try folder.write(bytes, to: "noise.onnx")
    try folder.write(bytes, to: "noise.npz")
    try folder.write(bytes, to: "noise.nnet")
    try folder.write(good, to: "net.txt")
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 2], elements: .double([1, 2, .nan, 4])), for: "W0")
    try archive.write(path: folder.path("nan.npz"))
    let names = [
      "missing.onnx", ".", "empty.onnx", "truncated.onnx", "noise.onnx", "noise.npz", "noise.nnet", "nan.npz", "net.txt", "/dev/null",
    ]
    for name in names {
      for command in ["bound", "inspect"] {
        if command == "inspect", name == "nan.npz" { continue }
        let run = try Tool.run("\(command) \(name)", in: folder)
        #expect(run.status == 2, "\(command) \(name)")
        #expect(run.errors.hasPrefix("lipcert: error: \(name): "), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count <= 2)
        #expect(run.output.isEmpty)
      }
    }
    #expect(try Tool.run("inspect nan.npz", in: folder).output.contains("1 not finite"))
  }

  @Test(
    "Options that make no sense: exit code 2 and a word about the option",
    arguments: [
      ("bound net.onnx --target 2", "2 outputs"), ("bound net.onnx --target 0,0", "itself"), ("bound net.onnx --target -1", "target"),
      ("bound net.onnx --target 0,1,2", "pair"), ("bound net.onnx --target x", "'x'"), ("bound net.onnx --method lifted,magic", "magic"),
      ("bound net.onnx --method ,", "unknown method"), ("bound net.onnx --norm l3", "l3"), ("bound net.onnx --tolerance 0", "tolerance"),
      ("bound net.onnx --tolerance nan", "tolerance"), ("bound net.onnx --time-limit -1", "time-limit"),
      ("bound net.onnx --time-limit inf", "time-limit"), ("bound net.onnx --rank 0", "rank"), ("bound net.onnx --threads 0", "threads"),
      ("bound net.onnx --memory-limit 0", "memory-limit"), ("bound net.onnx --seed -1", "seed"), ("bound net.onnx --unknown", "unknown"),
      ("bound", "model"), ("check net.onnx", "model"), ("frobnicate", "frobnicate"), ("bound net.onnx extra", "extra"),
    ])
  func options(command: String, mention: String) throws {
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 2)
    #expect(run.errors.contains(mention), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
