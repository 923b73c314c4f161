import Foundation
import NetworkFormats
import Testing

@Suite("lipcert bound on a ball", .needsTool)
struct RegionTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 3,8,8,2 --seed 3", in: folder).status == 0)
  }

  /// From numbers and from a file the same bound, smaller than over all inputs; the certificate is accepted, with its region in words.
  @Test func certificate() throws {
    let center = [0.5, -0.25, 1]
    try NumPyArray(dimensions: [1, 3], elements: .double(center)).write(path: folder.path("center.npy"))
    let methods = "--method closed-form,compositional,lifted --json"
    let global = try Tool.run("bound net.onnx \(methods)", in: folder)
    let local = try Tool.run("bound net.onnx --center 0.5,-0.25,1 --radius 0.125 \(methods) --certificate net.lipcert", in: folder)
    let file = try Tool.run("bound net.onnx --center center.npy --radius 0.125 \(methods)", in: folder)
    #expect(global.status == 0 && local.status == 0 && file.status == 0, "\(local.errors)")
    for method in ["closed-form", "compositional", "lifted"] {
      let all = try #require(try global.method(method)["upper"] as? Double)
      let some = try #require(try local.method(method)["upper"] as? Double)
      #expect(try file.method(method)["upper"] as? Double == some)
      #expect(try local.method(method)["certified"] as? Bool == true)
      #expect(some < all)
      #expect(try #require(try local.json()["attained"] as? Double) <= some)
    }
    let check = try Tool.run("check net.lipcert net.onnx --exact", in: folder)
    #expect(check.status == 0 && check.output.contains("PROVED"))
    #expect(check.output.contains("for all inputs with |x - c|_2, |x' - c|_2 <= 0.125, c = (0.5, -0.25, 1.0)"))
    #expect(check.output.contains("exact check: agrees"))
    #expect(try Tool.run("inspect net.lipcert", in: folder).output.contains("<= 0.125"))
    let text = try #require(String(data: try folder.read("net.lipcert"), encoding: .utf8))
    try folder.write(Data(text.replacingOccurrences(of: "0.125", with: "0.5").utf8), to: "other.lipcert")
    #expect(try Tool.run("check other.lipcert net.onnx", in: folder).status == 1)
  }

  @Test func methodsWithoutRegions() throws {
    let run = try Tool.run("bound net.onnx --center 0,0,0 --radius 1 --method partition,product --json", in: folder)
    #expect(run.status == 0)
    #expect(try run.method("partition")["upper"] is NSNull)
    #expect(try #require(try run.method("partition")["note"] as? String).contains("not over a region"))
    #expect(try run.method("product")["certified"] as? Bool == true)
  }

  @Test(arguments: [
    "--center 0,0,0", "--radius 1", "--center 0,0,0 --radius 0", "--center 0,0,0 --radius -1", "--center 0,0 --radius 1",
    "--center nothing.npy --radius 1", "--center nan,0,0 --radius 1", "--center 0,0,0 --radius 1 --norm l1",
    "--center 0,0,0 --radius 1 --target pairs",
  ])
  func mistakes(_ options: String) throws {
    let run = try Tool.run("bound net.onnx \(options)", in: folder)
    #expect(run.status == 2 && run.output.isEmpty && !run.errors.isEmpty)
  }

  /// The message names the option or the file, and what is wrong with it.
  @Test func wordsOfMistakes() throws {
    for (name, values) in [("four.npy", [0, 0, 0, 0]), ("nan.npy", [0, .nan, 0]), ("none.npy", [])] as [(String, [Double])] {
      try NumPyArray(dimensions: [values.count], elements: .double(values)).write(path: folder.path(name))
    }
    for (center, words) in [
      ("four.npy", "--center has 4 numbers, but the network has 3 inputs"), ("none.npy", "--center has 0 numbers"),
      ("nan.npy", "nan.npy: holds a number that is not finite"), ("1,2,x", "'1,2,x' is neither a file nor numbers"),
      ("1e300,0,0", "as large as this"), ("1e999,0,0", "not finite"), (".", ".: is a folder"), ("net.onnx", "net.onnx: not a .npy file"),
    ] {
      let run = try Tool.run("bound net.onnx --center \(center) --radius 1", in: folder)
      #expect(run.status == 2 && run.output.isEmpty && run.errors.contains(words), "\(center): \(run.errors)")
    }
    #expect(try Tool.run("bound net.onnx --center 0,0,0 --radius 1e300", in: folder).errors.contains("as large as this"))
  }
}
