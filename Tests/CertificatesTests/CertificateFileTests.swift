import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct CertificateFileTests {
  let network: LoweredNetwork
  let certificate: Certificate
  let data: Data

  init() throws {
    network = try TestNetworks.single().lowered
    let bound = try ProvedBound(network, output: .difference(0, 1), norm: .lInfinity)
    certificate = Certificate(
      generator: "tests", modelName: "größe \"x\"\n", network: network,
      statement: Statement(inputNorm: .lInfinity, output: .difference(0, 1), bound: bound.bound), inputWeights: bound.inputWeights,
      sectors: bound.sectors, multipliers: bound.proof.multipliers)
    data = try certificate.encoded()
  }

  /// Decoding either gives a certificate or a `CertificateError`; nothing else is thrown.
  private func decoded(_ data: Data, sourceLocation: SourceLocation = #_sourceLocation) -> Certificate? {
    do {
      return try Certificate(decoding: data)
    } catch {
      #expect(error is CertificateError, sourceLocation: sourceLocation)
      return nil
    }
  }

  @Test func roundTripIsExact() throws {
    let again = try Certificate(decoding: data)
    #expect(again == certificate && again.contentDigest == again.seal)
    try CertificateChecker.check(again, of: network)
    // Doubles of every size come back bit by bit.
    var random = SplitMix64(seed: 31)
    var c = certificate
    c.nodes[0].multipliers = [5e-324, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1 / 3, 0, 1e22, 123_456_789_012_345_680]
    while c.nodes[0].multipliers.count < 3000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { c.nodes[0].multipliers.append(value) }
    }
    let copy = try Certificate(decoding: try c.encoded())
    #expect(copy.nodes[0].multipliers.map(\.bitPattern) == c.nodes[0].multipliers.map(\.bitPattern))
    #expect(copy.contentDigest == c.contentDigest)
  }

  /// What is written is read again, and every error names the file.
  @Test func filesAreToldApartByTheirContent() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificates-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("net.lipcert").path
    try certificate.write(path: path)
    #expect(try Certificate(path: path) == certificate)
    guard case .bound(certificate) = try CertificateFile.read(path: path) else {
      Issue.record("not the certificate that was written")
      return
    }
    // It is no certificate of a radius, half of it is none at all, and neither are folders and what is not there.
    #expect(throws: CertificateError.self) { try RobustnessCertificate(path: path) }
    try data.prefix(data.count / 2).write(to: folder.appendingPathComponent("half"))
    for name in ["half", "", "missing"] {
      let path = folder.appendingPathComponent(name).path
      #expect { try CertificateFile.read(path: path) } throws: { "\($0)".hasPrefix(path + ": ") && $0 is CertificateError }
      #expect { try Certificate(path: path) } throws: { "\($0)".hasPrefix(path + ": ") && $0 is CertificateError }
    }
    let unwritable = folder.appendingPathComponent("no/folder").path
    #expect { try certificate.write(path: unwritable) } throws: { "\($0)".hasPrefix(unwritable + ": ") }
  }

  @Test func numbersThatAreNotFiniteCannotBeWritten() {
    for bad in [Double.nan, .infinity] {
      var c = certificate
      c.statement.bound = bad
      #expect(throws: CertificateError.self) { try c.encoded() }
    }
  }

  @Test func everyTruncationIsMalformed() {
    for count in 0..<data.count - 1 { #expect(decoded(data.prefix(count)) == nil) }
  }

  /// Bytes changed at random: an error, or a certificate that is unchanged but for names, or rejected.
  @Test func randomBytes() {
    var random = SplitMix64(seed: 32)
    for _ in 0..<3000 {
      var bytes = data
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let c = decoded(bytes), (try? CertificateChecker.check(c, of: network)) != nil else { continue }
      #expect(c.contentDigest == certificate.contentDigest)
    }
  }

  @Test func wrongTokens() throws {
    let text = try #require(String(data: data, encoding: .utf8))
    func replaced(_ old: String, _ new: String) -> Certificate? {
      #expect(text.contains(old))
      return decoded(Data(text.replacingOccurrences(of: old, with: new).utf8))
    }
    let bound = "\"bound\" : \(certificate.statement.bound)"
    for token in ["NaN", "Infinity", "-Infinity", "1e999", "nan", "\"1\"", "null", "[]", "{}", "true", "01", "1e", "--1", ""] {
      #expect(replaced(bound, "\"bound\" : \(token)") == nil, "\(token)")
    }
    #expect(replaced("\"version\" : 1", "\"version\" : 2") == nil)
    #expect(replaced("\"version\" : 1", "\"version\" : 99999999999999999999999") == nil)
    #expect(replaced("\"version\" : 1", "\"version\" : 1.5") == nil)
    #expect(replaced(Certificate.formatName, "another") == nil)
    #expect(replaced("\"linf\"", "\"l3\"") == nil)
    #expect(replaced("\"difference\"", "\"quotient\"") == nil)
    #expect(replaced("\"seal\"", "\"sael\"") == nil)
    for junk in ["", "[]", "null", "1", "\"\"", "{", "{}", "\u{0}", "{\"format\":1}", "[[[[", "{\"a\":{\"a\":"] {
      #expect(decoded(Data(junk.utf8)) == nil)
    }
  }

  @Test func deepNesting() {
    for depth in [100, 10_000, 200_000] {
      for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        #expect(decoded(Data(nested.utf8)) == nil)
        #expect(decoded(Data("{\"format\":\"lipcert-certificate\",\"nodes\":\(nested)}".utf8)) == nil)
      }
    }
  }

  @Test func errorsSayWhere() {
    #expect(throws: CertificateError.malformed("'format' is missing at the top level")) { try Certificate(decoding: Data("{}".utf8)) }
    let version = data.replacing(Data("\"version\" : 1".utf8), with: Data("\"version\" : 7".utf8))
    #expect(throws: CertificateError.malformed("its version is 7; this program reads version 1")) { try Certificate(decoding: version) }
  }
}
