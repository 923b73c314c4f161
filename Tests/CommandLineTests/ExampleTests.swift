import Certificates
import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Testing
import Training

/// The programs of the folder `Examples`, run as their users run them; what they print is computed anew.
@Suite("Examples", .needsTool)
struct ExampleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("certify-network prints the bound that its certificate proves, and a gain below it")
  func certifyNetwork() throws {
    try expectCertified(Tool.run("", of: "certify-network", in: folder), model: "network.onnx", certificate: "network.lipcert")

    #expect(try Tool.run("generate smooth.npz --widths 3,9,4 --activation tanh --seed 5", in: folder).status == 0)
    try expectCertified(
      Tool.run("smooth.npz smooth.lipcert", of: "certify-network", in: folder), model: "smooth.npz", certificate: "smooth.lipcert")
  }

  private func expectCertified(_ run: Tool.Result, model: String, certificate: String) throws {
    #expect(run.status == 0 && run.errors.isEmpty)
    let network = try ModelFile.read(path: folder.path(model))
    let certificate = try Certificate(path: folder.path(certificate))
    try CertificateChecker.check(certificate, of: network.lowered())
    #expect(certificate.statement.output == .all && certificate.statement.region == .global && certificate.statement.inputNorm == .l2)
    let bound = try number(after: "<= ", in: run.output)
    #expect(bound == certificate.statement.bound)

    // A gain is attained by some pair; no pair has more than the bound, and short steps find no more than the search by gradients.
    let attained = try number(after: "attained by a pair of inputs: ", in: run.output)
    let evaluator = try Evaluator<Double>(network)
    var random = SplitMix64(seed: 3)
    var largest = 0.0
    for length in [1e-3, 1.0, 10] {
      for _ in 0..<100 {
        let x = (0..<evaluator.inputCount).map { _ in random.nextGaussian() }
        let y = x.map { $0 + length * random.nextGaussian() }
        largest = max(largest, distance(answer(evaluator, x), answer(evaluator, y)) / distance(x, y))
      }
    }
    #expect(largest <= bound && attained <= bound)
    #expect(attained >= 0.9 * largest && largest > 0)
  }

  @Test("robust-radius proves less than it attacks, and its certificate is a proof")
  func robustRadius() throws {
    let run = try Tool.run("", of: "robust-radius", in: folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    let network = try ModelFile.read(path: folder.path("classifier.onnx"))
    let certificate = try RobustnessCertificate(path: folder.path("radius.lipcert"))
    try RobustnessChecker.check(certificate, of: network.lowered())
    let (radius, attacked) = (
      try number(after: "proved: within ", in: run.output), try number(after: "attacked: at distance ", in: run.output)
    )
    #expect(radius == certificate.statement.radius && radius > 0 && radius < attacked)
    #expect(try number(after: "answer: class ", in: run.output) == Double(certificate.statement.label))
    try expectConstantAnswer(Evaluator(network), certificate.statement.center, certificate.statement.label, within: radius)

    // The same input out of a file has the same bracket.
    let row = certificate.statement.center.map { "\($0)" }.joined(separator: ",")
    try folder.write(Data((row + "\n").utf8), to: "input.csv")
    let again = try Tool.run("classifier.onnx input.csv again.lipcert", of: "robust-radius", in: folder)
    #expect(again.status == 0 && again.output == run.output)
    #expect(try folder.read("again.lipcert") == folder.read("radius.lipcert"))
  }

  @Test("train-and-certify counts what its network gets right, and each of its radii stands up to the checker")
  func trainAndCertify() throws {
    let run = try Tool.run("", of: "train-and-certify", in: folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    let network = try ModelFile.read(path: folder.path("glyphs.onnx"))
    let (lowered, evaluator) = (try network.lowered(), try Evaluator<Double>(network))
    let test = try GlyphImages(size: 14).dataset(.test, count: 500)
    let inputs = (0..<test.count).map { test[$0].map(Double.init) }
    let answers = inputs.map { largest(answer(evaluator, $0)) }
    let correct = zip(answers, test.labels).count { $0 == $1 }
    #expect(run.output.contains("glyphs.onnx: \(correct) of 500 test images"))
    #expect(correct > 400)

    let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("image ") }.map(String.init)
    #expect(lines.count == 10)
    let digest = NetworkDigest.sha256(of: lowered).prefix(16)
    for (index, line) in lines.enumerated() {
      #expect(line.hasPrefix("image \(index): a \(test.labels[index]), "))
      guard answers[index] == test.labels[index] else {
        #expect(line.hasSuffix("taken for a \(answers[index])"))
        continue
      }
      let radius = try number(after: "proved within ", in: line)
      #expect(radius > 0)
      if line.contains("attack at") { #expect(radius < (try number(after: "changed by an attack at ", in: line))) }
      try expectConstantAnswer(evaluator, inputs[index], test.labels[index], within: radius)
      let certificate = try RobustnessCertificate(path: folder.path("proofs/\(digest)-l2-input-\(index)-crown.lipcert"))
      try RobustnessChecker.check(certificate, of: lowered)
      #expect(certificate.statement.center == inputs[index] && certificate.statement.label == test.labels[index])
      #expect(certificate.statement.radius <= radius)
    }
  }

  @Test(
    "Files that are missing, damaged or not to be written end in one sentence and exit code 2",
    arguments: [
      ("certify-network", "missing.onnx", "missing.onnx"), ("certify-network", "damaged.onnx", "damaged.onnx"),
      ("certify-network", "good.onnx no/folder.lipcert", "no/folder.lipcert"), ("robust-radius", "good.onnx missing.npy", "missing.npy"),
      ("robust-radius", "good.onnx wide.csv", "wide.csv"), ("robust-radius", "good.onnx", "usage: "),
      ("train-and-certify", "no/folder.onnx", "no/folder.onnx"),
    ])
  func badFiles(program: String, arguments: String, named: String) throws {
    #expect(try Tool.run("generate good.onnx --widths 2,4,2", in: folder).status == 0)
    try folder.write(folder.read("good.onnx").prefix(100), to: "damaged.onnx")
    try folder.write(Data("1,2,3,4,5\n".utf8), to: "wide.csv")
    let run = try Tool.run(arguments, of: program, in: folder)
    #expect(run.status == 2)
    #expect(run.errors.contains(named))
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  // MARK: - The package

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private struct Target: Hashable {
    let name: String
    let path: String
    let dependencies: [String]
  }

  /// The executable targets of a manifest that have a path of their own.
  private func targets(_ manifest: String) throws -> Set<Target> {
    let text = try String(contentsOf: Self.root.appendingPathComponent(manifest), encoding: .utf8)
    let target = /\.executableTarget\(\s*name: "([^"]+)",\s*dependencies: \[([^\]]*)\],\s*path: "([^"]+)"/
    let dependency = /\.product\(name: "(\w+)", package: "lipcert"\)|"(\w+)"/
    return Set(
      text.matches(of: target).map { match in
        Target(
          name: String(match.1), path: String(match.3),
          dependencies: match.2.matches(of: dependency).compactMap { ($0.1 ?? $0.2).map(String.init) }.sorted())
      })
  }

  @Test("The package of examples and the root have the same targets")
  func manifests() throws {
    let own = try targets("Examples/Package.swift")
    #expect(own.count == 3 && own.allSatisfy { !$0.dependencies.isEmpty })
    #expect(
      try targets("Package.swift") == Set(own.map { Target(name: $0.name, path: "Examples/" + $0.path, dependencies: $0.dependencies) }))
    let sources = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Examples/Sources").path)
    #expect(Set(sources.map { "Sources/" + $0 }) == Set(own.map(\.path)))
  }

  @Test("The program in the README is part of an example, line by line")
  func readme() throws {
    func lines(_ text: some StringProtocol) -> [String] {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let snippets = readme.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
    let example = lines(
      try String(contentsOf: Self.root.appendingPathComponent("Examples/Sources/CertifyNetwork/CertifyNetwork.swift"), encoding: .utf8))
    #expect(!snippets.isEmpty)
    for snippet in snippets {
      var rest = example[...]
      for line in lines(snippet) {
        let place = try #require(rest.firstIndex(of: line), "'\(line)' is not in the example, or not in this order")
        rest = rest[(place + 1)...]
      }
    }
  }

  // MARK: - Numbers

  /// The number that follows some words.
  private func number(after words: String, in text: String) throws -> Double {
    let end = try #require(text.range(of: words)?.upperBound, "'\(words)' is not in: \(text)")
    return try #require(Double(text[end...].prefix { "0123456789.e-".contains($0) }))
  }

  private func answer(_ evaluator: Evaluator<Double>, _ x: [Double]) -> [Double] {
    evaluator.forward(Matrix(rows: 1, columns: x.count, elements: x)).elements
  }

  private func largest(_ y: [Double]) -> Int { y.indices.max { y[$0] < y[$1] } ?? 0 }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// Points on the sphere of a proved radius keep the answer.
  private func expectConstantAnswer(_ evaluator: Evaluator<Double>, _ center: [Double], _ label: Int, within radius: Double) throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<40 {
      let direction = center.map { _ in random.nextGaussian() }
      let length = distance(direction, direction.map { _ in 0 })
      #expect(largest(answer(evaluator, zip(center, direction).map { $0 + radius / length * $1 })) == label)
    }
  }
}
