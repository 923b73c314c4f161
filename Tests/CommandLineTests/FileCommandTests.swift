import Foundation
import NetworkFormats
import Testing

@Suite("lipcert inspect, convert, generate", .needsTool)
struct FileCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("Generating is reproducible and knows its kinds")
  func generate() throws {
    for (name, options) in [("a", "--seed 1"), ("b", "--seed 1"), ("c", "--seed 2"), ("d", "--convolutional --activation tanh")] {
      #expect(try Tool.run("generate \(name).onnx \(options)", in: folder).status == 0)
    }
    #expect(try folder.read("a.onnx") == folder.read("b.onnx"))
    #expect(try folder.read("a.onnx") != folder.read("c.onnx"))
    let json = try Tool.run("generate e.npz --widths 3,4,2 --json", in: folder).json()
    #expect(json["parameters"] as? Int == 26)
    for wrong in [
      "--widths 3", "--widths 3,x", "--widths 3,0,2", "--widths 3,4 --resnet20", "--resnet20 --activation tanh", "--activation x",
      "--widths 1000000,1000000",
    ] {
      #expect(try Tool.run("generate f.onnx \(wrong)", in: folder).status == 2, "\(wrong)")
    }
    #expect(try Tool.run("generate f.txt", in: folder).status == 2)
    #expect(try Tool.run("generate no/f.onnx", in: folder).status == 3)
  }

  @Test("Inspecting a model, a certificate and arrays")
  func inspect() throws {
    #expect(try Tool.run("generate net.onnx --widths 3,4,2", in: folder).status == 0)
    #expect(try Tool.run("bound net.onnx -c net.lipcert", in: folder).status == 0)
    #expect(try Tool.run("convert net.onnx net.npz", in: folder).status == 0)
    try NumPyArray(dimensions: [2, 2], elements: .float([1, -.infinity, .nan, 4])).write(path: folder.path("x.npy"))

    let model = try Tool.run("inspect net.onnx --json", in: folder).json()
    #expect(model["kind"] as? String == "model")
    #expect(model["parameters"] as? Int == 26)
    #expect(model["multiplyAdds"] as? Int == 20)
    #expect(model["units"] as? Int == 4)
    #expect((model["nodes"] as? [Any])?.count == 4)

    let certificate = try Tool.run("inspect net.lipcert --json", in: folder).json()
    #expect(certificate["kind"] as? String == "certificate")
    #expect(certificate["sealed"] as? Bool == true)
    #expect((certificate["model"] as? [String: Any])?["digest"] as? String == model["digest"] as? String)

    let archive = try Tool.run("inspect net.npz --json", in: folder).json()
    #expect((archive["arrays"] as? [Any])?.count == 4)
    #expect(archive["digest"] as? String == model["digest"] as? String)

    #expect(try Tool.run("generate block.onnx --convolutions 2,2 --image 1x6x6", in: folder).status == 0)
    for (method, kind, word) in [
      ("partition --partition-factor 2", "composition", "ends at node"), ("lip-lt", "loopTransformation", "squared norms"),
      ("recursion", "layerGains", "matrix variables"), ("frequency", "frequencies", "torus of"),
    ] {
      #expect(try Tool.run("bound block.onnx --no-attained --method \(method) -c \(kind).lipcert", in: folder).status == 0)
      let text = try Tool.run("inspect \(kind).lipcert", in: folder)
      #expect(text.status == 0 && text.output.contains(word) && !text.output.contains("input weight"), "\(text.output)")
      let derivation = try Tool.run("inspect \(kind).lipcert --json", in: folder).json()["derivation"] as? [String: Any]
      #expect(derivation?["kind"] as? String == kind)
    }

    let array = try Tool.run("inspect x.npy", in: folder)
    #expect(array.status == 0)
    #expect(array.output.contains("2 not finite"))
    for file in ["net.onnx", "net.lipcert", "net.npz"] { #expect(try Tool.run("inspect \(file)", in: folder).status == 0) }
  }

  @Test("Converting there and back keeps the network")
  func convert() throws {
    #expect(try Tool.run("generate net.onnx --widths 3,4,2 --activation tanh", in: folder).status == 0)
    for (from, to) in [("net.onnx", "a.npz"), ("a.npz", "b.onnx.gz"), ("b.onnx.gz", "c.onnx")] {
      let json = try Tool.run("convert \(from) \(to) --json", in: folder).json()
      #expect(json["sameNetwork"] as? Bool == true)
      #expect(json["faithful"] as? Bool == true)
      #expect(json["largestRelativeDifference"] as? Double == 0)
    }
    #expect(try Tool.run("generate images.onnx --convolutional", in: folder).status == 0)
    let refused = try Tool.run("convert images.onnx images.npz", in: folder)
    #expect(refused.status == 2)
    #expect(refused.errors.contains("node 'input'"))
    #expect(try Tool.run("convert net.onnx /dev/full/x.onnx", in: folder).status == 3)
  }
}
