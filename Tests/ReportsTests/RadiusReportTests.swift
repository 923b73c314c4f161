import Certificates
import CommandLineSupport
import Foundation
import LinearAlgebra
import Networks
import Robustness
import Testing

@testable import Reports

/// Runs over inputs that never happened.
enum RadiusSamples {
  static func record(
    _ index: Int, certified: [(String, Double)] = [], attacked: Double? = nil, answer: Int? = nil, rival: Int? = 1, input: [Double]? = nil
  ) -> RadiusRecord {
    RadiusRecord(
      index: index, label: index % 10, answer: answer ?? index % 10, margin: answer == nil ? 1.5 : -0.5, norm: .l2,
      certified: certified.map { .init(method: $0.0, radius: $0.1, seconds: 0.01, note: $0.1 == 0 ? "the bound is <negative>" : nil) },
      attack: attacked.map { .init(attack: "best", radius: $0.isFinite ? $0 : nil, rival: rival, seconds: 0.02, input: input) })
  }

  static func report(
    _ records: [RadiusRecord], methods: [String] = ["global", "linear"], attack: String? = "best", radii: [Double] = [],
    inputs: LabelledInputs? = nil, path: String = "net.onnx"
  ) throws -> RadiusReport {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 4, 2], seed: 1)
    let header = RadiusRunHeader(
      model: String(repeating: "ab", count: 32), inputs: String(repeating: "cd", count: 32), inputCount: records.count,
      isSelfLabelled: false, norm: .l2, domain: 0...1, methods: methods, attack: attack, tolerance: 1e-2, timeLimit: nil, seed: 3)
    var report = RadiusReport(
      model: ModelFacts(path: path, sha256: String(repeating: "0f", count: 32), lowered: try network.lowered(), network: network),
      inputsPath: "x.npy", header: header, records: records, radii: radii, inputs: inputs,
      sources: [.init(name: "global", summary: "Margins over <constants>.", reference: "Somebody & others")], seconds: 12,
      machine: Samples.machine)
    report.date = Date(timeIntervalSince1970: 0)
    return report
  }

  /// Many inputs with two methods, some wrong, some without certificate or adversary; every third adversary is kept.
  static func many(_ count: Int = 60, shape: [Int] = [1, 28, 28]) throws -> RadiusReport {
    var random = SplitMix64(seed: 11)
    let size = shape.reduce(1, *)
    let values = Matrix(rows: count, columns: size, elements: (0..<count * size).map { _ in random.nextUniform() })
    let records = (0..<count).map { index -> RadiusRecord in
      if index % 11 == 5 { return record(index, answer: 10, rival: nil) }
      let attacked = exp(-1 + 0.7 * random.nextGaussian())
      let share = random.nextUniform()
      let input = index % 3 == 0 ? values.row(index).map { min(1, $0 + 0.1 * attacked) } : nil
      return record(
        index, certified: [("global", 0.5 * share * attacked), ("linear", index % 7 == 0 ? 0 : share * attacked)],
        attacked: index % 13 == 6 ? .infinity : attacked, input: input)
    }
    return try report(records, inputs: LabelledInputs(inputs: values, labels: nil, shape: shape))
  }
}

@Suite("Reports of radii")
struct RadiusReportTests {
  static func cases() throws -> [(name: String, report: RadiusReport)] {
    [
      ("empty", try RadiusSamples.report([])),
      ("one", try RadiusSamples.report([RadiusSamples.record(0, certified: [("global", 0.1), ("linear", 0.2)], attacked: 0.4)])),
      ("no attack", try RadiusSamples.report([RadiusSamples.record(0, certified: [("global", 0.1)])], methods: ["global"], attack: nil)),
      ("all wrong", try RadiusSamples.report([RadiusSamples.record(0, answer: 3), RadiusSamples.record(1, answer: 3)])),
      (
        "nothing proved",
        try RadiusSamples.report((0..<5).map { RadiusSamples.record($0, certified: [("global", 0), ("linear", 0)], attacked: 0.3) })
      ),
      (
        "contradiction",
        try RadiusSamples.report((0..<3).map { RadiusSamples.record($0, certified: [("global", 0.5), ("linear", 0)], attacked: 0.3) })
      ),
      ("unreached", try RadiusSamples.report([RadiusSamples.record(0, certified: [("global", 0.5), ("linear", 1)], attacked: .infinity)])),
      (
        "extreme",
        try RadiusSamples.report([
          RadiusSamples.record(0, certified: [("global", 1e-300), ("linear", 1e-12)], attacked: 1e300),
          RadiusSamples.record(1, certified: [("global", 1), ("linear", 2)], attacked: 3),
        ])
      ),
      ("hostile", try RadiusSamples.report([RadiusSamples.record(0, certified: [("global", 1)], attacked: 2)], path: Samples.hostile)),
      ("many", try RadiusSamples.many()),
    ]
  }

  @Test("Every page is well-formed XML, has unique ids and described drawings, and loads nothing")
  func pages() throws {
    for (name, report) in try Self.cases() {
      let page = Page(report.html)
      page.expectSelfContained(name, allowing: ["image"])
      for element in page.root?.all ?? [] {
        for key in ["src", "style", "onload"] { #expect(element.attributes[key] == nil, "\(name): \(key)") }
        // Pictures are in the page itself.
        if let source = element.attributes["href"] {
          let isPicture = element.name == "image" && source.hasPrefix("data:image/png;base64,")
          #expect(isPicture, "\(name)")
        }
      }
      for drawing in page.elements("svg") { #expect(!drawing.text.contains("nan") && !drawing.text.contains("inf"), "\(name)") }
      for shape in ["polyline", "polygon"] {
        for element in page.elements(shape) {
          #expect(
            element.attributes["points"]?.contains("nan") == false && element.attributes["points"]?.contains("inf") == false, "\(name)")
        }
      }
    }
  }

  @Test("A contradiction is what the page says first")
  func contradiction() throws {
    let report = try #require(try Self.cases().first { $0.name == "contradiction" }).report
    #expect(report.conclusion.hasPrefix("Contradiction: 3 inputs"))
    #expect(report.html.contains("verdict open") && report.markdown.contains("Inputs with a contradiction"))
    #expect(try !RadiusSamples.many().isOpen)
  }

  @Test("JSON is JSON, with a result for each input and accuracies counted anew")
  func json() throws {
    for (name, report) in try Self.cases() {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(report.json.formatted.utf8)) as? [String: Any], "\(name)")
      let results = try #require(object["results"] as? [[String: Any]])
      #expect(results.count == report.records.count)
      for accuracy in try #require(object["accuracies"] as? [[String: Any]]) {
        let radius = try #require(accuracy["radius"] as? Double)
        let passing = report.records.count { $0.isCorrect && $0.certified.contains { $0.radius >= radius } }
        #expect(accuracy["certified"] as? Double == Double(passing) / Double(report.records.count), "\(name)")
      }
    }
  }

  @Test("CSV has a line for each input, radii rounded to the safe side")
  func csv() throws {
    for (name, report) in try Self.cases() {
      let records = try CSVReader.records(report.csv)
      #expect(records.count == report.records.count + 1, "\(name)")
      #expect(records.allSatisfy { $0.fields.count == records[0].fields.count }, "\(name)")
      let (certified, attacked) = (
        try #require(records[0].fields.firstIndex(of: "certified")), try #require(records[0].fields.firstIndex(of: "attacked"))
      )
      for (line, record) in zip(records.dropFirst(), report.records) {
        #expect(Double(line.fields[certified]) ?? .infinity <= record.radius, "\(name)")
        if let radius = record.attackRadius { #expect(Double(line.fields[attacked]) ?? 0 >= radius, "\(name)") }
      }
    }
  }

  @Test("Markdown: tables with as many cells as titles, the same numbers as the page")
  func markdown() throws {
    for (name, report) in try Self.cases() {
      let rows = report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("|  |") }
      let counts = Set(rows.map { $0.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count })
      let allowed = [3, report.accuracyTitles.count + 1, RadiusReport.methodTitles.count + 1, RadiusReport.inputTitles.count + 1]
      #expect(counts.isSubset(of: Set(allowed)), "\(name): \(counts)")
      for row in report.accuracyRows { for cell in row { #expect(report.html.contains(Markup.escape(cell))) } }
    }
  }

  @Test("Lists of inputs: gaps by ratio, fragile ones by distance, wrong answers in neither")
  func remarkable() throws {
    let report = try RadiusSamples.many(200)
    let ratios = report.largestGaps.map { $0.radius / ($0.attack?.radius ?? .nan) }
    #expect(ratios.count == RadiusReport.remarkableCount && ratios == ratios.sorted())
    let distances = report.mostFragile.map { $0.attack?.radius ?? .nan }
    #expect(distances == distances.sorted())
    let least = report.records.filter(\.isCorrect).compactMap { $0.attack?.radius }.min()
    #expect(distances.first == least)
    #expect((report.largestGaps + report.mostFragile).allSatisfy { $0.isCorrect })
  }

  @Test("Step lines fall from corner to corner and never rise; intervals of a histogram count everything once")
  func drawings() throws {
    let report = try RadiusSamples.many(150)
    let chart = try #require(RadiusCurveChart(report.summary, unit: "x"))
    for width in [900.0, 340] {
      let svg = Page(chart.draw(width: width).markup(id: "a", class: "b", title: "t", description: "d"))
      for line in svg.elements("polyline") where line.attributes["points"]?.split(separator: " ").count ?? 0 > 2 {
        let points = line.attributes["points"]?.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } } ?? []
        #expect(zip(points, points.dropFirst()).allSatisfy { $0[0] <= $1[0] && $0[1] <= $1[1] })
        #expect(points.allSatisfy { (0...width).contains($0[0]) })
      }
    }
    let values = (0...100).map { Double($0) / 100 }
    let histogram = try #require(
      HistogramChart(id: "h", title: "", unit: "", advice: "", bars: .init(name: "", values: values), range: 0...1, isLogarithmic: false))
    #expect(histogram.counts(values).reduce(0, +) == 101)
    #expect(HistogramChart(id: "h", title: "", unit: "", advice: "", bars: .init(name: "", values: [0]), isLogarithmic: true) == nil)
  }

  @Test(
    "Pixels: every value in its place, and what a decoder reads from the file",
    arguments: [[1, 5, 7], [3, 5, 7], [5, 7, 3], [1, 3, 6, 5]])
  func pixels(shape: [Int]) throws {
    let layout = try #require(InputPicture(shape: shape))
    let values = (0..<layout.count).map { Double($0) / Double(layout.count - 1) }
    let image = layout.image(values, range: 0...1)
    #expect(image.width == layout.width && image.height == layout.height && image.isGrey == (layout.channels == 1))
    for row in 0..<layout.height {
      for column in 0..<layout.width {
        for channel in 0..<layout.channels {
          let index =
            layout.isInterleaved
            ? (row * layout.width + column) * layout.channels + channel : (channel * layout.height + row) * layout.width + column
          let byte = image.bytes[(row * layout.width + column) * layout.channels + channel]
          #expect(byte == UInt8((255 * values[index]).rounded()))
        }
      }
    }
    #expect(try PNGReader.image(image.png) == image)
    #expect(InputPicture(shape: [784])?.height == 28 && InputPicture(shape: [3072])?.channels == 3 && InputPicture(shape: [10]) == nil)
    #expect(layout.image(values.map { _ in .nan }, range: 0...0).bytes.allSatisfy { $0 == 0 })
  }

  @Test("Large images are averaged, and their files have several blocks")
  func largeImages() throws {
    let layout = try #require(InputPicture(shape: [300, 512]))
    let image = layout.image((0..<layout.count).map { Double($0 % 4) / 3 }, range: 0...1)
    #expect(image.width == 128 && image.height == 75 && image.bytes.allSatisfy { $0 == 128 })
    var random = SplitMix64(seed: 5)
    let noise = PixelImage(
      width: 300, height: 200, isGrey: false, bytes: (0..<180_000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    #expect(try PNGReader.image(noise.png) == noise)
  }

  @Test("The folder gets all four files")
  func folder() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let report = try RadiusSamples.many(20, shape: [3, 32, 32])
    try ReportFolder(path: root.path).write(report)
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    #expect(names == ["figures", "index.html", "report.md", "results.csv", "results.json"])
    #expect(Page(try String(contentsOfFile: root.path + "/index.html", encoding: .utf8)).elements("image").count > 12)
  }
}
