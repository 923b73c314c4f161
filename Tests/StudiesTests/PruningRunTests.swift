import Compression
import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Reports
import Synchronization
import Testing
import Training

@testable import Studies

@Suite("Runs that prune", .serialized)
struct PruningRunTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  private static func recipe(_ pruning: String, model: String = "{residual: {depth: 8, channels: [3, 4]}}") throws -> TrainingRecipe {
    try TrainingRecipe(
      text: """
        title: T
        data: {glyphs: 8, training-count: 150, test-count: 50}
        seed: 3
        model: \(model)
        training: {epochs: 2, batch: 50, learning-rate: 0.1, adversary: {epsilon: 0.05, steps: 1}}
        pruning: \(pruning)
        retraining: {epochs: 1, learning-rate: 0.01}
        evaluation: {epsilon: 0.05, attacks: [fgsm]}
        """, file: "recipe.yaml")
  }

  @Test(
    "Every method saves a network that computes what the masked one does, and says what it pruned",
    arguments: [
      ("{magnitude: {sparsity: 0.6}}", 0.6), ("{filter-norm: {share: 0.5, groups: input-channels, scope: convolutions}}", nil),
      ("{pattern: {keep: 1, of: 3, scope: convolutions}}", nil), ("{slimming: {share: 0.2, strength: 1e-3}}", nil),
      ("{lottery-ticket: {rounds: 2, share: 0.4, rewinding: 1}}", 0.64), ("{admm: {sparsity: 0.5, scope: convolutions}}", 0.5),
      ("{rvsm: {lambda: 2e-3, beta: 0.1}}", nil), ("{rgsm: {lambda: 0.9}}", nil),
    ] as [(String, Double?)])
  func methods(pruning: String, sparsity: Double?) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = try Self.recipe(pruning)
    let run = TrainingRun(recipe, folder: folder)
    let record = try #require(try run.run())
    let pruned = try #require(record.pruning)
    #expect(pruned.sparsity.weightShare > 0.05)
    if let sparsity { #expect(abs(pruned.sparsity.weightShare - sparsity) < 0.01) }
    #expect(pruned.deviation < 1e-6)
    #expect(pruned.compact.parameters <= pruned.masked.parameters)
    if pruned.sparsity.channelShare > 0 { #expect(pruned.compact.multiplications < pruned.masked.multiplications) }

    let network = try ModelFile.read(path: run.networkPath)
    #expect(NetworkSize(network).parameters == pruned.compact.parameters)
    let test = try #require(try recipe.data.loadTest())
    let samples = Matrix(rows: test.count, columns: test.shape.count, elements: test.samples.map(Double.init))
    let outputs = try Evaluator<Double>(network).forward(samples)
    let right = (0..<test.count).count { index in
      let output = Array(outputs.row(index))
      return output.indices.max { output[$0] < output[$1] } == test.labels[index]
    }
    #expect(record.deployed?.natural == Double(right) / Double(test.count))
    #expect(record.curve.map(\.epoch) == Array(0..<record.curve.count) && record.epoch == record.curve.count)
    #expect(try run.run() == record, "a finished run is read, not run again")
  }

  @Test("A run that is ended again and again, in any phase, saves the same network as an undisturbed one")
  func resumed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = try Self.recipe("{admm: {sparsity: 0.5, scope: convolutions, growth: 1.3}}")
    let whole = try #require(try TrainingRun(recipe, folder: folder + "/a").run())
    var ends = 0
    while true {
      let asked = Mutex(0)
      let limit = 2 + ends % 4
      let run = TrainingRun(recipe, folder: folder + "/b") {
        asked.withLock {
          $0 += 1; return $0 > limit
        }
      }
      if let record = try run.run() {
        #expect(record.network == whole.network && record.deployed == whole.deployed && record.pruning == whole.pruning)
        break
      }
      ends += 1
      try #require(ends < 200)
    }
    #expect(ends > 3)
  }

  @Test("A saved network is pruned further: the weights are where training begins")
  func saved() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = TrainingRun(try Self.recipe("{magnitude: {sparsity: 0.5}}"), folder: folder + "/a")
    _ = try first.run()
    let second = TrainingRun(
      try Self.recipe("{magnitude: {sparsity: 0.75}}", model: "{file: \(first.networkPath)}"), folder: folder + "/b")
    let record = try #require(try second.run())
    #expect(try #require(record.pruning).sparsity.weightShare > 0.7)
  }

  @Test(
    "Mistakes in 'pruning' name the line and the key",
    arguments: [
      ("{magnitud: {sparsity: 0.5}}", "did you mean 'magnitude'"), ("{magnitude: {sparsity: 1.5}}", "'sparsity'"),
      ("{magnitude: {}}", "'sparsity' is missing"), ("{rvsm: {a: 2}}", "transformed-l1"), ("{rgsm: {beta: 0}}", "'beta'"),
      ("{pattern: {keep: 5, of: 4}}", "line 6"), ("{magnitude: {sparsity: 0.5}, rvsm: {}}", "'magnitude': does not go with 'rvsm'"),
    ])
  func mistakes(pruning: String, words: String) throws {
    let error = try #require(throws: FormatError.self) { try Self.recipe(pruning) }
    #expect(error.description.contains(words), "\(error)")
    #expect(error.description.contains("line 6"), "\(error)")
  }

  @Test("Claims order variants by any measure, or compare them with a number")
  func claims() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let text = """
      title: T
      data: {glyphs: 8, training-count: 100, test-count: 50}
      seeds: [1]
      model: {perceptron: {widths: [12]}}
      training: {epochs: 1, batch: 50, learning-rate: 0.1}
      certification: {methods: [product], radii: 3, radius-methods: [crown], radius-attack: none}
      variants:
        - {name: dense}
        - {name: half, pruning: {magnitude: {sparsity: 0.5}}}
        - {name: tenth, pruning: {magnitude: {sparsity: 0.9}}}
      claims:
        - {id: A, statement: S, order: [tenth, half, 0], measure: weight-sparsity, by: 39}
        - {id: B, statement: S, order: [half, tenth], measure: weight-sparsity}
        - {id: C, statement: S, better: dense, than: half, measure: bound}
        - {id: D, statement: S, better: dense, than: -1, measure: vra@0.01}
      """
    let study = try TrainingStudy(text: text, file: "study.yaml")
    let plan = study.plan
    #expect(plan.steps.map(\.name) == ["dense-1", "dense-1-certified", "half-1", "half-1-certified", "tenth-1", "tenth-1-certified"])
    #expect(plan.steps[3].needs == ["half-1"])
    #expect(plan.steps[2].actions[0] == "train 1 epoch on samples as they are, prune by magnitude")
    #expect(!FileManager.default.fileExists(atPath: folder), "a plan does nothing")
    let outcome = try StudyRunner(study, folder: folder).run()
    let report = try #require(outcome.report as? TrainingReport)
    #expect(outcome.done == 6 && outcome.total == 6)
    for step in plan.steps where step.needs.isEmpty {
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(step.folder)/network.onnx"))
    }
    #expect(report.claims.map { report.holds($0) } == [true, false, true, true])
    // The dense training of all three is one and the same.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/phases").count == 1)
    let measurement = try #require(report.variants[1].runs[0].measurement)
    #expect(measurement.bounds.contains { $0.isCertified } && measurement.radii?.samples.count == 3)
    for words in ["What is left", "What is certified"] { #expect(report.html.contains(words) && report.markdown.contains(words)) }
    // A second run reads what there is; another question about the same networks trains none of them.
    let steps = Mutex<[String]>([])
    func started(_ study: TrainingStudy) throws -> [String] {
      steps.withLock { $0 = [] }
      _ = try StudyRunner(
        study, folder: folder,
        observe: { event in
          if case .started(let step, _, _) = event { steps.withLock { $0.append(step) } }
        }
      ).run()
      return steps.withLock { $0 }
    }
    #expect(try started(study).isEmpty)
    let other = try TrainingStudy(text: text.replacing("radii: 3", with: "radii: 2"), file: "study.yaml")
    #expect(try started(other) == ["dense-1-certified", "half-1-certified", "tenth-1-certified"])

    let foreign = "title: T\nmodel: lenet5\ntraining: {epochs: 1, learning-rate: 0.1}\nvariants: [{name: a}]\nclaims:\n"
    #expect(throws: FormatError.self) {
      try TrainingStudy(text: foreign + "- {id: A, statement: S, better: a, than: 1, measure: bound}", file: "study.yaml")
    }
  }
}
