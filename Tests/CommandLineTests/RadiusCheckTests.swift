import Certificates
import Foundation
import NetworkFormats
import Networks
import Testing

@Suite("lipcert check of a radius", .needsTool)
struct RadiusCheckTests {
  private let folder: TemporaryFolder
  private let certificate: RobustnessCertificate

  /// A radius that linear bounds prove, found by halving.
  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 4,6,6,2", in: folder).status == 0)
    let network = try ModelFile.read(path: folder.path("net.onnx")).lowered()
    let center = [0.5, -0.25, 1, 2]
    func certificate(label: Int, radius: Double) -> RobustnessCertificate {
      RobustnessCertificate(
        generator: "tests", network: network, statement: .init(norm: .l2, center: center, radius: radius, label: label),
        rivals: [.init(rival: 1 - label, proof: .linear(nil))])
    }
    let candidates = (0..<30).flatMap { k in [0, 1].map { certificate(label: $0, radius: pow(0.5, Double(k))) } }
    self.certificate = try #require(candidates.first { (try? RobustnessChecker.check($0, of: network)) != nil })
    try folder.write(self.certificate.encoded(), to: "good.radius")
  }

  @Test("A good one is proved")
  func proved() throws {
    let run = try Tool.run("check good.radius net.onnx", in: folder)
    #expect(run.status == 0)
    #expect(run.output.contains("PROVED in ") && run.output.contains("the answer is \(certificate.statement.label)"))
    let json = try Tool.run("check good.radius net.onnx --json", in: folder).json()
    #expect(json["proved"] as? Bool == true && json["radius"] as? Double == certificate.statement.radius)
  }

  @Test("A greater radius, another label and an altered file are not proved")
  func refused() throws {
    var greater = certificate
    greater.statement.radius = 1e3
    greater.seal = greater.contentDigest
    var other = certificate
    other.statement.label = 1 - other.statement.label
    other.rivals[0].rival = 1 - other.rivals[0].rival
    other.seal = other.contentDigest
    var unsealed = certificate
    unsealed.statement.radius *= 0.5
    for bad in [greater, other, unsealed] {
      try folder.write(bad.encoded(), to: "bad.radius")
      let run = try Tool.run("check bad.radius net.onnx", in: folder)
      #expect(run.status == 1 && run.output.contains("NOT PROVED: "))
    }
  }

  @Test("A malformed file, and --exact, are errors of use")
  func malformed() throws {
    try folder.write(Data(#"{"format": "lipcert-robustness", "version": 1}"#.utf8), to: "broken.radius")
    let broken = try Tool.run("check broken.radius net.onnx", in: folder)
    #expect(broken.status == 2 && broken.errors.contains("is missing"))
    #expect(try Tool.run("check good.radius net.onnx --exact", in: folder).status == 2)
  }

  @Test("inspect shows the statement and the proofs")
  func inspected() throws {
    let run = try Tool.run("inspect good.radius", in: folder)
    #expect(run.status == 0)
    #expect(run.output.contains("the answer is \(certificate.statement.label)") && run.output.contains("linear"))
    #expect(try Tool.run("inspect good.radius --json", in: folder).json()["kind"] as? String == "radius")
  }
}
