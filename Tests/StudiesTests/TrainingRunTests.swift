import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Reports
import Synchronization
import Testing
import Training

@testable import Studies

@Suite("Runs of training", .serialized)
struct TrainingRunTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  private let text = """
    title: T
    data: {glyphs: 8, training-count: 200, test-count: 50}
    seeds: [1, 2]
    model: {residual: {depth: 8, channels: [2, 3], members: 2, noise: 0.1}}
    training: {epochs: 3, batch: 64, learning-rate: 0.05, adversary: {epsilon: 0.05, steps: 2}}
    evaluation: {epsilon: 0.05, attacks: [fgsm, ifgsm3]}
    variants:
      - {name: ensemble}
      - {name: plain, title: One alone, model: {perceptron: {widths: [8]}}, training: {adversary: none}}
    claims:
      - {id: C1, statement: S, better: ensemble, than: plain, measure: ifgsm3, with-noise: true, by: -100}
      - {id: C2, statement: S, better: plain, than: ensemble, measure: natural, by: 100}
    """

  private func study() throws -> TrainingStudy { try TrainingStudy(text: text, file: "study.yaml") }

  @Test("A study that is ended again and again saves the same networks as an undisturbed one")
  func resumed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let undisturbed = try StudyRunner(study(), folder: folder + "/a").run()
    let whole = try #require(undisturbed.report as? TrainingReport)
    #expect(undisturbed.done == undisturbed.total && whole.variants.map(\.records.count) == [2, 2])
    var ends = 0
    while true {
      // Each time a few more steps; a run asks before every step and every batch of an evaluation.
      let asked = Mutex(0)
      let limit = 3 + 2 * ends
      let runner = StudyRunner(
        try study(), folder: folder + "/b",
        isCancelled: {
          asked.withLock {
            $0 += 1; return $0 > limit
          }
        })
      let outcome = try runner.run()
      if outcome.done == outcome.total {
        let report = try #require(outcome.report as? TrainingReport)
        #expect(report.variants.map { $0.records.map(\.network) } == whole.variants.map { $0.records.map(\.network) })
        #expect(report.variants.map { $0.records.map(\.deployed) } == whole.variants.map { $0.records.map(\.deployed) })
        #expect(report.variants.map { $0.records.map(\.noisy) } == whole.variants.map { $0.records.map(\.noisy) })
        break
      }
      ends += 1
      try #require(ends < 100)
    }
    #expect(ends > 3)

    #expect(whole.holds(whole.claims[0]) == true && whole.holds(whole.claims[1]) == false)
    let seeds = Set(whole.variants[0].records.map(\.network))
    #expect(seeds.count == 2, "another seed is another network")
    for name in ["index.html", "report.md", "results.json", "results.csv"] {
      #expect(FileManager.default.fileExists(atPath: "\(folder)/a/\(name)"))
    }
  }

  @Test("The saved network is the trained one without noise")
  func saved() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = try study().variants[0].recipes[0]
    let run = TrainingRun(recipe, folder: folder)
    let record = try #require(try run.run())
    let network = try ModelFile.read(path: run.networkPath)
    let test = try #require(try recipe.data.loadTest())
    let evaluator = try Evaluator<Double>(network)
    let samples = Matrix(rows: test.count, columns: test.shape.count, elements: test.samples.map(Double.init))
    let outputs = evaluator.forward(samples)
    let right = (0..<test.count).count { index in
      let output = Array(outputs.row(index))
      return output.indices.max { output[$0] < output[$1] } == test.labels[index]
    }
    #expect(record.deployed?.natural == Double(right) / Double(test.count))
    #expect(record.noisy != nil && record.deployed?.attacked.map(\.name) == ["fgsm", "ifgsm3"])

    // A finished run is not run again; one whose recipe is another is.
    let date = try FileManager.default.attributesOfItem(atPath: run.networkPath)[.modificationDate] as? Date
    #expect(try run.run() == record)
    #expect(try FileManager.default.attributesOfItem(atPath: run.networkPath)[.modificationDate] as? Date == date)
    var other = recipe
    other.settings.epochs = 1
    #expect(try TrainingRun(other, folder: folder).run()?.curve.count == 1)
  }

  @Test("A foreign file in the place of a checkpoint is not overwritten")
  func foreign() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = try study().variants[0].recipes[0]
    let asked = Mutex(0)
    let run = TrainingRun(recipe, folder: folder) {
      asked.withLock {
        $0 += 1; return $0 > 2
      }
    }
    #expect(try run.run() == nil)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder + "/phases").first)
    let bytes = Data("something else".utf8)
    try bytes.write(to: URL(fileURLWithPath: "\(folder)/phases/\(name)"))
    #expect(throws: TrainingError.self) { try TrainingRun(recipe, folder: folder).run() }
    #expect(FileManager.default.contents(atPath: "\(folder)/phases/\(name)") == bytes)
  }

  @Test("What several variants have in common is trained once")
  func shared() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recipe = try study().variants[1].recipes[0]
    let first = try #require(try TrainingRun(recipe, folder: folder + "/a", phases: folder + "/phases").run())
    var steps = 0
    let second = try TrainingRun(recipe, folder: folder + "/b", phases: folder + "/phases").run {
      if case .training = $0 { steps += 1 }
    }
    #expect(second?.network == first.network && steps == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/phases").count == 1)
  }
}
