import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Testing

@testable import Reports

@Suite("The page")
struct HTMLTests {
  static func cases() throws -> [(name: String, report: BoundReport)] {
    [
      ("computed", try Samples.computed()), ("computed, l-infinity", try Samples.computed(norm: .lInfinity)),
      ("empty", try Samples.report([])),
      ("attained only", try Samples.report([Samples.estimate("attained", lower: 2)])),
      ("one method", try Samples.report([Samples.estimate("product", upper: 3)])),
      (
        "unproved",
        try Samples.report([
          Samples.estimate("lifted", upper: 3, lower: 2.5, isCertified: false, note: "the proof failed"),
          Samples.estimate("attained", lower: 2),
        ])
      ),
      ("no bound", try Samples.report([Samples.estimate("lifted", lower: 2.5, note: "too large"), Samples.estimate("product")])),
      ("constant", try Samples.report([Samples.estimate("product", upper: 0), Samples.estimate("attained", lower: 0)])),
      ("huge", try Samples.report([Samples.estimate("product", upper: 1e300), Samples.estimate("closed-form", upper: .infinity)])),
      ("hostile", try Samples.report([Samples.estimate("product", upper: 3, note: Samples.hostile)], path: "dir/" + Samples.hostile)),
    ]
  }

  @Test("Every page is well-formed XML, has unique ids, and loads nothing")
  func isSelfContained() throws {
    for (name, report) in try Self.cases() {
      let html = report.html
      let page = Page(html)
      page.expectSelfContained(name)
      for element in page.root?.all ?? [] {
        for key in ["src", "href", "xlink:href", "style", "onload", "onclick"] {
          #expect(element.attributes[key] == nil, "\(name): \(key)")
        }
      }
      if name != "hostile" {
        for reference in ["http", "//", "src=", "url(", "@import"] { #expect(!html.contains(reference), "\(name): \(reference)") }
      }
    }
  }

  @Test("Drawings have titles and descriptions, headers have scopes")
  func isAccessible() throws {
    let page = Page(try Samples.computed().html)
    let drawings = page.elements("svg")
    // Each for wide and for narrow windows.
    #expect(drawings.count == 2 * page.elements("figure").count)
    for figure in ["bounds", "trade-off", "convergence", "layers", "multipliers", "activity"] {
      #expect(page.elements("figure").contains { $0.attributes["id"] == figure }, "\(figure)")
    }
    for drawing in drawings {
      #expect(drawing.attributes["role"] == "img")
      let names = (drawing.attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
      for (name, kind) in zip(names, ["title", "desc"]) {
        let element = try #require(drawing.children.first { $0.attributes["id"] == name })
        #expect(element.name == kind)
        #expect(!element.text.isEmpty)
      }
      #expect(names.count == 2)
      #expect(!drawing.text.contains("nan") && !drawing.text.contains("inf"))
    }
    for header in page.elements("th") { #expect(["row", "col"].contains(header.attributes["scope"])) }
    #expect(page.elements("html").first?.attributes["lang"] == "en")
  }

  @Test("No number shown for an upper bound is below it, and no lower one above")
  func roundsOutwards() throws {
    for upper in [1.0 / 3, 17.024_400_1, 2.000_000_000_1, 123_456_789.1, 1e-7 / 3] {
      let estimates = [
        Samples.estimate("product", upper: upper * 1.7), Samples.estimate("lifted", upper: upper, lower: upper * 0.999),
        Samples.estimate("attained", lower: upper * 0.9),
      ]
      var lifted = estimates[1]
      lifted.history = (1...9).map { .init(iteration: $0, lower: upper * 0.9, upper: upper * (1 + 1 / Double($0)), seconds: Double($0)) }
      lifted.history.append(.init(iteration: 10, lower: upper * 0.999, upper: upper, seconds: 10))
      let page = Page(try Samples.report([estimates[0], lifted, estimates[2]]).html)
      let shown = (page.root?.all ?? []).filter { $0.attributes["data-upper-of"] != nil }
      // The table, two drawings of the bars, two of the convergence.
      #expect(shown.count == 8)
      for element in shown {
        let exact = try #require(estimates.first { $0.method == element.attributes["data-upper-of"] }?.upper)
        let number = try #require(element.text.split(separator: " ").compactMap { Double($0) }.first, "\(element.text)")
        #expect(number >= exact && number <= exact * 1.001)
      }
      let headline = try #require(page.elements("p").first?.text.split(separator: " ").last.flatMap { Double($0) })
      #expect(headline >= upper)
    }
  }

  @Test("Proved and unproved bars look different, and the words say which is which")
  func provedAndUnproved() throws {
    let mixed = Page(
      try Samples.report([Samples.estimate("product", upper: 3), Samples.estimate("lifted", upper: 2, isCertified: false)]).html)
    let classes = mixed.elements("rect").compactMap { $0.attributes["class"] }
    #expect(classes.filter { $0 == "proved" }.count == 2 && classes.filter { $0 == "unproved" }.count == 2)
    #expect(mixed.elements("p").first?.text == "Certified: Lipschitz constant at most 3")
    #expect(mixed.root?.text.contains("float32 rounding of the deployed inference is not covered") ?? false)
    let open = Page(try Samples.report([Samples.estimate("lifted", upper: 2, isCertified: false)]).html)
    #expect(open.elements("p").first?.text.hasPrefix("Not certified") ?? false)
    #expect(open.elements("div").first?.attributes["class"] == "verdict open")
  }

  @Test("Hostile names are text everywhere")
  func escapes() throws {
    var report = try Samples.computed()
    report.model.path = Samples.hostile.replacingOccurrences(of: "/", with: "")
    report.outcomes[0].estimate.note = Samples.hostile
    for index in report.linearMaps.indices { report.linearMaps[index].label = Samples.hostile }
    for index in report.outcomes.indices {
      for node in report.outcomes[index].estimate.certificate?.nodes.indices ?? 0..<0 {
        report.outcomes[index].estimate.certificate?.nodes[node].name = Samples.hostile
      }
    }
    let page = Page(report.html)
    #expect(page.problem == nil)
    #expect(page.elements("script").isEmpty)
    #expect(page.elements("title").first?.text.contains("<script>") ?? false)
    #expect(!report.html.contains("\u{7}") && !report.html.contains("\u{202E}"))
    let markdown = report.markdown.split(separator: "\n").filter { !$0.hasPrefix("    ") }
    #expect(!markdown.contains { $0.contains("<script") || $0.replacingOccurrences(of: "\\]", with: "").contains("](http") })
    // A pipe in a name does not make a column.
    for line in markdown where line.hasPrefix("|") && line.contains("script") {
      let pipes = line.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
      #expect([3, 6, 9, 12].contains(pipes), "\(line)")
    }
  }

  @Test("Command lines quote what a shell would act on")
  func quotes() {
    #expect(ModelFacts.quoted("net.onnx") == "net.onnx")
    #expect(ModelFacts.quoted("my net.onnx") == "'my net.onnx'")
    #expect(ModelFacts.quoted("it's; rm -rf") == "'it'\\''s; rm -rf'")
    #expect(ModelFacts.quoted("") == "''")
  }
}
