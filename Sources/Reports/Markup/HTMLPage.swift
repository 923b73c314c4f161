import Lipschitz

/// The frame of every page: one file that needs nothing else - no network, no scripts, drawings inline.
enum HTMLPage {
  /// The whole page around the parts of its body; empty parts are left out.
  static func document(title: String, version: String, main: [String]) -> String {
    let head = [
      Markup.empty("meta", ["charset": "utf-8"]),
      Markup.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      Markup.empty("meta", ["name": "generator", "content": "lipcert \(version)"]),
      Markup.text("title", title),
      Markup.element("style", StyleSheet.text),
    ]
    let body = Markup.element("main", "\n" + main.filter { !$0.isEmpty }.joined(separator: "\n") + "\n")
    return "<!DOCTYPE html>\n"
      + Markup.element(
        "html", ["lang": "en"],
        "\n" + Markup.element("head", "\n" + head.joined(separator: "\n") + "\n") + "\n" + Markup.element("body", "\n" + body + "\n") + "\n"
      )
      + "\n"
  }

  /// The verdict in large letters and what it means.
  static func verdict(_ headline: String, _ meaning: String, isOpen: Bool) -> String {
    Markup.element(
      "div", ["class": isOpen ? "verdict open" : "verdict"],
      Markup.text("p", ["class": "headline"], headline) + Markup.text("p", meaning))
  }

  /// A part with a title; nothing when it has no content.
  static func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : Markup.element("section", "\n" + Markup.text("h2", title) + "\n" + content + "\n")
  }

  /// Paragraphs of text.
  static func paragraphs(_ texts: [String]) -> String { texts.map { Markup.text("p", $0) }.joined(separator: "\n") }

  /// A part that opens when its title is chosen; open on paper.
  static func folded(_ title: String, _ content: String) -> String {
    Markup.element("details", Markup.text("summary", title) + "\n" + content) + "\n"
  }

  /// What methods do and whose ideas they are, folded; nothing when nothing is known of them.
  static func sources(_ methods: [String]) -> String {
    let items = methods.compactMap(MethodFacts.named).map { facts in
      Markup.text("dt", facts.method) + Markup.element("dd", Markup.escape(facts.summary) + " " + Markup.text("cite", facts.reference))
    }
    return items.isEmpty ? "" : folded("What the methods do, and where they come from", Markup.element("dl", items.joined(separator: "\n")))
  }

  /// A list.
  static func bullets(_ items: [String]) -> String {
    items.isEmpty ? "" : Markup.element("ul", items.map { Markup.text("li", $0) }.joined(separator: "\n"))
  }

  /// Names and their values.
  static func facts(_ rows: [(name: String, value: String)]) -> String {
    let rows = rows.map { name, value in
      Markup.element("tr", Markup.text("th", ["scope": "row"], name) + Markup.text("td", value))
    }
    return Markup.element("table", ["class": "provenance"], Markup.element("tbody", rows.joined(separator: "\n")))
  }
}
