import Foundation
import Testing

@Suite("lipcert bound", .needsTool)
struct BoundTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 6,12,12,4 --seed 3", in: folder).status == 0)
  }

  @Test("The table and its conclusion")
  func table() throws {
    let run = try Tool.run("bound net.onnx --method all --certificate net.lipcert", in: folder)
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0].hasPrefix("model    net.onnx  sha256 "))
    #expect(lines[1] == "problem  6 inputs, 4 outputs, 24 units; input norm l2, all outputs in the l2 norm")
    #expect(lines[3].split(separator: " ").prefix(2) == ["method", "certified"])
    // Lines of the table up to the empty one below it.
    let rows = lines.dropFirst(5).prefix { !$0.isEmpty }.map { String($0.prefix { $0 != " " }) }
    for method in ["product", "closed-form", "lipsdp-layer", "lipsdp", "lifted"] { #expect(rows.contains(method)) }
    #expect(rows.last == "attained")
    #expect(lines[5 + rows.count + 1].hasPrefix("Certified: |f(x) - f(x')|_2 <= "))
    #expect(lines.contains { $0.hasPrefix("Certificate: net.lipcert, from li") && $0.contains(", read back and checked") })
  }

  @Test("The JSON object has every field and its numbers are in order", arguments: ["l2", "linf", "l1"])
  func schema(norm: String) throws {
    let run = try Tool.run("bound net.onnx --method all --json --norm \(norm) --target 1,2 --seed 5 --threads 2", in: folder)
    #expect(run.status == 0)
    let json = try run.json()
    let model = try #require(json["model"] as? [String: Any])
    #expect(model["path"] as? String == "net.onnx")
    #expect((model["sha256"] as? String)?.count == 64)
    #expect(json["norm"] as? String == norm)
    #expect(json["target"] as? [Int] == [1, 2])
    #expect(json["seed"] as? Int == 5)
    #expect(json["threads"] as? Int == 2)
    #expect(json["version"] is String)
    #expect(json.keys.contains("blas"))
    let attained = try #require(json["attained"] as? Double)
    let results = try #require(json["results"] as? [[String: Any]])
    let methods = results.compactMap { $0["method"] as? String }
    for method in ["product", "closed-form", "lipsdp-layer", "lipsdp", "lifted"] { #expect(methods.contains(method)) }
    #expect(methods.last == "attained")
    for result in results {
      let keys = [
        "method", "upper", "lower", "certified", "ratioToBest", "tightness", "seconds", "iterations", "rank", "peakMemoryBytes",
        "stopReason", "note", "absence", "history",
      ]
      #expect(Set(result.keys) == Set(keys))
      #expect(try #require(result["peakMemoryBytes"] as? Int) > 1 << 20)
      guard result["method"] as? String != "attained", result["absence"] is NSNull else { continue }
      #expect(result["certified"] as? Bool == true)
      #expect(try #require(result["upper"] as? Double) >= attained)
    }
    let lifted = try run.method("lifted")
    let (upper, lower) = (try #require(lifted["upper"] as? Double), try #require(lifted["lower"] as? Double))
    #expect(lower <= upper && upper <= lower * 1.002)
  }

  @Test("The same seed gives the same bytes apart from seconds and memory")
  func isReproducible() throws {
    func stable(_ seed: Int) throws -> [Substring] {
      let run = try Tool.run("bound net.onnx --method all --json --seed \(seed)", in: folder)
      return run.output.split(separator: "\n").filter { !$0.contains("\"seconds\"") && !$0.contains("\"peakMemoryBytes\"") }
    }
    #expect(try stable(1) == stable(1))
    #expect(try stable(1) != stable(2))
  }

  @Test("Only what was asked for is run")
  func methods() throws {
    #expect(try Tool.run("bound net.onnx --method attained", in: folder).output.contains("Not certified"))
    let product = try Tool.run("bound net.onnx --method product --no-attained --json", in: folder)
    #expect((try product.json()["results"] as? [Any])?.count == 1)
    #expect(try product.json()["attained"] is NSNull)
    #expect(try Tool.run("bound net.onnx --method attained --no-attained", in: folder).status == 2)
  }

  @Test("Weights without an architecture take the activation they are given")
  func activation() throws {
    #expect(try Tool.run("convert net.onnx net.npz", in: folder).status == 0)
    let relu = try Tool.run("bound net.npz --json", in: folder)
    let original = try Tool.run("bound net.onnx --json", in: folder)
    #expect(try relu.method("lifted")["upper"] as? Double == original.method("lifted")["upper"] as? Double)
    #expect(try Tool.run("bound net.npz --activation absoluteValue --json", in: folder).status == 0)
    #expect(try Tool.run("bound net.onnx --activation tanh", in: folder).status == 2)
    #expect(try Tool.run("bound net.npz --activation softmax", in: folder).status == 2)
  }

  @Test("A proof too large for the memory limit is announced and refused; the product of norms takes its place")
  func memoryLimit() throws {
    let run = try Tool.run("bound net.onnx --memory-limit 1e-6", in: folder)
    #expect(run.status == 0)
    #expect(run.errors.contains("more than the limit"))
    #expect(run.output.contains("no certificate was attempted"))
    #expect(run.output.contains("added because no other method proved an upper bound"))
    #expect(run.output.contains("Certified: "))
  }

  @Test(
    "A certificate that cannot be written after all: results are printed, the exit code is 3", arguments: ["/dev/full", "/proc/x.lipcert"])
  func unwritten(path: String) throws {
    let run = try Tool.run("bound net.onnx --certificate \(path)", in: folder)
    #expect(run.status == 3)
    #expect(run.output.contains("Certified: "))
    #expect(run.errors.contains("\(path): cannot be written"))
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test(
    "Places known to be impossible end the run before the work", arguments: ["--certificate no/x", "--certificate .", "--report net.onnx"])
  func unwritable(option: String) throws {
    let run = try Tool.run("bound net.onnx --verbose \(option)", in: folder)
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(!run.errors.contains("lifted starts"))
    #expect(run.errors.contains("error: "))
  }

  @Test("A report holds what was printed, and its certificate stands up to the checker")
  func report() throws {
    let run = try Tool.run("bound net.onnx --method all --json --report out/report", in: folder)
    #expect(run.status == 0)
    #expect(try folder.read("out/report/results.json") == Data(run.output.utf8))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("out/report")).sorted()
    #expect(names == ["certificate.json", "figures", "index.html", "report.md", "results.csv", "results.json"])
    #expect(try Tool.run("check out/report/certificate.json net.onnx", in: folder).status == 0)
    let both = try Tool.run("bound net.onnx --certificate net.lipcert --report both", in: folder)
    #expect(both.output.hasSuffix("Report: both/index.html\n"))
    #expect(try folder.read("both/certificate.json") == folder.read("net.lipcert"))
    // A report without certificate does not keep that of an earlier run.
    #expect(try Tool.run("bound net.onnx --method product --report both", in: folder).status == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.path("both/certificate.json")))
  }

  @Test(
    "Folders of reports that cannot be made are named, and nothing is computed", arguments: ["/proc/report", "net.onnx", "/dev/null/x"])
  func unwritableReport(path: String) throws {
    let run = try Tool.run("bound net.onnx --report \(path)", in: folder)
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("lipcert: error: \(path): the folder cannot be created"))
  }

  @Test("Messages go to standard error, and --quiet silences them")
  func quiet() throws {
    #expect(try Tool.run("bound net.onnx --quiet --memory-limit 1e-6 --method product,lifted", in: folder).errors.isEmpty)
    #expect(try Tool.run("bound net.onnx --verbose", in: folder).errors.contains("lifted starts"))
    #expect(try Tool.run("bound net.onnx --quiet --verbose", in: folder).status == 2)
  }
}
