import CommandLineSupport
import Foundation
import NetworkFormats

/// How values are written in study files and recipes: what reads them, and the schema that tells editors the same.
///
/// A notation is put together from smaller ones, so that a key, its kind, its range, its default and its description are said once, and the
/// schema cannot allow what reading refuses, but for rules that no schema can say (a variant that a claim names must exist).
struct Notation<Value: Sendable>: Sendable {
  /// What editors are told.
  let schema: Schema
  /// Whether a single word or number can be such a value.
  let allowsScalars: Bool
  /// Reads a value.
  ///
  /// Throws `FormatError` that names the line and the key.
  let read: @Sendable (YAMLEntry) throws -> Value
  /// How a value is written, where that is simple; defaults are told so.
  let written: @Sendable (Value) -> JSONValue?

  init(
    _ schema: Schema, allowsScalars: Bool = true, written: @escaping @Sendable (Value) -> JSONValue? = { _ in nil },
    read: @escaping @Sendable (YAMLEntry) throws -> Value
  ) {
    (self.schema, self.allowsScalars, self.written, self.read) = (schema, allowsScalars, written, read)
  }

  /// What is made of the values of this notation; `make` is also given the place, for complaints.
  func map<Result: Sendable>(
    written: @escaping @Sendable (Result) -> JSONValue? = { _ in nil }, _ make: @escaping @Sendable (Value, YAMLEntry) throws -> Result
  ) -> Notation<Result> {
    Notation<Result>(schema, allowsScalars: allowsScalars, written: written) { [read] in try make(read($0), $0) }
  }

  /// The same, which schemas refer to by a name.
  func named(_ name: String) -> Notation { with(schema.named(name)) }

  /// The same with a description of its own, for what has no key.
  func described(_ description: String) -> Notation { with(schema.described(description)) }

  /// The same with examples, in YAML.
  func examples(_ examples: String...) -> Notation {
    with(schema.adding("examples", .array(examples.compactMap { try? JSONValue(YAMLValue(text: $0)) })))
  }

  private func with(_ schema: Schema) -> Notation { Notation(schema, allowsScalars: allowsScalars, written: written, read: read) }
}

// MARK: - Words and numbers

extension Notation<String> {
  /// A text that is not empty. Numbers and truth values are texts, too, for YAML wants no quotes around texts.
  static var text: Notation {
    Notation(.type("string", "number", "boolean").adding("minLength", .integer(1)), written: JSONValue.string, read: { try $0.text() })
  }

  /// A text of several lines, without white space around it.
  static var prose: Notation { text.map(written: JSONValue.string) { text, _ in text.trimmingCharacters(in: .whitespacesAndNewlines) } }

  /// A text that can name a file.
  static var identifier: Notation {
    Notation(
      .type("string", "integer", "boolean").adding("pattern", .string("^[A-Za-z0-9_-]{1,64}$")), written: JSONValue.string,
      read: { try $0.identifier() })
  }
}

extension Notation<Int> {
  /// A whole number in a range.
  static func integer(in range: ClosedRange<Int>) -> Notation {
    Notation(
      .type("integer").adding("minimum", .integer(range.lowerBound)).adding("maximum", .integer(range.upperBound)),
      written: { .integer($0) }, read: { try $0.integer(in: range) })
  }
}

extension Notation<UInt64> {
  /// A seed.
  static var seed: Notation {
    Notation(
      .type("integer").adding("minimum", .integer(0)).adding("maximum", .integer(UInt64.max)), written: { .integer($0) },
      read: { try $0.seed() })
  }
}

extension Notation<Double> {
  /// A positive number that is less than a limit.
  static func positive(below limit: Double) -> Notation {
    Notation(
      .type("number").adding("exclusiveMinimum", .integer(0)).adding("exclusiveMaximum", .number(limit)), written: JSONValue.number,
      read: { try $0.positive(below: limit) })
  }

  /// A positive number up to a limit.
  static func positive(upTo limit: Double) -> Notation {
    Notation(
      .type("number").adding("exclusiveMinimum", .integer(0)).adding("maximum", .number(limit)), written: JSONValue.number,
      read: { try $0.positive(upTo: limit) })
  }

  /// A number in a range that is open above.
  static func real(in range: Range<Double>) -> Notation {
    Notation(
      .type("number").adding("minimum", .number(range.lowerBound)).adding("exclusiveMaximum", .number(range.upperBound)),
      written: JSONValue.number, read: { try $0.real(in: range) })
  }

  /// A finite number in a range.
  static func real(in range: ClosedRange<Double>) -> Notation {
    Notation(
      .type("number").adding("minimum", .number(range.lowerBound)).adding("maximum", .number(range.upperBound)),
      written: JSONValue.number, read: { try $0.real(in: range) })
  }
}

extension Notation<Bool> {
  /// `true` or `false`.
  static var boolean: Notation { Notation(.type("boolean"), written: { .boolean($0) }, read: { try $0.boolean() }) }
}

extension Notation where Value: Equatable {
  /// One of several words; `kind` is what they are called in messages.
  static func word(_ words: KeyValuePairs<String, Value>, kind: String = "word") -> Notation {
    word(among: words.map { ($0.key, $0.value) }, kind: kind)
  }

  fileprivate static func word(among choices: [(String, Value)], kind: String) -> Notation {
    Notation(
      .words(choices.map(\.0)), written: { value in choices.first { $0.1 == value }.map { .string($0.0) } },
      read: { entry in
        guard let text = entry.value.text, let choice = choices.first(where: { $0.0 == text }) else {
          throw entry.failure("unknown \(kind)\(entry.found); choose from \(choices.map(\.0).joined(separator: ", "))")
        }
        return choice.1
      })
  }

  /// One of several words, or what another notation says.
  static func word(_ words: KeyValuePairs<String, Value>, kind: String = "word", or other: Notation) -> Notation {
    let word = Self.word(words, kind: kind)
    let known = words.map(\.key)
    return Notation(
      .any(of: [word.schema, other.schema]), written: { word.written($0) ?? other.written($0) },
      read: { entry in
        guard let text = entry.value.text, known.contains(text) || !other.allowsScalars else { return try other.read(entry) }
        return try word.read(entry)
      })
  }
}

extension Notation where Value: CaseIterable & Equatable & RawRepresentable<String> {
  /// One of the words of a type that has words itself.
  static func word(kind: String) -> Notation { word(among: Value.allCases.map { ($0.rawValue, $0) }, kind: kind) }
}

extension Notation {
  /// Another notation, or the word `none`.
  static func orNone<Wrapped>(_ other: Notation<Wrapped>) -> Notation where Value == Wrapped? {
    Notation(.any(of: [.words(["none"]), other.schema]), written: { value in value.map(other.written) ?? .string("none") }) { entry in
      if entry.value.text == "none" { return nil }
      if !other.allowsScalars, entry.value.text != nil { throw entry.failure("expected none, or keys and values\(entry.found)") }
      return try other.read(entry)
    }
  }
}

extension Notation<String> {
  /// One of several names.
  static func name(among names: [String], kind: String) -> Notation {
    Notation(.words(names), written: JSONValue.string) { entry in
      guard let text = entry.value.text, names.contains(text) else {
        throw entry.failure("unknown \(kind)\(entry.found); choose from \(names.joined(separator: ", "))")
      }
      return text
    }
  }
}

// MARK: - Lists

extension Notation {
  /// A list of values.
  static func list<Element: Sendable>(
    of element: Notation<Element>, count: ClosedRange<Int> = 1...Int.max, isUnique: Bool = false, expected: String? = nil
  ) -> Notation where Value == [Element] {
    let schema = Schema.list(of: element.schema, count: count, isUnique: isUnique)
    return Notation(schema, allowsScalars: false, written: { written(list: $0, of: element) }) { entry in
      guard let parts = entry.value.list, count.contains(parts.count) else {
        let least = count.upperBound < .max ? "\(count.lowerBound) to \(count.upperBound)" : "at least \(count.lowerBound == 1 ? "one" : "\(count.lowerBound)")"
        throw entry.failure("expected \(expected ?? "a list of \(least)")\(entry.found)")
      }
      return try values(entry.parts(), of: element, isUnique: isUnique)
    }
  }

  /// A list of values; a single one may be written without a list.
  static func parts<Element: Sendable>(of element: Notation<Element>, isUnique: Bool = false) -> Notation where Value == [Element] {
    let list = Notation.list(of: element, isUnique: isUnique)
    return Notation(.any(of: [element.schema, list.schema]), written: list.written) { entry in
      entry.value.list == nil ? [try element.read(entry)] : try list.read(entry)
    }
  }

  private static func written<Element>(list: [Element], of element: Notation<Element>) -> JSONValue? {
    let parts = list.compactMap(element.written)
    return parts.count == list.count ? .array(parts) : nil
  }

  private static func values<Element>(_ parts: [YAMLEntry], of element: Notation<Element>, isUnique: Bool) throws -> [Element] {
    var seen: Set<String> = []
    return try parts.map { part in
      let value = try element.read(part)
      if isUnique {
        let words = try JSONValue(part.value).formatted
        guard seen.insert(words).inserted else { throw part.failure("\(words) occurs twice") }
      }
      return value
    }
  }
}
