import Foundation
import Testing

@Suite("lipcert bound with many targets", .needsTool)
struct TargetsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 6,12,12,4 --seed 3", in: folder).status == 0)
  }

  private func results(_ command: String) throws -> [[String: Any]] {
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 0, "\(run.errors)")
    return try #require(try run.json()["results"] as? [[String: Any]])
  }

  @Test("Every pair, with a certificate each that stands up to the checker")
  func pairs() throws {
    let results = try results("bound net.onnx --target pairs --json --certificates proofs --report out")
    #expect(results.compactMap { $0["target"] as? [Int] } == [[1, 0], [2, 0], [2, 1], [3, 0], [3, 1], [3, 2]])
    for result in results {
      let upper = try #require(result["upper"] as? Double)
      #expect(result["certified"] as? Bool == true)
      #expect(try #require(result["lower"] as? Double) <= upper)
      let pair = try #require(result["target"] as? [Int])
      let path = try #require(result["certificate"] as? String)
      #expect(path == "proofs/output-\(pair[0])-minus-\(pair[1]).lipcert")
      let check = try Tool.run("check \(path) net.onnx --json", in: folder)
      #expect(check.status == 0)
      #expect(try check.json()["bound"] as? Double == upper)
      let alone = try Tool.run("bound net.onnx --method lifted --no-attained --json --target \(pair[0]),\(pair[1])", in: folder)
      let other = try #require(try alone.method("lifted")["upper"] as? Double)
      #expect(abs(upper / other - 1) < 2e-3)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted()
    #expect(files == ["figures", "index.html", "report.md", "results.csv", "results.json"])
    let csv = String(decoding: try folder.read("out/results.csv"), as: UTF8.self)
    #expect(csv.split(separator: "\r\n").count == 7)
  }

  @Test("Every output, rivals, other methods and norms; the table names each")
  func others() throws {
    #expect(try results("bound net.onnx --target each --json --norm linf").count == 4)
    let rivals = try Tool.run("bound net.onnx --target 2,* --norm l1", in: folder)
    #expect(rivals.status == 0)
    for rival in [0, 1, 3] { #expect(rivals.output.contains("output 2 - output \(rival)")) }
    #expect(rivals.output.contains("Certified: all 3 targets"))
    let products = try results("bound net.onnx --target each --json --method product")
    #expect(products.allSatisfy { $0["method"] as? String == "product" && $0["certified"] as? Bool == true })
  }

  @Test("What does not go together is refused")
  func refusals() throws {
    for arguments in [
      "--target pairs --certificate x", "--target 1 --certificates x", "--target pairs --method lifted,product", "--target 9,*",
      "--target x,*", "--target pairs --method attained",
    ] {
      #expect(try Tool.run("bound net.onnx \(arguments)", in: folder).status == 2, "\(arguments)")
    }
    let unwritable = try Tool.run("bound net.onnx --target each --certificates /dev/null/x", in: folder)
    #expect(unwritable.status == 3 && unwritable.output.isEmpty)
    #expect(unwritable.errors.hasPrefix("lipcert: error: /dev/null/x: the folder cannot be created"))
  }

  @Test("A method that does not apply says why")
  func reasons() throws {
    let run = try Tool.run("bound net.onnx --target each --norm linf --method recursion", in: folder)
    #expect(run.status == 3)
    #expect(run.errors.contains("4 of 4 targets have no certified bound (output 0: not applicable: gains of layers are about the l2 norm)"))
  }

  @Test("The l1 norm has certificates, which the checker takes and export-sdp does not know")
  func oneNorm() throws {
    #expect(try Tool.run("bound net.onnx --norm l1 --method all --certificate net.lipcert", in: folder).status == 0)
    let check = try Tool.run("check net.lipcert net.onnx --exact", in: folder)
    #expect(check.status == 0 && check.output.contains("|x - x'|_1"))
    #expect(try Tool.run("inspect net.lipcert", in: folder).status == 0)
    #expect(try Tool.run("export-sdp net.onnx a.dat-s --norm l1", in: folder).status == 2)
  }

  @Test("Shared multipliers order the bounds")
  func tyings() throws {
    let uppers = try ["neuron", "layer"].map { tying -> Double in
      let run = try Tool.run("bound net.onnx --method lifted --no-attained --tying \(tying) --json", in: folder)
      return try #require(try run.method("lifted")["upper"] as? Double)
    }
    #expect(uppers[0] <= uppers[1])
    #expect(try Tool.run("bound net.onnx --tying network", in: folder).status == 2)
  }
}
