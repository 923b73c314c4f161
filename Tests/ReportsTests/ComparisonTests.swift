import CommandLineSupport
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Testing

@testable import Reports

@Suite("Comparisons of many methods")
struct ComparisonTests {
  /// Eleven rows: an unknown method, methods without bound for several reasons, an unproved one.
  private static func crowd() throws -> BoundReport {
    let names = [
      "product", "lip-lt", "closed-form", "partition", "frequency", "recursion", "compositional", "lipsdp-layer", "lipsdp", "lifted",
      "a-method-of-tomorrow",
    ]
    var estimates = names.enumerated().map { index, name in
      var estimate = Samples.estimate(name, upper: 10 + 3 / Double(index + 1))
      estimate.seconds = 0.001 * Double(index)
      return estimate
    }
    estimates[3] = Samples.estimate("partition", note: "not applicable: the network is no chain of convolutions")
    estimates[4] = Samples.estimate("frequency", note: "not attempted: too large")
    estimates[8] = Samples.estimate("lipsdp", note: "the solver failed")
    estimates[6].isCertified = false
    return try Samples.report(estimates + [Samples.estimate("attained", lower: 5)])
  }

  @Test("Methods without a bound are greyed with the reason, whatever their names")
  func absences() throws {
    let report = try Self.crowd()
    let page = Page(report.html)
    #expect(page.problem == nil)
    let muted = page.elements("tbody").filter { $0.attributes["class"] == "muted" }
    #expect(muted.count == 3)
    for (row, reason) in zip(muted, ["not applicable: the network is no chain", "not attempted: too large", "no bound: the solver failed"])
    {
      #expect(row.text.contains(reason))
      #expect(!row.all.contains { $0.attributes["class"] == "number no" || $0.text == "yes" })
    }
    #expect(page.elements("tbody").filter { $0.attributes["class"] == "best" }.count == 1)
    #expect(page.root?.text.contains("a-method-of-tomorrow") ?? false)
    #expect(page.root?.text.contains("partition, frequency and lipsdp: no upper bound; the table says why.") ?? false)
    #expect(page.root?.text.contains("compositional: the bound did not pass the checker") ?? false)
    let markdown = report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") }
    let rows = markdown.filter { $0.contains("| no bound |") }
    #expect(rows.count == 3 && rows.allSatisfy { $0.filter { $0 == "|" }.count == 12 })
    #expect(report.csv.contains("no bound: the solver failed"))
  }

  @Test("The references of the methods are there, and every method of the program has one")
  func references() throws {
    let page = Page(try Self.crowd().html)
    #expect(page.elements("details").count == 1 && page.elements("summary").count == 1)
    #expect(page.elements("dt").map(\.text).contains("recursion"))
    for name in Estimators.names {
      let facts = try #require(MethodFacts.named(name), "\(name) has no entry")
      #expect(!facts.summary.isEmpty && facts.summary.hasSuffix(".") && facts.reference.hasSuffix("."))
    }
    #expect(MethodFacts.named("a-method-of-tomorrow") == nil)
  }

  @Test("The JSON object keeps its keys, and numbers are rounded outwards")
  func json() throws {
    let report = try Self.crowd()
    let object = try #require(try JSONSerialization.jsonObject(with: Data(report.json.formatted.utf8)) as? [String: Any])
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.count == 12)
    for (result, outcome) in zip(results, report.outcomes) {
      #expect(
        Set(result.keys) == [
          "method", "upper", "lower", "certified", "ratioToBest", "tightness", "seconds", "iterations", "rank", "peakMemoryBytes",
          "stopReason", "note", "absence", "history",
        ])
      if let upper = outcome.estimate.upper {
        let shown = try #require(result["upper"] as? Double)
        #expect(shown >= upper && shown <= upper * (1 + 1e-15))
        #expect(try #require(result["tightness"] as? Double) >= upper / 5)
        #expect((result["absence"] as? String) == nil)
      } else {
        #expect((result["absence"] as? String) == outcome.absence && (outcome.hasVerdict == (outcome.absence != nil)))
      }
    }
  }

  @Test("Histories are thinned, but keep their ends and the steps of the upper side")
  func histories() throws {
    var estimate = Samples.estimate("lifted", upper: 2, lower: 1)
    estimate.history = (0..<5000).map { index in
      .init(iteration: index, lower: 1 - 1 / Double(index + 2), upper: index < 777 ? 4 : 2, seconds: Double(index + 1))
    }
    let thinned = estimate.thinnedHistory
    #expect(thinned.count < 300)
    #expect(thinned.first == estimate.history.first && thinned.last == estimate.history.last)
    #expect(thinned.contains { $0.iteration == 777 })
  }

  @Test("The stepped line joins what nothing beats in both time and tightness", arguments: 1...20)
  func frontier(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let points = (0..<12).map { index in
      TradeOffChart.Point(
        name: "m\(index)", seconds: random.nextUniform(), ratio: 1 + random.nextUniform(), isCertified: index % 4 != 0)
    }
    let chart = try #require(TradeOffChart(points))
    let proved = points.filter(\.isCertified)
    let expected = proved.filter { point in
      !proved.contains { $0.name != point.name && $0.seconds <= point.seconds && $0.ratio <= point.ratio }
    }
    #expect(Set(chart.frontier.map(\.name)) == Set(expected.map(\.name)))
    #expect(chart.frontier.map(\.seconds) == chart.frontier.map(\.seconds).sorted())
    #expect(TradeOffChart(Array(points.prefix(1))) == nil)
  }

  @Test("Names of up to ten points do not lie on each other", arguments: 1...20, [340.0, 900])
  func labels(seed: UInt64, width: Double) {
    var random = SplitMix64(seed: seed)
    let names = [
      "product", "lip-lt", "closed-form", "partition", "frequency", "recursion", "compositional", "lipsdp-layer", "lipsdp", "lifted",
    ]
    let points = names.map { _ in (x: 50 + random.nextUniform() * (width - 70), y: 30 + random.nextUniform() * 260) }
    let places = LabelPlacement.places(for: points, names: names, width: width, top: 0, bottom: 300)
    let boxes = zip(names, places).map { name, place -> (left: Double, right: Double, y: Double) in
      let length = SVGCanvas.textWidth(name)
      let left = place.anchor == .start ? place.x : place.anchor == .end ? place.x - length : place.x - length / 2
      #expect(left >= 0 && left + length <= width && place.y > 0 && place.y <= 300)
      return (left, left + length, place.y)
    }
    for i in boxes.indices {
      for j in boxes.indices where j < i {
        let apart = boxes[i].left >= boxes[j].right || boxes[j].left >= boxes[i].right || abs(boxes[i].y - boxes[j].y) >= 13.99
        #expect(apart, "\(names[i]) lies on \(names[j])")
      }
    }
  }

  @Test("Units that never switch are counted as what they are")
  func activity() throws {
    // Unit 0 is far on the right of its kink, unit 1 far on the left, unit 2 at it; the units of the second node see only these.
    var network = Network()
    let input = network.addInput(name: "x", shape: [1, 2])
    let weight = Matrix<Double>(rows: 3, columns: 2, elements: [0.1, 0, 0.1, 0, 1, 1])
    var node = try network.add(.dense(weight: weight, bias: [100, -100, 0]), name: "dense", to: [input])
    node = try network.add(.activation(.relu), name: "first", to: [node])
    let next = Matrix<Double>(rows: 2, columns: 3, elements: [-1, 0, 0, 0, 0, 1])
    node = try network.add(.dense(weight: next, bias: [0, -1]), name: "second", to: [node])
    node = try network.add(.activation(.clip(lower: -1, upper: 1)), name: "last", to: [node])
    try network.setOutputs([node])
    let facts = ActivityFact.facts(of: try network.lowered(), seed: 5)
    #expect(facts.map(\.count) == [3, 2])
    #expect(facts[0].linear == 1 && facts[0].inactive == 1 && facts[0].switching == 1)
    // The clip is flat at about -100; at the other unit the slope changes.
    #expect(facts[1].inactive == 1 && facts[1].switching == 1)
    #expect(ActivityFact.facts(of: try network.lowered(), seed: 5, limit: 10).isEmpty)
    #expect(ActivityChart([]) == nil)
  }

  @Test("Only methods that move have a course; one alone has its band, several have colours")
  func courses() throws {
    func moving(_ name: String) -> LipschitzEstimate {
      var estimate = Samples.estimate(name, upper: 2, lower: 1.9)
      estimate.history = (1...5).map {
        .init(iteration: $0, lower: 1.9 - 1 / Double($0), upper: 2 + 1 / Double($0), seconds: Double($0) / 10)
      }
      return estimate
    }
    var still = Samples.estimate("lipsdp", upper: 2)
    still.history = [.init(iteration: 3, lower: 0, upper: 2, seconds: 1), .init(iteration: 3, lower: 0, upper: 2, seconds: 1)]
    #expect(ConvergenceChart([still], attained: nil, unit: "") == nil)
    let one = try #require(ConvergenceChart([still, moving("lifted")], attained: 1, unit: "u"))
    #expect(one.title == "Convergence of lifted" && one.markup.contains("class=\"band\""))
    let two = try #require(ConvergenceChart([moving("recursion"), moving("lifted")], attained: 1, unit: "u"))
    #expect(two.courses.map(\.method) == ["recursion", "lifted"] && two.markup.contains("course-2-line dotted"))
  }

  /// A certified bound below a gain that is attained stops everything; a bound that is not certified, or equal to the gain, does not.
  @Test func contradictions() throws {
    let attained = Samples.estimate("attained", lower: 3)
    func report(_ upper: Double, isCertified: Bool = true) throws -> BoundReport {
      try Samples.report([
        Samples.estimate("product", upper: 9), Samples.estimate("lifted", upper: upper, isCertified: isCertified), attained,
      ])
    }
    try report(3).requireConsistency()
    try report(2, isCertified: false).requireConsistency()
    try Samples.report([Samples.estimate("lifted", upper: 2)]).requireConsistency()
    for bound in [2, 3.0.nextDown, -1, .nan] as [Double] {
      let error = try #require(throws: Contradiction.self) { try report(bound).requireConsistency() }
      #expect(error.bounds.map(\.method) == ["lifted"] && error.attained == 3)
      #expect(error.description.contains("net.onnx: STOP: lifted certifies") && !error.description.contains("product"))
    }
  }
}
