import CommandLineSupport

/// Mistakes in a document.
enum StudyMutation {
  /// A step on the way to a value.
  enum Step: Equatable {
    case key(String)
    case index(Int)

    var name: String? { if case .key(let name) = self { name } else { nil } }
  }

  /// The way from the root to a value.
  typealias Path = [Step]

  /// A document with one mistake, or with none that matters.
  static func random(of document: JSONValue, using random: inout some RandomNumberGenerator) -> JSONValue {
    let all = paths(of: document)
    let path = all[Int.random(in: all.indices, using: &random)]
    let value = self.value(at: path, of: document)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return removing(path, from: document)
    case 1:
      guard let name = path.last?.name else { return removing(path, from: document) }
      return changing(path.dropLast(), of: document) { $0.renaming(name, to: misspelt(name, using: &random)) }
    case 2:
      guard let number = value.number else { fallthrough }
      let factors = [-1, 0, 1e-3, 0.5, 2, 1e3, 1e12]
      let factor = factors[Int.random(in: factors.indices, using: &random)]
      return changing(path, of: document) { _ in .number(number * factor) }
    case 3:
      return changing(path, of: document) { _ in kinds[Int.random(in: kinds.indices, using: &random)] }
    case 4:
      // A list with an element twice, or a part of another place.
      if case .array(let elements) = value, let element = elements.first {
        return changing(path, of: document) { _ in .array(elements + [element]) }
      }
      fallthrough
    default:
      let other = all[Int.random(in: all.indices, using: &random)]
      guard let name = other.last?.name, case .object(let members) = value, !members.contains(where: { $0.0 == name }) else {
        return changing(path, of: document) { _ in self.value(at: other, of: document) }
      }
      return changing(path, of: document) { _ in .object(members + [(name, self.value(at: other, of: document))]) }
    }
  }

  /// Values of all kinds.
  private static let kinds: [JSONValue] = [
    .null, .boolean(true), .literal("7"), .literal("-3"), .literal("0.5"), .literal("1e300"), .literal("12345678901234567890"),
    .string("word"), .string("none"), .string("all"), .string("a b"), .string(""), .array([]), .array([.literal("1")]),
    .array([.string("word"), .string("word")]), .object([]), .object([("key", .literal("1"))]),
  ]

  private static func misspelt(_ name: String, using random: inout some RandomNumberGenerator) -> String {
    var letters = Array(name)
    let place = Int.random(in: letters.indices, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: letters.remove(at: place)
    case 1: letters.insert("q", at: place)
    default: letters[place] = "q"
    }
    return letters.isEmpty ? "q" : String(letters)
  }

  // MARK: - Places

  /// The ways to all values below the root.
  static func paths(of document: JSONValue) -> [Path] {
    switch document {
    case .object(let members): members.flatMap { name, value in [[.key(name)]] + paths(of: value).map { [.key(name)] + $0 } }
    case .array(let parts): parts.enumerated().flatMap { index, value in [[.index(index)]] + paths(of: value).map { [.index(index)] + $0 } }
    default: []
    }
  }

  /// The ways to the values of all keys.
  static func keys(of document: JSONValue) -> [Path] { paths(of: document).filter { $0.last?.name != nil } }

  /// The document without a key or an element.
  static func removing(_ path: Path, from document: JSONValue) -> JSONValue {
    changing(path.dropLast(), of: document) { place in
      switch (place, path.last) {
      case (.object(let members), .key(let name)): .object(members.filter { $0.0 != name })
      case (.array(var parts), .index(let index)):
        {
          parts.remove(at: index)
          return .array(parts)
        }()
      default: place
      }
    }
  }

  static func value(at path: some Collection<Step>, of document: JSONValue) -> JSONValue {
    path.reduce(document) { value, step in
      switch (value, step) {
      case (.object, .key(let name)): value[name] ?? .null
      case (.array(let parts), .index(let index)): parts[index]
      default: .null
      }
    }
  }

  static func changing(_ path: some Collection<Step>, of document: JSONValue, _ change: (JSONValue) -> JSONValue) -> JSONValue {
    guard let step = path.first else { return change(document) }
    switch (document, step) {
    case (.object(let members), .key(let name)):
      return .object(members.map { $0.0 == name ? (name, changing(path.dropFirst(), of: $0.1, change)) : $0 })
    case (.array(let parts), .index(let index)):
      return .array(parts.enumerated().map { $0 == index ? changing(path.dropFirst(), of: $1, change) : $1 })
    default: return document
    }
  }

  /// The line on which a value begins in a document that was written by `JSONValue.formatted`: one line for each element, key and bracket.
  static func line(of path: some Collection<Step>, in text: String) throws -> Int {
    let document = try StudyExamples.json(text)
    var (line, value) = (1, document)
    for step in path {
      switch (value, step) {
      case (.object(let members), .key(let name)):
        // Readers of YAML sort keys; the text has them in its own order.
        let start = text.split(separator: "\n", omittingEmptySubsequences: false)
        let depth = start[line - 1].prefix { $0 == " " }.count + 2
        let mark = String(repeating: " ", count: depth) + "\"\(name)\":"
        line = 1 + (start[line...].firstIndex { $0.hasPrefix(mark) } ?? line)
        value = members.first { $0.0 == name }?.1 ?? .null
      case (.array(let parts), .index(let index)):
        line += 1 + parts[..<index].reduce(0) { $0 + $1.formatted.split(separator: "\n").count }
        value = parts[index]
      default: break
      }
    }
    return line
  }
}

extension JSONValue {
  fileprivate func renaming(_ old: String, to new: String) -> JSONValue {
    guard case .object(let members) = self, !members.contains(where: { $0.0 == new }) else { return self }
    return .object(members.map { $0.0 == old ? (new, $0.1) : $0 })
  }
}
