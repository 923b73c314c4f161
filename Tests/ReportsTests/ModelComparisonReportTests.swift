import Certificates
import CommandLineSupport
import Compression
import Foundation
import LinearAlgebra
import Networks
import Testing
import Training

@testable import Reports

@Suite("Reports of compared models")
struct ModelComparisonReportTests {
  /// A measurement that was never made; `scale` moves all numbers.
  static func model(_ name: String, scale: Double = 1, seed: UInt64 = 1, proved: Bool = true) throws -> ModelMeasurement {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 4, 2], seed: seed)
    var model = ModelMeasurement(
      name: name, path: "\(name).onnx", sha256: String(repeating: "0f", count: 32), bytes: 1000, inputs: 3, outputs: 2, units: 9,
      size: NetworkSize(network), question: "q")
    for index in model.size.layers.indices { model.size.layers[index].zeroWeights = Int(scale * 3) }
    model.size.nonZeroParameters -= Int(scale * 9)
    model.accuracy = MeasuredAccuracy(
      sampleCount: 4, correct: 3, attacks: [.init(name: "fgsm", norm: .lInfinity, epsilon: 0.1, correct: 2)],
      answers: [0, 1, 1, Int(scale)])
    model.bounds = [
      MeasuredBound(method: "product", upper: 5 * scale, lower: nil, isCertified: proved),
      MeasuredBound(
        method: "lifted", upper: proved ? 4 * scale : nil, lower: 3.9 * scale, isCertified: proved, note: proved ? nil : "not <proved>"),
      MeasuredBound(method: "attained", upper: nil, lower: 3.5 * scale, isCertified: false),
    ]
    model.radii = MeasuredRadii(
      norm: .l2, methods: ["local"], attack: "best",
      samples: (0..<4).map {
        .init(index: $0, label: 0, answer: 0, isCorrect: $0 < 3, certified: $0 < 3 ? 0.1 * scale : 0, attacked: 0.3 * scale)
      })
    model.timings.inference = [.init(batch: 1, secondsPerSample: 2e-5 * scale, repetitions: 9, threads: 2, engine: "layers")]
    model.isComplete = true
    return model
  }

  private static func difference(_ name: String, bound: Double? = 0.2) -> ModelDifference {
    ModelDifference(
      model: name, reference: "dense", norm: .l2, radius: 0.1, domain: nil,
      places: [
        .init(sample: 0, bound: bound, attained: 0.1, note: bound == nil ? "not in time" : nil), .init(sample: 1, bound: 0.3, attained: 0),
      ],
      seconds: 1)
  }

  static func report(_ models: [ModelMeasurement], _ differences: [ModelDifference] = []) -> ModelComparisonReport {
    var report = ModelComparisonReport(
      title: "T", models: models, differences: differences,
      samples: .init(path: "x.npy", name: "x", count: 4, classCount: 2, shape: "3", digest: "d"), settings: [("Attacks", "fgsm")],
      machine: Samples.machine)
    report.date = Date(timeIntervalSince1970: 0)
    return report
  }

  static func cases() throws -> [(name: String, report: ModelComparisonReport)] {
    var bare = try model("bare", seed: 2)
    (bare.accuracy, bare.bounds, bare.radii, bare.isComplete) = (nil, [], nil, false)
    bare.timings = ModelTimings()
    var extreme = try model("extreme", scale: 2)
    extreme.bounds = [MeasuredBound(method: "lifted", upper: .infinity, lower: .nan, isCertified: true)]
    extreme.radii = MeasuredRadii(norm: .lInfinity, methods: ["crown"], attack: nil, samples: [])
    var hostile = report([try model(Samples.hostile), try model("b")], [difference("b")])
    hostile.title = Samples.hostile
    return [
      ("two", report([try model("dense"), try model("sparse", scale: 2)], [difference("sparse")])),
      ("nothing proved", report([try model("dense"), try model("sparse", scale: 2, proved: false)], [difference("sparse", bound: nil)])),
      ("bare", report([try model("dense"), bare])), ("extreme", report([try model("dense"), extreme])), ("empty", report([])),
      ("one", report([try model("dense")])), ("hostile", hostile),
      ("many", report(try (0..<9).map { try model("m\($0)", scale: 1 + 0.3 * Double($0)) })),
    ]
  }

  @Test("Every page is well-formed XML, has unique ids and described drawings, loads nothing, and shows no number that is none")
  func pages() throws {
    for (name, report) in try Self.cases() {
      let page = Page(report.html)
      page.expectSelfContained(name)
      for element in page.root?.all ?? [] {
        for name in ["points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"] {
          guard let number = element.attributes[name] else { continue }
          #expect(!number.contains("nan") && !number.contains("inf"), "\(element.name) \(number)")
        }
      }
      for drawing in page.elements("svg") { #expect(!drawing.text.contains("nan") && !drawing.text.contains(" inf"), "\(name)") }
      #expect(!report.markdown.contains("<script") && !report.markdown.contains("nan %"), "\(name)")
    }
  }

  @Test("JSON is JSON and keeps timings apart; CSV has one number a line")
  func files() throws {
    for (name, report) in try Self.cases() {
      let object = try JSONSerialization.jsonObject(with: Data(report.json.formatted.utf8)) as? [String: Any]
      #expect((object?["models"] as? [Any])?.count == report.models.count, "\(name)")
      var other = report
      for index in other.models.indices { other.models[index].timings.inference = [] }
      other.date = Date()
      let again = try JSONSerialization.jsonObject(with: Data(other.json.formatted.utf8)) as? [String: Any]
      #expect(
        NSDictionary(dictionary: object?.filter { $0.key != "timings" } ?? [:])
          == NSDictionary(dictionary: again?.filter { $0.key != "timings" } ?? [:]), "\(name)")
    }
    let report = Self.report([try Self.model("dense"), try Self.model("sparse", scale: 2)], [Self.difference("sparse")])
    let lines = report.csv.split(separator: "\r\n")
    #expect(lines[0] == "model,group,measure,detail,value,certified")
    #expect(lines.contains("sparse,bound,lifted,,8,true") && lines.contains("sparse,difference,bound,sample 1,0.3,true") == false)
    #expect(lines.contains("sparse,accuracy,natural,,0.75,") && lines.contains("sparse,accuracy,agreement,,0.75,"))
    #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 6 })
  }

  @Test("What is found beyond what is proved is what the report says first")
  func contradictions() throws {
    var model = try Self.model("sparse", scale: 2)
    #expect(Self.report([try Self.model("dense"), model], [Self.difference("sparse")]).contradictions.isEmpty)
    model.bounds[1].upper = 1
    #expect(Self.report([try Self.model("dense"), model]).headline.hasPrefix("Contradiction: sparse: lifted"))
    #expect(Self.report([model], [Self.difference("sparse", bound: 0.05)]).contradictions.count == 2)
    model.bounds = []
    model.radii?.samples[0].certified = 1
    let report = Self.report([try Self.model("dense"), model])
    #expect(report.contradictions == ["sparse: the certified radius of sample 0 reaches an adversary"])
    #expect(report.html.contains("verdict open"))
  }

  @Test("Layers that were removed count as much as layers that are zero")
  func layers() throws {
    let dense = try Self.model("dense", scale: 0)
    var compact = try Self.model("compact", scale: 0)
    compact.size.layers[1].weights = 5
    compact.size.layers[1].zeroWeights = 1
    compact.size.layers[2].name = "other"
    func chart(_ models: [ModelMeasurement]) -> HeatMapChart? {
      Self.report(models).layerCharts.first { $0.id == "layer-weights" } as? HeatMapChart
    }
    let cells = try #require(chart([dense, compact])?.cells)
    #expect(cells.map { $0.map { $0?.share } } == [[0, 0, 0], [0, 0.8, 0]] && cells[1].map { $0?.text } == ["0", "80", "0"])
    compact.size.layers.removeLast()
    #expect(chart([dense, compact])?.cells[1].map { $0?.share } == [0, 0.8, nil])
    #expect(chart([dense, dense]) == nil)
  }
}
