import Certificates
import Foundation
import Testing

@Suite("lipcert check", .needsTool)
struct CheckTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 4,6,6,3", in: folder).status == 0)
    #expect(try Tool.run("bound net.onnx --certificate net.lipcert", in: folder).status == 0)
  }

  private func altered(_ change: (inout Certificate) -> Void) throws {
    var certificate = try Certificate(decoding: folder.read("net.lipcert"))
    change(&certificate)
    try folder.write(certificate.encoded(), to: "altered.lipcert")
  }

  @Test("A good certificate is proved, in floating point and exactly")
  func proved() throws {
    let run = try Tool.run("check net.lipcert net.onnx --exact", in: folder)
    #expect(run.status == 0)
    #expect(run.output.contains("PROVED in "))
    #expect(run.output.contains("exact check: agrees"))
    let check = try Tool.run("check net.lipcert net.onnx --json", in: folder)
    let json = try check.json()
    #expect(json["proved"] as? Bool == true)
    #expect(json["reason"] is NSNull)
    // Decoded as a double at once: the dictionary above went through decimal numbers, which may lose the last bit.
    struct Verdict: Decodable { let bound: Double }
    let stated = try JSONDecoder().decode(Verdict.self, from: Data(check.output.utf8)).bound
    let bound = try Certificate(decoding: folder.read("net.lipcert")).statement.bound
    #expect(stated >= bound)
  }

  @Test("The same network in another format has the same certificates")
  func otherFormat() throws {
    #expect(try Tool.run("convert net.onnx net.npz", in: folder).status == 0)
    #expect(try Tool.run("check net.lipcert net.npz", in: folder).status == 0)
  }

  @Test("The exact check says when it does not apply")
  func exactLimit() throws {
    #expect(try Tool.run("generate wide.onnx --widths 4,250,2", in: folder).status == 0)
    #expect(try Tool.run("bound wide.onnx --no-attained --certificate wide.lipcert", in: folder).status == 0)
    let run = try Tool.run("check wide.lipcert wide.onnx --exact", in: folder)
    #expect(run.status == 0)
    #expect(run.output.contains("exact check: does not apply"))
  }

  @Test("Another model")
  func otherModel() throws {
    #expect(try Tool.run("generate other.onnx --widths 4,6,6,3 --seed 9", in: folder).status == 0)
    let run = try Tool.run("check net.lipcert other.onnx", in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("NOT PROVED: it is about another network"))
  }

  @Test("Tampered certificates are not proved, whether sealed again or not")
  func tampered() throws {
    try altered { $0.statement.bound *= 0.9 }
    let run = try Tool.run("check altered.lipcert net.onnx", in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("altered"))
    let changes: [(inout Certificate) -> Void] = [
      { $0.statement.bound *= 0.9 }, { $0.inputWeights[0] *= 0.9 }, { $0.nodes[0].multipliers[0] = -1 },
      { $0.nodes[0].multipliers.removeLast() }, { $0.nodes[0].beta = [0.5] }, { $0.statement.output = .output(99) },
      { $0.statement.inputNorm = .lInfinity }, { $0.nodes.removeLast() }, { $0.statement.region = .ball(center: [], radius: 1) },
    ]
    for (index, change) in changes.enumerated() {
      try altered {
        change(&$0)
        $0.seal = $0.contentDigest
      }
      #expect(try Tool.run("check altered.lipcert net.onnx --exact", in: folder).status == 1, "change \(index)")
    }
  }

  @Test("Malformed certificates")
  func malformed() throws {
    let good = try folder.read("net.lipcert")
    let wrong: [String: Data] = [
      "empty": Data(), "truncated": good.prefix(good.count / 2), "other": Data("{\"format\": \"x\"}".utf8), "noise": Data([0xFF, 0, 1, 2]),
      "nesting": Data(String(repeating: "[", count: 100_000).utf8),
    ]
    for (name, data) in wrong {
      try folder.write(data, to: name)
      let run = try Tool.run("check \(name) net.onnx", in: folder)
      #expect(run.status == 2, "\(name)")
      #expect(run.errors.hasPrefix("lipcert: error: \(name): "), "\(run.errors)")
    }
    #expect(try Tool.run("check missing net.onnx", in: folder).status == 2)
    #expect(try Tool.run("check . net.onnx", in: folder).status == 2)
    #expect(try Tool.run("check net.lipcert missing.onnx", in: folder).status == 2)
  }
}
