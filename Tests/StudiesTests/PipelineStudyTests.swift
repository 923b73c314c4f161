import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Reports
import Synchronization
import Testing

@testable import Studies

@Suite("Studies of steps", .serialized)
struct PipelineStudyTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-steps-" + UUID().uuidString).path

  private static let text = """
    title: Everything
    description: Small, and all kinds of steps.
    seed: 3
    steps:
      - {name: random, generate: {widths: [6, 8, 3], seed: 1}}
      - {name: bounds, title: Bounds, bound: {model: random, methods: [product, lifted, attained]}}
      - {name: margin, bound: {model: random, norm: linf, target: [2, 0], methods: [lifted]}}
      - name: dense
        train: &recipe
      - name: sparse
        prune: PRUNED
      - {name: radii, radius: {model: dense, data: {glyphs: 8, test-count: 40}, limit: 6, methods: [global, crown]}}
      - {name: proofs, check: [bounds, margin, radii]}
      - name: comparison
        compare:
          models: [dense, sparse]
          data: {glyphs: 8, test-count: 40}
          limit: 20
          evaluation: {epsilon: 0.05, attacks: [fgsm]}
          certification: {methods: [product, attained], radii: 3, radius-methods: [crown]}
          difference: {samples: 2, radius: 0.05}
    """
    .replacing(
      "&recipe",
      with: """
        {title: D, data: {glyphs: 8, training-count: 200, test-count: 40}, model: {perceptron: {widths: [10, 10]}}, \
        training: {epochs: 2, batch: 50, learning-rate: 0.1}, evaluation: {epsilon: 0.05, attacks: [fgsm]}}
        """
    )
    .replacing(
      "PRUNED",
      with: """
        {title: P, data: {glyphs: 8, training-count: 200, test-count: 40}, model: {perceptron: {widths: [10, 10]}}, \
        training: {epochs: 2, batch: 50, learning-rate: 0.1}, pruning: {magnitude: {sparsity: 0.5, scope: all}}}
        """)

  private static func study(_ text: String = text) throws -> PipelineStudy { try PipelineStudy(text: text, file: "steps.yaml") }

  /// The steps that were run.
  private func started(_ study: PipelineStudy, in folder: String, isKeeping: Bool = true) throws -> [String] {
    let steps = Mutex<[String]>([])
    _ = try StudyRunner(
      study, folder: folder, isKeeping: isKeeping,
      observe: { event in
        if case .started(let step, _, _) = event { steps.withLock { $0.append(step) } }
      }
    ).run()
    return steps.withLock { $0 }
  }

  @Test("Steps take the networks and certificates of earlier ones; each has a report, all of them one")
  func run() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let study = try Self.study()
    let outcome = try StudyRunner(study, folder: folder).run()
    #expect(outcome.done == 8 && outcome.total == 8)
    let report = try #require(outcome.report as? PipelineReport)
    #expect(report.steps.allSatisfy { $0.summary != nil && $0.seconds ?? -1 >= 0 && $0.files["summary.json"] != nil })
    for name in ["index.html", "report.md", "results.json", "results.csv"] {
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"))
      for step in ["bounds", "dense", "sparse", "radii", "proofs", "comparison"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(step)/\(name)"), "\(step)/\(name)")
      }
    }
    // What the bound step says is about the generated network, and proved.
    let network = try ModelFile.read(path: "\(folder)/random/network.onnx")
    let certificate = try Certificate(decoding: Data(contentsOf: URL(fileURLWithPath: "\(folder)/bounds/certificate.json")))
    try CertificateChecker.check(certificate, of: network.lowered())
    let bound = try #require(report.steps[1].summary?.measures.first { $0.name == "certified bound" })
    #expect(bound.value <= certificate.statement.bound * (1 + 1e-12))
    #expect(report.steps[1].summary?.models == [try FileDigest.sha256(path: "\(folder)/random/network.onnx")])
    let margin = try Certificate(decoding: Data(contentsOf: URL(fileURLWithPath: "\(folder)/margin/certificate.json")))
    #expect(margin.statement.inputNorm == .lInfinity && margin.statement.output == .difference(2, 0))
    // Both bounds, and the constants and radii of two methods.
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/radii/certificates")
    #expect(report.steps[6].summary?.measures.first { $0.name == "proved" }?.value == Double(2 + names.count) && names.count >= 45)
    #expect(report.html.contains("radii/index.html") && report.markdown.contains("(radii/report.md)"))
    #expect(report.lines.contains { $0.hasPrefix("proofs: All ") })
    // Charts of all steps stand on one page, each id once; what Markdown links to is there.
    let ids = report.html.matches(of: /\bid="([^"]+)"/).map { String($0.1) }
    #expect(ids.count > 10 && Set(ids).count == ids.count)
    let links = report.markdown.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }
    #expect(links.contains { $0.hasSuffix(".svg") })
    for link in links { #expect(FileManager.default.fileExists(atPath: "\(folder)/\(link)"), "\(link)") }
  }

  @Test("A step is run again when its inputs, its settings or its results have changed, and so are those that depend on it")
  func kept() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try started(Self.study(), in: folder).count == 8)
    #expect(try started(Self.study(), in: folder).isEmpty)
    // Words do not count.
    #expect(try started(Self.study(Self.text.replacing("Everything", with: "All")), in: folder).isEmpty)
    #expect(
      try started(Self.study(Self.text.replacing("[6, 8, 3], seed: 1", with: "[6, 8, 3], seed: 2")), in: folder)
        == ["random", "bounds", "margin", "proofs"])
    #expect(try started(Self.study(), in: folder) == ["random", "bounds", "margin", "proofs"])
    #expect(
      try started(Self.study(Self.text.replacing("methods: [global, crown]", with: "methods: [global]")), in: folder) == [
        "radii", "proofs",
      ])
    #expect(try started(Self.study(), in: folder) == ["radii", "proofs"])
    // Damaged or missing results are made again; what is made again byte for byte changes nothing else.
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/dense/network.onnx"))
    #expect(try started(Self.study(), in: folder) == ["dense"])
    try FileManager.default.removeItem(atPath: "\(folder)/radii/certificates")
    #expect(try started(Self.study(), in: folder) == ["radii"])
    #expect(try started(Self.study(), in: folder, isKeeping: false).count == 8)
  }

  @Test("A certificate that proves nothing ends the study")
  func refuted() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let text = """
      title: T
      steps:
        - {name: random, generate: {widths: [6, 8, 3], seed: 1}}
        - {name: bounds, bound: {model: random, methods: [lifted]}}
      """
    _ = try StudyRunner(Self.study(text), folder: folder).run()
    let path = "\(folder)/bounds/certificate.json"
    var object = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
    var statement = try #require(object["statement"] as? [String: Any])
    let bound = try #require(statement["bound"] as? Double)
    statement["bound"] = bound / 2
    object["statement"] = statement
    let forged = try JSONSerialization.data(withJSONObject: object)
    try forged.write(to: URL(fileURLWithPath: path))
    // The record would have the step run again: the forger changes it, too.
    let record = try #require(StepRecord.read(folder: "\(folder)/bounds"))
    var outputs = record.outputs
    outputs["certificate.json"] = try FileDigest.sha256(path: path)
    try StepRecord(step: record.step, inputs: record.inputs, outputs: outputs, seed: record.seed, seconds: 1).write(
      folder: "\(folder)/bounds")
    let error = #expect(throws: StepError.self) {
      try StudyRunner(Self.study(text + "\n  - {name: proofs, check: bounds}"), folder: folder).run()
    }
    #expect((error?.reason as? StudyError)?.isContradiction == true)
    #expect(error?.description.hasPrefix("proofs: bounds/certificate.json is not proved: ") == true)
  }

  @Test(
    "Mistakes name the line and the key",
    arguments: [
      ("- {name: a}", "line 3: a step: needs 'generate', 'bound'"),
      ("- {name: a, generate: {widths: [2, 2]}, check: [b]}", "'check': does not go with 'generate'"),
      ("- {name: a, bound: {model: b}}", "'model': no earlier step 'b' makes a network"),
      ("- {name: a, bound: {model: b.onnx}}", "'model': there is no file"),
      ("- {name: a, check: [b]}", "'check': no earlier step 'b' leaves certificates"),
      ("- {name: a, generate: {widths: [2, 2]}}\n- {name: A, check: [a]}", "line 4: 'name': the name 'A' occurs twice"),
      ("- {name: a, generate: {widths: [2, 2]}}\n- {name: b, compare: {models: [a]}}", "line 4: 'models': expected two models at least"),
      ("- {name: a, generate: {widths: [2, 2]}}\n- {name: b, bound: {modle: a}}", "did you mean 'model'?"),
      ("- {name: a, train: none.yaml}", "'train': there is no file"),
      ("- {name: a, radius: {model: a.onnx, data: {glyphs: 14}}}", "there is no file"),
      ("- {name: a b, generate: {widths: [2, 2]}}", "'name': up to 64 letters"), ("- 3", "a step: expected keys and values"),
      (
        "- {name: a, prune: {title: T, model: lenet5, training: {epochs: 1, learning-rate: 0.1}}}",
        "'prune': the recipe has no 'pruning'; 'train' carries it out"
      ),
    ])
  func mistakes(steps: String, message: String) throws {
    let error = try #require(throws: FormatError.self) { try Self.study("title: T\nsteps:\n" + steps) }
    #expect(error.description.hasPrefix("steps.yaml: ") && error.description.contains(message), "\(error)")
  }
}
