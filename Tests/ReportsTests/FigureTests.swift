import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Testing

@testable import Reports

@Suite("Figures beside Markdown")
struct FigureTests {
  static func targets(_ count: Int) throws -> TargetsReport {
    let model = try Samples.report([]).model
    let rows = (0..<count).map { index in
      TargetsReport.Row(
        target: .output(index), estimate: Samples.estimate("lifted", upper: 2 + Double(index), lower: 1, isCertified: index != 1),
        forward: 9)
    }
    return TargetsReport(
      model: model, inputNorm: .l2, targets: .each, rows: rows, tolerance: 1e-3, seed: 1, seconds: 1, machine: Samples.machine)
  }

  /// One of each kind, and some that have little or something hostile to show.
  private static func cases() throws -> [Case] { try made.get() }

  private typealias Case = (name: String, report: any Report & Sendable, count: Int?)

  /// Made once: some are really computed.
  private static let made = Result { try make() }

  private static func make() throws -> [Case] {
    let hostile = StudyReport(
      title: "t", summary: "", file: "f", sha256: "0", settings: [],
      comparisons: [
        .init(
          id: Samples.hostile, title: "x", folder: "models/x",
          summary: try ComparisonSummary(json: Data(Samples.report([Samples.estimate("product", upper: 3)]).json.formatted.utf8)))
      ], machine: Samples.machine)
    return [
      ("bound", try Samples.computed(), 7), ("study", try StudyReportTests.sample(), 4), ("training", try TrainingSamples.study(), 7),
      ("radius", try RadiusSamples.many(), 6), ("solve", try SolvedSamples.report([SolvedSamples.problem("p", value: 1)]), 1),
      ("targets", try targets(3), 1), ("targets without rows", try targets(0), 0), ("hostile", hostile, nil),
    ] + (try HTMLTests.cases().filter { !$0.name.hasPrefix("computed") }.map { ("bound, \($0.name)", $0.report, nil) })
      + (try ModelComparisonReportTests.cases().map { ("comparison, \($0.name)", $0.report, $0.name == "two" ? 7 : nil) })
      + (try RadiusReportTests.cases().map { ("radius, \($0.name)", $0.report, nil) })
      + (try SolveReportTests.cases().map { ("solve, \($0.name)", $0.report, nil) })
  }

  /// The shapes and texts of a drawing, in order, without title, style and paper.
  private static func content(_ drawing: PageElement) -> [String] {
    drawing.children.filter { !["title", "desc", "style"].contains($0.name) && $0.attributes["class"] != "paper" }.map { element in
      "\(element.name) \(element.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) \(element.text)"
    }
  }

  @Test("A figure is well-formed, described, light and dark, needs nothing, and shows what the page shows")
  func files() throws {
    for (name, report, count) in try Self.cases() {
      let page = Page(report.html)
      let figures = report.figures
      if let count { #expect(figures.count == count, "\(name): \(figures.map(\.name))") }
      #expect(Set(figures.map(\.name)).count == figures.count, "\(name)")
      let drawings = page.elements("svg").filter { $0.attributes["class"] != "narrow" }
      #expect(drawings.count == figures.count, "\(name)")
      for figure in figures {
        let file = Page(figure.svg)
        file.expectSelfContained("\(name), \(figure.name)", allowing: ["image"])
        let root = try #require(file.root)
        #expect(root.name == "svg" && figure.svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" \(Figure.mark)"))
        #expect(root.attributes["role"] == "img" && Double(root.attributes["width"] ?? "") ?? 0 > 300)
        #expect(root.children.first?.text == figure.title || name.contains("hostile"))
        #expect(file.elements("desc").first?.text.isEmpty == false)
        // No program needs to know custom properties, or where the page's style is.
        let style = try #require(file.elements("style").first?.text)
        #expect(style.contains("prefers-color-scheme: dark") && !style.contains("var(") && !style.contains("url("))
        let areInside = file.elements("image").allSatisfy { $0.attributes["href"]?.hasPrefix("data:image/png;base64,") ?? false }
        #expect(areInside, "\(name), \(figure.name)")
        let content = Self.content(root)
        let isShown = drawings.contains { Self.content($0) == content }
        #expect(isShown, "\(name), \(figure.name)")
        #expect(figure.svg.utf8.count < 400_000, "\(name), \(figure.name)")
      }
    }
  }

  @Test("Every class of a drawing that has a look in the page has it in the file, in both colours")
  func styles() throws {
    for (name, report, _) in try Self.cases().prefix(6) {
      for figure in report.figures {
        let style = try #require(Page(figure.svg).elements("style").first?.text)
        let halves = style.components(separatedBy: "@media")
        for element in Page(figure.svg).root?.all ?? [] {
          for part in (element.attributes["class"] ?? "").split(separator: " ") where StyleSheet.text.contains("svg .\(part) ") {
            #expect(halves[0].contains(".\(part) ") || halves[0].contains(".\(part),"), "\(name), \(figure.name): \(part)")
          }
        }
        #expect(halves.count == 2 && halves[0].contains("#1a2028") && halves[1].contains("#e6ebf1"))
      }
    }
  }

  @Test("Markdown shows every figure once, with words, and links only to what is there")
  func links() throws {
    for (name, report, _) in try Self.cases() {
      let root = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
      defer { try? FileManager.default.removeItem(at: root) }
      try ReportFolder(path: root.path).write(report)
      let text = try String(contentsOfFile: root.path + "/report.md", encoding: .utf8)
      let images = text.split(separator: "\n").filter { $0.hasPrefix("![") }
      var paths: [String] = []
      for image in images {
        let parts = image.replacingOccurrences(of: "\\]", with: "").components(separatedBy: "](")
        #expect(parts.count == 2 && parts[0].count > 10 && image.hasSuffix(".svg)"), "\(name): \(image)")
        paths.append(String(parts[parts.count - 1].dropLast()))
      }
      #expect(paths.sorted() == report.figures.map(\.path).sorted(), "\(name)")
      for figure in report.figures {
        #expect(try String(contentsOfFile: root.path + "/" + figure.path, encoding: .utf8) == figure.svg, "\(name)")
      }
      let hasFolder = FileManager.default.fileExists(atPath: root.path + "/figures")
      #expect(hasFolder != report.figures.isEmpty, "\(name)")
    }
  }

  @Test("Figures of an earlier run go, whatever else is in their folder stays")
  func stale() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = ReportFolder(path: root.path)
    func names() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.file("figures"))) ?? []).sorted() }
    try folder.write(try Samples.computed())
    #expect(names().count == 7)
    let own = folder.file("figures/own.svg")
    try Data("<svg xmlns=\"http://www.w3.org/2000/svg\" />".utf8).write(to: URL(fileURLWithPath: own))
    try folder.write(try Samples.report([Samples.estimate("product", upper: 3)]))
    #expect(names() == ["bounds.svg", "own.svg"])
    try FileManager.default.removeItem(atPath: own)
    try folder.write(try Samples.report([]))
    #expect(!FileManager.default.fileExists(atPath: folder.file("figures")))
    // A file in the place of the folder is found before the work.
    try Data().write(to: URL(fileURLWithPath: folder.file("figures")))
    #expect(throws: ReportError.self) { try folder.prepare() }
  }

  @Test("Headings of pages and of Markdown never skip a level")
  func headings() throws {
    for (name, report, _) in try Self.cases() {
      let levels = (Page(report.html).root?.all ?? []).compactMap { ["h1": 1, "h2": 2, "h3": 3, "h4": 4][$0.name] }
      #expect(levels.first == 1 && levels.count { $0 == 1 } == 1, "\(name)")
      for (level, next) in zip(levels, levels.dropFirst()) { #expect(next <= level + 1, "\(name): \(levels)") }
      let marks = report.markdown.split(separator: "\n").filter { $0.hasPrefix("#") }.map { $0.prefix { $0 == "#" }.count }
      for (level, next) in zip(marks, marks.dropFirst()) { #expect(next <= level + 1, "\(name): \(marks)") }
    }
  }

  @Test("Heat maps of training: means of the shares over the seeds, one map for each architecture")
  func layers() throws {
    let maps = try TrainingSamples.study().layerCharts.compactMap { $0 as? HeatMapChart }
    #expect(maps.map(\.rows) == [["Network a", "Network b"], ["Network c"]])
    #expect(maps.map(\.columns) == [["one", "two"], ["dense.weight"]])
    #expect(maps.map { $0.cells.map { $0.map { $0?.text } } } == [[["50", "50"], ["100", "25"]], [["50"]]])
  }

  @Test("The heat map of a study: the best is darkest, ten times the best is white, nothing is grey")
  func ratios() throws {
    let chart = try #require(try StudyReportTests.sample().ratioCharts.first as? HeatMapChart)
    let mixed = try #require(chart.cells.last)
    func cell(_ method: String) throws -> HeatMapChart.Cell? { mixed[try #require(chart.columns.firstIndex(of: method))] }
    #expect(try cell("lifted") == .init(share: 1, text: "best") && cell("of-yesterday") == nil)
    #expect(try cell("product")?.text == "×9.01" && cell("product")?.share ?? 1 < 0.05)
    #expect(try cell("of-tomorrow")?.text == "×1.51?")
  }

  @Test("Ratios of tables that are no report")
  func tables() throws {
    let figure = try #require(
      Figure.ratios(
        name: "families", title: "T", subject: "One cell each", rows: ["a", "b"], methods: ["x", "y"],
        ratios: [[1, nil], [.infinity, 2.5]]))
    #expect(figure.summary == "a: x best, y missing; b: x missing, y ×2.5.")
    #expect(figure.image == "![T. a: x best, y missing; b: x missing, y ×2.5.](figures/families.svg)")
    #expect(Figure.ratios(name: "f", title: "T", subject: "s", rows: ["a"], methods: ["x"], ratios: [[nil]]) == nil)
  }

  @Test("Words round bounds to the side on which they stay true")
  func rounding() throws {
    let third = 1.0 / 3
    let scatter = try #require(
      ScatterChart(
        id: "i", title: "t", caption: "c", names: ["a", "b"], places: [1, 2],
        series: [.init(name: "radius", heights: [2 * third, 0.30038], rounding: .down), .init(name: "share", heights: [2 * third, 1])],
        axes: ("x", "y")))
    #expect(scatter.summary == "a at 1: radius 0.6666, share 0.6667; b at 2: radius 0.3003, share 1.")
    let dots = try #require(
      DotChart(
        id: "i", title: "t", unit: "u", advice: "a", rows: ["a"],
        series: [
          .init(name: "bound", dots: [(third, true)], rounding: .up), .init(name: "found", dots: [(2 * third, true)], rounding: .down),
        ], isLogarithmic: true))
    #expect(dots.summary.contains("bound: 1 value from 0.334 to 0.334") && dots.summary.contains("found: 1 value from 0.666 to 0.666"))
  }

  @Test("Where it is narrow, many names are numbered, and all of them stand below")
  func crowded() throws {
    for count in [10, 11, 19] {
      let names = (0..<count).map { "name\($0)" }
      let chart = try #require(
        ScatterChart(
          id: "i", title: "t", caption: "c", names: names, places: names.indices.map { 1 + Double($0) },
          series: [.init(name: "s", heights: names.indices.map { Double($0 % 3) })], axes: ("x", "y")))
      let canvas = chart.draw(width: 340)
      let drawing = Page(canvas.markup(id: "i", class: "narrow", title: "t", description: "d"))
      let texts = drawing.elements("text").map(\.text)
      for (index, name) in names.enumerated() {
        #expect(texts.contains(count > 10 ? "\(index + 1) \(name)" : name))
        #expect(texts.contains("\(index + 1)") == (count > 10) || count <= 10)
      }
      for text in drawing.elements("text") { #expect(Double(text.attributes["y"] ?? "") ?? .infinity <= canvas.height) }
    }
  }

  @Test("Long words end at a whole entry")
  func words() {
    let summary = (0..<60).map { "method \($0): at most \($0)" }.joined(separator: "; ")
    let figure = Figure(name: "a/b c", title: "T", summary: summary, caption: "", canvas: SVGCanvas(width: 400, height: 9))
    #expect(figure.path == "figures/a-b-c.svg")
    #expect(figure.words.count < 420 && figure.words.hasSuffix("; and so on.") && figure.words.hasPrefix("T. method 0: at most 0; "))
    #expect(HeatMapChart.withoutCommonEnding(["a.weight", "b.c.weight"]) == ["a", "b.c"])
    #expect(HeatMapChart.withoutCommonEnding(["a.weight", "b.bias"]) == ["a.weight", "b.bias"])
    #expect(HeatMapChart.withoutCommonEnding([".weight", "a.weight"]) == [".weight", "a.weight"])
  }
}
