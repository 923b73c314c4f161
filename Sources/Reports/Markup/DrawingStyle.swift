import Foundation

/// The look of drawings, as rules for the classes of their elements: for pages, and for drawings that are files of their own.
enum DrawingStyle {
  /// Some classes and what they look like.
  private struct Rule {
    var classes: [String]
    var declarations: String

    init(_ classes: String, _ declarations: String) {
      self.classes = classes.split(separator: " ").map(String.init)
      self.declarations = declarations
    }
  }

  private static let textDeclarations = "fill: var(--ink);"

  /// Where two rules say something of one element, the later one decides.
  private static let rules: [Rule] = {
    var rules = [
      Rule("tick axis-title", "fill: var(--muted); font-size: 12px;"),
      Rule("value", "font-weight: 600; font-variant-numeric: tabular-nums;"),
      Rule("halo", "paint-order: stroke; stroke: var(--bg); stroke-width: 4px; stroke-linejoin: round;"),
      Rule("grid", "stroke: var(--grid);"), Rule("axis", "stroke: var(--muted);"),
      Rule("proved", "fill: var(--proved);"),
      Rule("unproved", "fill: none; stroke: var(--unproved); stroke-width: 1.6; stroke-dasharray: 4 3;"),
      Rule("attained", "stroke: var(--attained); stroke-width: 1.8; stroke-dasharray: 6 4;"),
      Rule("attained-text", "fill: var(--attained);"),
      Rule("attack-line", "fill: none; stroke: var(--attained); stroke-width: 1.8; stroke-dasharray: 6 4;"),
      Rule("histogram-sample", "stroke: var(--proved); stroke-width: 9;"),
      Rule("scatter-dot", "fill: var(--proved); fill-opacity: 0.6;"),
      Rule("band", "fill: var(--band);"), Rule("card", "fill: var(--card);"), Rule("note", "fill: var(--muted); font-size: 12px;"),
      Rule("upper-line lower-line", "fill: none; stroke-width: 2; stroke-linejoin: round;"),
      Rule("upper-line", "stroke: var(--proved);"), Rule("upper-dot upper-text", "fill: var(--proved);"),
      Rule("lower-line", "stroke: var(--lower);"), Rule("lower-dot lower-text", "fill: var(--lower);"),
      Rule("stem", "stroke: var(--proved); stroke-width: 2;"),
      Rule("estimate-dot", "fill: var(--bg); stroke: var(--proved); stroke-width: 2;"),
      Rule("whisker", "stroke: var(--muted); stroke-width: 1.4;"),
      Rule("box", "fill: var(--band); stroke: var(--proved); stroke-width: 1.2;"),
      Rule("range", "stroke: var(--rule); stroke-width: 1;"),
    ]
    for (index, colour) in ["proved", "lower", "unproved", "attained"].enumerated() {
      rules.append(Rule("mark-\(index + 1)", "fill: var(--\(colour)); stroke: var(--\(colour)); stroke-width: 1.5;"))
    }
    rules += [
      Rule("hollow", "fill: var(--bg);"), Rule("frontier", "fill: none; stroke: var(--proved); stroke-width: 1.6; stroke-opacity: 0.55;"),
    ]
    for (index, colour) in ["proved", "lower", "violet", "unproved", "ink", "muted"].enumerated() {
      let course = "course-\(index + 1)"
      rules += [
        Rule("\(course)-line", "fill: none; stroke: var(--\(colour)); stroke-width: 2; stroke-linejoin: round;"),
        Rule("\(course)-dot \(course)-text", "fill: var(--\(colour));"),
        Rule("\(course)-band", "fill: var(--\(colour)); fill-opacity: 0.1;"),
      ]
    }
    rules += [
      Rule("dotted", "stroke-dasharray: 1.5 4; stroke-linecap: round;"), Rule("dashed", "stroke-dasharray: 6 4; stroke-opacity: 0.75;"),
      Rule("heat", "fill: var(--proved);"),
    ]
    rules += (0...10).map { Rule("heat-\($0)", "fill-opacity: \(Double($0) / 10);") }
    return rules + [
      Rule("cell", "fill: none; stroke: var(--rule);"), Rule("absent", "fill: var(--grid);"), Rule("on-full", "fill: var(--bg);"),
      Rule("on-half", "fill: var(--half);"), Rule("small", "font-size: 10px;"),
      Rule("share-1", "fill: var(--proved);"), Rule("share-2", "fill: var(--lower);"), Rule("share-3", "fill: var(--idle);"),
      Rule("median", "stroke: var(--proved); stroke-width: 3;"), Rule("pixels", "image-rendering: pixelated;"),
    ]
  }()

  /// The rules for the drawings of a page, which names the colours.
  static let page =
    (["svg text { \(textDeclarations) }"]
    + rules.map { rule in
      rule.classes.map { "svg .\($0)" }.joined(separator: ", ") + " { \(rule.declarations) }"
    }).joined(separator: "\n")

  /// The rules that a drawing of its own needs, with its paper, light and dark.
  ///
  /// The colours stand in the rules themselves, because not every program that shows drawings knows custom properties.
  ///
  /// - Parameter classes: those that occur in the drawing.
  static func file(classes: Set<String>) -> String {
    var lines: [(selector: String, declarations: String)] = [(".paper", "fill: var(--bg);"), ("text", textDeclarations)]
    for rule in Self.rules {
      let used = rule.classes.filter(classes.contains)
      if !used.isEmpty { lines.append((used.map { "." + $0 }.joined(separator: ", "), rule.declarations)) }
    }
    func rules(_ lines: [(selector: String, declarations: String)], _ scheme: Palette.Scheme) -> String {
      lines.map { "\($0.selector) { \(Palette.resolved($0.declarations, scheme)) }" }.joined(separator: "\n")
    }
    // On dark screens only colours differ: what names none is said once.
    let coloured = lines.map { line in
      let kept = line.declarations.split(separator: ";").filter { $0.contains("var(") }
      return (selector: line.selector, declarations: kept.map { $0.trimmingCharacters(in: .whitespaces) + ";" }.joined(separator: " "))
    }.filter { !$0.declarations.isEmpty }
    return """
      svg { font: 13px \(fonts); }
      \(rules(lines, .light))
      @media (prefers-color-scheme: dark) {
      \(rules(coloured, .dark))
      }
      """
  }

  /// The letters of pages and drawings.
  static let fonts = #"system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif"#
}
