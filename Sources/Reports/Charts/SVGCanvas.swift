/// A drawing that is collected element by element and ends as inline SVG.
///
/// Colours come from classes of the page's style sheet, so that one drawing serves light, dark and paper.
struct SVGCanvas {
  /// Where a text is held.
  enum Anchor: String {
    case start, middle, end
  }

  let width: Double
  let height: Double
  private var body: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// A straight line.
  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    let n = Markup.number
    body.append(Markup.empty("line", ["x1": n(x1), "y1": n(y1), "x2": n(x2), "y2": n(y2), "class": name]))
  }

  /// A rectangle; a hair wide at least.
  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class name: String) {
    let n = Markup.number
    body.append(
      Markup.empty("rect", ["x": n(x), "y": n(y), "width": n(max(0.5, width)), "height": n(height), "rx": "2", "class": name]))
  }

  /// A dot.
  mutating func dot(_ x: Double, _ y: Double, radius: Double = 3.5, class name: String) {
    let n = Markup.number
    body.append(Markup.empty("circle", ["cx": n(x), "cy": n(y), "r": n(radius), "class": name]))
  }

  /// An open line through points.
  mutating func path(_ points: [(x: Double, y: Double)], class name: String) {
    guard points.count > 1 else { return }
    body.append(Markup.empty("polyline", ["points": Self.list(points), "class": name]))
  }

  /// A filled area.
  mutating func area(_ points: [(x: Double, y: Double)], class name: String) {
    guard points.count > 2 else { return }
    body.append(Markup.empty("polygon", ["points": Self.list(points), "class": name]))
  }

  /// Text; `method` names the estimate whose upper bound it shows.
  mutating func text(_ text: String, x: Double, y: Double, anchor: Anchor = .start, class name: String = "", method: String? = nil) {
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
    let (x, y) = (Markup.number(x), Markup.number(y))
    body.append(
      Markup.text("text", ["x": x, "y": y, "text-anchor": "middle", "class": name, "transform": "rotate(-90 \(x) \(y))"], text))
  }

  /// The drawing with its title and description for those who do not see it.
  func markup(id: String, class name: String, title: String, description: String) -> String {
    let n = Markup.number
    let head = Markup.text("title", ["id": "\(id)-title"], title) + Markup.text("desc", ["id": "\(id)-desc"], description)
    return Markup.element(
      "svg",
      [
        "class": name, "viewBox": "0 0 \(n(width)) \(n(height))", "width": n(width), "height": n(height), "role": "img",
        "aria-labelledby": "\(id)-title \(id)-desc",
      ], head + body.joined(separator: "\n"))
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
