/// A drawing that is collected element by element and ends as SVG, in a page or as a file.
///
/// Colours come from classes of ``DrawingStyle``, so that one drawing serves light, dark and paper.
struct SVGCanvas {
  /// Where a text is held.
  enum Anchor: String {
    case start, middle, end
  }

  let width: Double
  let height: Double
  private var body: [String] = []
  /// The classes of all elements.
  private(set) var classes: Set<String> = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// A straight line.
  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    note(name)
    let n = Markup.number
    body.append(Markup.empty("line", ["x1": n(x1), "y1": n(y1), "x2": n(x2), "y2": n(y2), "class": name]))
  }

  /// A rectangle; a hair wide at least.
  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class name: String) {
    note(name)
    let n = Markup.number
    body.append(
      Markup.empty("rect", ["x": n(x), "y": n(y), "width": n(max(0.5, width)), "height": n(height), "rx": "2", "class": name]))
  }

  /// A dot.
  mutating func dot(_ x: Double, _ y: Double, radius: Double = 3.5, class name: String) {
    note(name)
    let n = Markup.number
    body.append(Markup.empty("circle", ["cx": n(x), "cy": n(y), "r": n(radius), "class": name]))
  }

  /// An open line through points.
  mutating func path(_ points: [(x: Double, y: Double)], class name: String) {
    guard points.count > 1 else { return }
    note(name)
    body.append(Markup.empty("polyline", ["points": Self.list(points), "class": name]))
  }

  /// A filled area.
  mutating func area(_ points: [(x: Double, y: Double)], class name: String) {
    guard points.count > 2 else { return }
    note(name)
    body.append(Markup.empty("polygon", ["points": Self.list(points), "class": name]))
  }

  /// Text; `method` names the estimate whose upper bound it shows.
  mutating func text(_ text: String, x: Double, y: Double, anchor: Anchor = .start, class name: String = "", method: String? = nil) {
    note(name)
    let (x, y) = (Markup.number(x), Markup.number(y))
    if let method {
      body.append(
        Markup.text("text", ["x": x, "y": y, "text-anchor": anchor.rawValue, "class": name, "data-upper-of": method], text))
    } else {
      body.append(Markup.text("text", ["x": x, "y": y, "text-anchor": anchor.rawValue, "class": name], text))
    }
  }

  /// Turned text along a vertical axis.
  mutating func verticalText(_ text: String, x: Double, y: Double, class name: String) {
    turnedText(text, x: x, y: y, degrees: -90, anchor: .middle, class: name)
  }

  /// Text that is turned about the point at which it is held.
  mutating func turnedText(_ text: String, x: Double, y: Double, degrees: Int, anchor: Anchor, class name: String) {
    note(name)
    let (x, y) = (Markup.number(x), Markup.number(y))
    body.append(
      Markup.text(
        "text", ["x": x, "y": y, "text-anchor": anchor.rawValue, "class": name, "transform": "rotate(\(degrees) \(x) \(y))"], text))
  }

  /// Pixels, as a file in a URL.
  mutating func image(_ source: String, x: Double, y: Double, width: Double, height: Double, class name: String) {
    note(name)
    let n = Markup.number
    body.append(Markup.empty("image", ["href": source, "x": n(x), "y": n(y), "width": n(width), "height": n(height), "class": name]))
  }

  private mutating func note(_ name: String) { classes.formUnion(name.split(separator: " ").map(String.init)) }

  /// The drawing in a page, with its title and description for those who do not see it.
  func markup(id: String, class name: String, title: String, description: String) -> String {
    let n = Markup.number
    return Markup.element(
      "svg",
      [
        "class": name, "viewBox": "0 0 \(n(width)) \(n(height))", "width": n(width), "height": n(height), "role": "img",
        "aria-labelledby": "\(id)-title \(id)-desc",
      ], head(id: id, title: title, description: description) + content)
  }

  /// The drawing as a file: with its own style and paper, a margin around it.
  func file(id: String, title: String, description: String) -> String {
    let (n, margin) = (Markup.number, 12.0)
    let (width, height) = (n(width + 2 * margin), n(height + 2 * margin))
    let paper = Markup.empty(
      "rect", ["x": n(-margin), "y": n(-margin), "width": width, "height": height, "rx": "6", "class": "paper"])
    return Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "data-generator": "lipcert", "viewBox": "\(n(-margin)) \(n(-margin)) \(width) \(height)",
        "width": width, "height": height, "role": "img", "aria-labelledby": "\(id)-title \(id)-desc",
      ],
      head(id: id, title: title, description: description) + "\n" + Markup.element("style", "\n\(DrawingStyle.file(classes: classes))\n")
        + "\n"
        + paper + "\n" + content + "\n") + "\n"
  }

  /// The elements, as markup.
  var content: String { body.joined(separator: "\n") }

  private func head(id: String, title: String, description: String) -> String {
    Markup.text("title", ["id": "\(id)-title"], title) + Markup.text("desc", ["id": "\(id)-desc"], description)
  }

  /// About how wide a text is, in the page's sans-serif letters.
  static func textWidth(_ text: String, size: Double = 13) -> Double { Double(text.count) * size * 0.58 }

  /// A text cut in its middle so that it fits.
  static func fitted(_ text: String, width: Double, size: Double = 13) -> String {
    let room = max(5, Int(width / (size * 0.58)))
    guard text.count > room else { return text }
    let head = (room - 1) / 2
    return text.prefix(head) + "…" + text.suffix(room - 1 - head)
  }

  private static func list(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(Markup.number($0.x)),\(Markup.number($0.y))" }.joined(separator: " ")
  }
}
