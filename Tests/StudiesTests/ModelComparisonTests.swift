import Certificates
import CommandLineSupport
import Compression
import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Reports
import Robustness
import Synchronization
import Testing
import Training

@testable import Studies

@Suite("Comparisons of models")
struct ModelComparisonTests {
  private let folder: URL
  private let widths = [6, 10, 8, 3]

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A saved chain of dense layers whose weights below a threshold are zero.
  private func model(_ name: String, threshold: Double = 0, widths: [Int]? = nil) throws -> ComparedModel {
    let dense = try NetworkBuilders.multilayerPerceptron(widths: widths ?? self.widths, seed: 5)
    var network = Network()
    for (index, node) in dense.nodes.enumerated() {
      guard !dense.inputs.contains(index) else {
        _ = network.addInput(name: node.name, shape: node.shape)
        continue
      }
      var operation = node.operation
      if case .dense(var weight, let bias) = operation {
        weight.elements = weight.elements.map { abs($0) < threshold ? 0 : $0 }
        operation = .dense(weight: weight, bias: bias)
      }
      _ = try network.add(operation, name: node.name, to: node.inputs)
    }
    try network.setOutputs(dense.outputs)
    let path = folder.appendingPathComponent(name + ".onnx").path
    try ONNXWriter.write(network, path: path)
    return try ComparedModel(path: path)
  }

  private func samples(_ count: Int = 40, width: Int = 6) throws -> Dataset {
    var random = SplitMix64(seed: 3)
    return try Dataset(
      name: "random", shape: .vector(width), samples: (0..<count * width).map { _ in Float(random.nextUniform()) },
      labels: (0..<count).map { $0 % 3 }, classCount: 3)
  }

  private func settings() throws -> ModelComparison.Settings {
    var settings = ModelComparison.Settings()
    settings.attacks = [try #require(try AttackChoice.fastGradientSign.settings(norm: .lInfinity, epsilon: 0.1, domain: 0...1))]
    (settings.radiusCount, settings.differenceCount) = (4, 3)
    settings.inferenceBatches = [1, 16]
    return settings
  }

  private static func argmax(_ values: [Double]) -> Int { values.indices.max { values[$0] < values[$1] } ?? 0 }

  @Test("Sizes are those counted by hand")
  func sizes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (dense, sparse) = (try model("dense"), try model("sparse", threshold: 0.3))
    let comparison = ModelComparison(data: nil)
    let (whole, pruned) = (try comparison.sized(dense), try comparison.sized(sparse))
    let weights = 6 * 10 + 10 * 8 + 8 * 3
    #expect(whole.size.multiplications == weights && pruned.size.multiplications == weights)
    var zeros = 0
    for node in sparse.network.nodes {
      if case .dense(let weight, _) = node.operation { zeros += weight.elements.count { $0 == 0 } }
    }
    #expect(zeros > 20 && zeros < weights && pruned.size.zeroWeights == zeros)
    #expect(pruned.size.nonZeroMultiplications == weights - zeros)
    #expect(whole.bytes == (try Data(contentsOf: URL(fileURLWithPath: dense.path))).count)
    #expect(whole.inputs == 6 && whole.outputs == 3 && whole.units == 18)
    let report = comparison.report(title: "T", [whole, pruned], [])
    #expect(report.share(of: pruned) == Double(whole.size.nonZeroParameters - zeros) / Double(whole.size.nonZeroParameters))
  }

  @Test("Accuracies, answers, bounds, radii and differences agree with what is computed directly")
  func values() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (dense, sparse) = (try model("dense"), try model("sparse", threshold: 0.3))
    let (data, settings) = (try samples(), try settings())
    let comparison = ModelComparison(data: data, settings: settings)
    let (models, differences) = try comparison.run([dense, sparse])
    #expect(models.allSatisfy(\.isComplete) && differences.count == 1)
    let inputs = LabelledInputs(data)
    let evaluators = [try Evaluator<Double>(dense.network), try Evaluator<Double>(sparse.network)]
    let answers = evaluators.map { evaluator in
      let outputs = evaluator.forward(inputs.inputs)
      return (0..<data.count).map { Self.argmax(Array(outputs.row($0))) }
    }
    for (index, subject) in [dense, sparse].enumerated() {
      let own = try #require(models[index].accuracy)
      #expect(own.answers == answers[index] && own.correct == zip(answers[index], data.labels).count { $0 == $1 })
      var evaluation = AccuracyEvaluation()
      evaluation.attacks = settings.attacks
      let direct = try evaluation.run(NetworkClassifier<Float>(subject.network, capacity: 40), on: data)
      #expect(own.attacks.map(\.correct) == direct.attacks.map(\.correct) && own.attacks[0].correct <= own.correct)

      // No slope that a sample shows is above a certified bound, and the one attained is not below any of them.
      let bounds = models[index].bounds
      #expect(bounds.map(\.method) == settings.methods)
      let attained = try #require(models[index].attained)
      var steepest = 0.0
      let outputs = evaluators[index].forward(inputs.inputs)
      for i in 1..<data.count {
        let rise = zip(outputs.row(i), outputs.row(i - 1)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        let run = zip(inputs[i], inputs[i - 1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        steepest = max(steepest, rise / run)
      }
      for bound in bounds where bound.method != "attained" {
        #expect(bound.isCertified && bound.upper ?? 0 >= max(attained, steepest), "\(bound.method)")
      }
      #expect(attained >= steepest * 0.9)

      let radii = try #require(models[index].radii)
      #expect(radii.samples.map(\.index) == [0, 1, 2, 3])
      #expect(radii.samples.map(\.answer) == Array(answers[index].prefix(4)))
      var random = SplitMix64(seed: 9)
      for sample in radii.samples {
        #expect(sample.isCorrect == (sample.answer == sample.label) && (sample.isCorrect || sample.certified == 0))
        if let attacked = sample.attacked { #expect(sample.certified < attacked) }
        guard sample.certified > 0 else { continue }
        for _ in 0..<50 {
          let direction = (0..<6).map { _ in random.nextGaussian() }
          let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let point = zip(inputs[sample.index], direction).map { $0 + 0.999 * sample.certified * $1 / length }
          let output = evaluators[index].forward(Matrix(rows: 1, columns: 6, elements: point)).elements
          #expect(Self.argmax(output) == sample.answer)
        }
      }
      #expect(
        models[index].timings.inference.map { "\($0.engine) \($0.batch)" } == ["layers 1", "layers 16", "evaluator 1", "evaluator 16"])
      #expect(models[index].timings.inference.allSatisfy { $0.secondsPerSample > 0 && $0.repetitions >= 5 })
    }
    let agreement = try #require(models[1].agreement(with: models[0]))
    #expect(agreement.count == zip(answers[0], answers[1]).count { $0 == $1 } && agreement.of == 40)

    #expect(differences[0].places.map(\.sample) == [0, 1, 2] && !differences[0].isContradiction)
    var random = SplitMix64(seed: 21)
    for place in differences[0].places {
      let (bound, attained) = (try #require(place.bound), try #require(place.attained))
      var sampled = 0.0
      for _ in 0..<200 {
        let direction = (0..<6).map { _ in random.nextGaussian() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let point = zip(inputs[place.sample ?? 0], direction).map { $0 + settings.differenceRadius * 0.999 * $1 / length }
        let matrix = Matrix(rows: 1, columns: 6, elements: point)
        sampled = max(
          sampled, zip(evaluators[0].forward(matrix).elements, evaluators[1].forward(matrix).elements).map { abs($0 - $1) }.max() ?? 0)
      }
      #expect(sampled <= bound && attained <= bound && attained > 0.9 * sampled)
    }
    #expect(comparison.report(title: "T", models, differences).contradictions.isEmpty)
  }

  @Test("The same question gives the same answer, which survives a file; another question is told apart")
  func kept() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let subject = try model("sparse", threshold: 0.3)
    let comparison = ModelComparison(data: try samples(), settings: try settings())
    let (first, second) = (try comparison.measure(subject), try comparison.measure(subject))
    #expect(first.untimed == second.untimed)
    let read = try JSONDecoder().decode(ModelMeasurement.self, from: JSONEncoder().encode(first))
    #expect(read == first && comparison.question == first.question)
    var other = try settings()
    other.radiusCount = 5
    #expect(ModelComparison(data: try samples(), settings: other).question != first.question)
    #expect(ModelComparison(data: try samples(39), settings: try settings()).question != first.question)
  }

  @Test("Without samples there are sizes, bounds, and the difference on the box of inputs")
  func withoutData() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = try settings()
    settings.domain = -1...1
    let (dense, sparse) = (try model("dense"), try model("sparse", threshold: 0.3))
    let (models, differences) = try ModelComparison(data: nil, settings: settings).run([dense, sparse])
    #expect(models.allSatisfy { $0.accuracy == nil && $0.radii == nil && $0.best != nil && $0.isComplete })
    let place = try #require(differences.first?.places.first)
    #expect(place.sample == nil && differences[0].radius == nil && differences[0].domain == [-1, 1])
    var random = SplitMix64(seed: 2)
    let points = Matrix(rows: 300, columns: 6, elements: (0..<1800).map { _ in 2 * random.nextUniform() - 1 })
    let (a, b) = (try Evaluator<Double>(dense.network).forward(points), try Evaluator<Double>(sparse.network).forward(points))
    let sampled = zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
    #expect(sampled <= (try #require(place.bound)) && sampled > 0)
    #expect(try #require(place.attained) >= 0.9 * sampled)
  }

  @Test("Models that do not fit each other or the samples are refused in a sentence")
  func mistakes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let dense = try model("dense")
    let comparison = ModelComparison(data: try samples(), settings: try settings())
    let wide = try model("wide", widths: [7, 4, 3])
    let many = try model("many", widths: [6, 4, 5])
    #expect(throws: StudyError("\(wide.path): 7 inputs, but \(dense.path) has 6")) { try comparison.run([dense, wide]) }
    #expect(throws: StudyError("\(many.path): 5 outputs, but \(dense.path) has 3")) { try comparison.run([dense, many]) }
    #expect(throws: StudyError("two models have the same name")) { try comparison.run([dense, dense]) }
    #expect(throws: StudyError.self) { try comparison.measure(wide) }
    #expect(throws: (any Error).self) { try ComparedModel(path: folder.appendingPathComponent("none.onnx").path) }
  }

  @Test("A comparison that is cancelled has what there is, and says so")
  func cancelled() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let subjects = [try model("dense"), try model("sparse", threshold: 0.3)]
    for limit in [0, 2, 8, 40] {
      let asked = Mutex(0)
      let comparison = ModelComparison(data: try samples(), settings: try settings()) {
        asked.withLock {
          $0 += 1
          return $0 > limit
        }
      }
      let (models, _) = try comparison.run(subjects)
      #expect(models.count == 2 && models.allSatisfy { !$0.isComplete && $0.size.weights > 0 })
      let report = comparison.report(title: "T", models, [])
      #expect(!report.isComplete && report.lines.contains { $0.contains("interrupted") })
    }
  }

  @Test("Names tell files apart")
  func names() {
    #expect(ComparedModel.names(for: ["a/dense.onnx", "b/sparse.onnx"]) == ["dense", "sparse"])
    #expect(ComparedModel.names(for: ["a/network.onnx", "b/network.onnx"]) == ["a", "b"])
    #expect(ComparedModel.names(for: ["a/n.onnx", "b/n.onnx", "b/m.onnx"]) == ["a/n", "b/n", "b/m"])
    #expect(ComparedModel.names(for: ["a/n.onnx", "a/n.npz"]) == ["1 a", "2 a"])
  }
}
