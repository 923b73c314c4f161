import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Testing

@testable import Reports

@Suite("The overview of a study")
struct StudyReportTests {
  /// A summary as it is read back from a report's JSON.
  private static func summary(_ report: BoundReport) throws -> ComparisonSummary {
    try ComparisonSummary(json: Data(report.json.formatted.utf8))
  }

  private static func study(_ comparisons: [StudyReport.Comparison], title: String = "A study") -> StudyReport {
    StudyReport(
      title: title, summary: "What it is about.", file: "study.yaml", sha256: "00", settings: [("Tolerance", "0.001")],
      comparisons: comparisons, machine: Samples.machine)
  }

  static func sample() throws -> StudyReport {
    let mixed = try Samples.report([
      Samples.estimate("product", upper: 3), Samples.estimate("of-yesterday", note: "not applicable: no convolutions"),
      Samples.estimate("lifted", upper: 1.0 / 3, lower: 0.3), Samples.estimate("of-tomorrow", upper: 0.5, isCertified: false),
      Samples.estimate("attained", lower: 0.1),
    ])
    return study([
      .init(id: "computed", title: "A small network", folder: "models/computed", summary: try summary(Samples.computed())),
      .init(id: "mixed", title: "mixed", folder: "models/mixed", summary: try summary(mixed)),
      .init(id: "open", title: "Another", folder: "models/open", summary: nil, absence: "not run: interrupted"),
    ])
  }

  @Test("What is read back is what was written, rounded outwards")
  func roundTrip() throws {
    for report in [try Samples.computed(), try Samples.computed(norm: .lInfinity)] {
      let summary = try Self.summary(report)
      #expect(summary.results.map(\.method) == report.outcomes.map(\.estimate.method))
      for (result, outcome) in zip(summary.results, report.outcomes) {
        #expect(result.certified == outcome.estimate.isCertified)
        #expect((result.upper == nil) == (outcome.estimate.upper == nil))
        if let read = result.upper, let upper = outcome.estimate.upper { #expect(read >= upper && read <= upper * (1 + 1e-15)) }
        if let read = result.lower, let lower = outcome.estimate.lower { #expect(read <= lower && read >= lower * (1 - 1e-15)) }
      }
      #expect(summary.best?.method == report.best?.method)
      #expect(summary.certificate?.checked == true)
    }
    #expect(throws: DecodingError.self) { try ComparisonSummary(json: Data("{}".utf8)) }
  }

  @Test("The page is well-formed, loads nothing, and links only to folders beside it")
  func page() throws {
    for study in [try Self.sample(), Self.study([])] {
      let page = Page(study.html)
      #expect(page.problem == nil)
      let elements = page.root?.all ?? []
      let ids = elements.compactMap { $0.attributes["id"] }
      #expect(Set(ids).count == ids.count)
      for element in elements {
        #expect(!["script", "link", "img", "iframe", "object", "use", "image"].contains(element.name))
        if let target = element.attributes["href"] { #expect(element.name == "a" && target.hasPrefix("models/")) }
      }
      for reference in ["http", "//", "src=", "url(", "@import"] { #expect(!study.html.contains(reference), "\(reference)") }
    }
    let text = try #require(Page(try Self.sample().html).root?.text)
    #expect(text.contains("2 of 3 comparisons with a certified bound; 1 not run"))
    #expect(text.contains("mixed, of-yesterday: not applicable: no convolutions"))
    #expect(text.contains("not run: interrupted"))
    #expect(text.contains("of-tomorrow"))
  }

  @Test("Bounds are shown rounded up, attained gains down, and the best one of a row stands out")
  func rounding() throws {
    let study = try Self.sample()
    let shown = (Page(study.html).root?.all ?? []).filter { $0.attributes["data-upper-of"] != nil }
    var count = 0
    for (comparison, summary) in study.done {
      for result in summary.results {
        guard let upper = result.upper else { continue }
        for element in shown where element.attributes["data-upper-of"] == "\(comparison.id)/\(result.method)" {
          let number = try #require(element.text.split(separator: " ").first.flatMap { Double($0) })
          #expect(number >= upper && number <= upper * 1.001)
          #expect((element.attributes["class"]?.contains("top") ?? false) == (result.certified && result.upper == summary.best?.upper))
          count += 1
        }
      }
    }
    #expect(count >= 8)
    let mixed = try #require(study.done.last)
    #expect(mixed.summary.best?.method == "lifted")
    #expect(try #require(mixed.summary.ratio(mixed.summary.results[0])) >= 9)
  }

  @Test("The records of methods count what was tried, bounded and won")
  func records() throws {
    let records = Dictionary(uniqueKeysWithValues: try Self.sample().records.map { ($0.method, $0) })
    let absent = try #require(records["of-yesterday"])
    #expect(absent.tried == 1 && absent.bounded == 0 && absent.meanRatio == nil)
    let product = try #require(records["product"])
    #expect(product.tried == 2 && product.bounded == 2 && product.wins == 0)
    #expect(abs(log(try #require(product.meanRatio)) - product.ratios.map { log($0) }.reduce(0, +) / 2) < 1e-12)
    #expect(records["of-tomorrow"]?.isCertified == false)
    #expect(records["attained"] == nil)
    #expect(records.values.reduce(0) { $0 + $1.wins } >= 2)
  }

  @Test("Text, table and object agree on every method")
  func renderings() throws {
    let study = try Self.sample()
    let rows = study.csv.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
    #expect(rows.count == study.done.reduce(0) { $0 + $1.summary.results.count })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(study.json.formatted.utf8)) as? [String: Any])
    let comparisons = try #require(object["comparisons"] as? [[String: Any]])
    #expect(comparisons.count == 3 && comparisons[2]["absence"] as? String == "not run: interrupted")
    for (comparison, done) in zip(comparisons, study.done) {
      #expect((comparison["results"] as? [[String: Any]])?.count == done.summary.results.count)
      #expect(
        (comparison["certificate"] as? [String: Any])?["path"] as? String
          == done.summary.certificate.map { _ in "models/\(done.comparison.id)/certificate.json" })
    }
    let markdown = study.markdown.components(separatedBy: "\n")
    let table = markdown.filter { $0.hasPrefix("| ") && $0.contains("models/") }
    let width = markdown.first { $0.hasPrefix("| Network | Problem") }?.filter { $0 == "|" }.count
    #expect(table.count == 2 && table.allSatisfy { $0.filter { $0 == "|" }.count == width })
    #expect(study.lines.contains { $0.hasPrefix("mixed") && $0.contains("lifted") })
  }

  @Test("Hostile words stay text")
  func escapes() throws {
    var summary = try Self.summary(Samples.computed())
    summary.results[0].note = Samples.hostile
    summary.results[0].absence = Samples.hostile
    summary.results[0].upper = nil
    let study = Self.study(
      [.init(id: "net", title: Samples.hostile, folder: "models/net", summary: summary)], title: Samples.hostile)
    let page = Page(study.html)
    #expect(page.problem == nil && page.elements("script").isEmpty)
    #expect(!study.markdown.contains("<script"))
    #expect(study.csv.components(separatedBy: "\r\n").filter { !$0.isEmpty }.count == 1 + summary.results.count)
  }
}
