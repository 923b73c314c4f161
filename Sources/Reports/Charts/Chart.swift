/// A figure of a report: drawn once for wide windows and once for narrow ones, because letters must not shrink with the window.
protocol Chart {
  /// A name for ids, without spaces.
  var id: String { get }
  /// What it shows, in a line.
  var title: String { get }
  /// How to read it.
  var caption: String { get }
  /// The data in words, for those who do not see it.
  var summary: String { get }

  /// The width of its file.
  var fileWidth: Double { get }

  /// Draws it `width` pixels wide.
  func draw(width: Double) -> SVGCanvas
}

extension Chart {
  /// The width for desks and paper.
  static var wide: Double { 900 }
  /// The width for telephones.
  static var narrow: Double { 340 }

  /// As wide as on desks.
  var fileWidth: Double { Self.wide }

  /// The figure with its caption.
  var markup: String {
    let drawings = [(Self.wide, "wide"), (Self.narrow, "narrow")].map { width, name in
      draw(width: width).markup(id: "\(id)-\(name)", class: name, title: title, description: summary)
    }
    return Markup.element(
      "figure", ["id": id],
      Markup.text("h3", title) + "\n" + drawings.joined(separator: "\n") + "\n" + Markup.text("figcaption", caption)) + "\n"
  }

  /// The drawing as a file.
  var figure: Figure {
    Figure(name: id, title: title, summary: summary, caption: caption, canvas: draw(width: fileWidth))
  }
}

extension [any Chart] {
  /// The figures, one below the other.
  var markup: String { map(\.markup).joined() }

  /// For Markdown: title, image and caption of each, as in the page.
  var markdown: [String] {
    map(\.figure).flatMap { ["### \(Markdown.plain($0.title))", "", $0.image, "", Markdown.plain($0.caption), ""] }
  }
}
