import Foundation

/// A drawing of a report as a file of its own, which Markdown shows: light and dark, with its title and description, loading nothing.
public struct Figure: Sendable, Equatable {
  /// The folder of figures, relative to the report's.
  public static let folder = "figures"

  /// What marks a file as one of this program's figures, near its beginning.
  static let mark = "data-generator=\"lipcert\""

  /// The file's name without its ending: letters, digits, hyphens and underscores.
  public let name: String
  /// What it shows, in a line.
  public let title: String
  /// The data in words, for those who do not see it.
  public let summary: String
  /// How to read it.
  public let caption: String
  /// The drawing.
  public let svg: String

  /// A drawing with its words.
  init(name: String, title: String, summary: String, caption: String, canvas: SVGCanvas) {
    self.name = Self.fileName(name)
    (self.title, self.summary, self.caption) = (title, summary, caption)
    svg = canvas.file(id: self.name, title: title, description: summary)
  }

  /// The file, relative to the report's folder.
  public var path: String { "\(Self.folder)/\(name).svg" }

  /// The image for Markdown, relative to the report's folder.
  public var image: String { "![\(Markdown.plain(words))](\(path))" }

  /// The title and the data in words, as much as is good to listen to; tables beside figures have the rest.
  var words: String {
    let limit = 400
    let all = "\(title). \(summary)"
    guard all.count > limit else { return all }
    let head = all.prefix(limit)
    let end = head.lastIndex(of: ";") ?? head.lastIndex(of: ",") ?? head.endIndex
    return head[..<end] + "; and so on."
  }

  private static func fileName(_ text: String) -> String {
    let name = text.unicodeScalars.map { scalar in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_".unicodeScalars.contains(scalar))
      return isPlain ? String(scalar) : "-"
    }.joined()
    return name.isEmpty ? "figure" : name
  }
}
