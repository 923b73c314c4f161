/// The value of a key, which its complaints name.
public struct YAMLEntry: Sendable {
  /// The value.
  public let value: YAMLValue
  /// The key.
  public let key: String

  /// A complaint.
  public func failure(_ reason: String) -> FormatError { value.failure("'\(key)': \(reason)") }

  /// A text that is not empty.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none or empty.
  public func text() throws -> String {
    guard let text = value.text, !text.isEmpty else { throw failure("expected text\(found)") }
    return text
  }

  /// A text of up to 64 letters, digits, `-` and `_`, which can name a file.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is no such text.
  public func identifier() throws -> String {
    let name = try text()
    let isName = name.utf8.allSatisfy { byte in
      switch UInt8(byte) {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    guard isName, name.count <= 64 else { throw failure("up to 64 letters, digits, - and _ make a name\(found)") }
    return name
  }

  /// A whole number in a range, which may also be written as `1e6`.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none, or outside.
  public func integer(in range: ClosedRange<Int>) throws -> Int {
    guard let number = value.text.flatMap({ text in Int(text) ?? Double(text).flatMap(Int.init(exactly:)) }) else {
      throw failure("expected a whole number\(found)")
    }
    guard range.contains(number) else { throw failure("\(number) does not lie between \(range.lowerBound) and \(range.upperBound)") }
    return number
  }

  /// A seed.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is no whole number from 0 to 2⁶⁴ − 1.
  public func seed() throws -> UInt64 {
    guard let number = value.text.flatMap({ text in UInt64(text) ?? Double(text).flatMap(UInt64.init(exactly:)) }) else {
      throw failure("expected a whole number that is not negative\(found)")
    }
    return number
  }

  /// A positive number that is less than a limit.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none.
  public func positive(below limit: Double) throws -> Double {
    let number = try number()
    guard number > 0, number < limit else { throw failure("\(number) is not a positive number below \(limit)") }
    return number
  }

  /// A positive number up to a limit.
  public func positive(upTo limit: Double) throws -> Double {
    let number = try number()
    guard number > 0, number <= limit else { throw failure("\(number) is not a positive number up to \(limit)") }
    return number
  }

  /// A number in a range that is open above.
  public func real(in range: Range<Double>) throws -> Double {
    let number = try number()
    guard range.contains(number) else { throw failure("\(number) is not at least \(range.lowerBound) and below \(range.upperBound)") }
    return number
  }

  /// A finite number in a range.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none, or outside.
  public func real(in range: ClosedRange<Double>) throws -> Double {
    let number = try number()
    guard range.contains(number) else { throw failure("\(number) does not lie between \(range.lowerBound) and \(range.upperBound)") }
    return number
  }

  private func number() throws -> Double {
    guard let number = value.text.flatMap({ Double($0) }), number.isFinite else { throw failure("expected a number\(found)") }
    return number
  }

  /// `true` or `false`; capital letters do not matter where YAML's core schema does not mind them.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is another word.
  public func boolean() throws -> Bool {
    switch value.text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: throw failure("expected true or false\(found)")
    }
  }

  /// One of several words.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none of them.
  public func choice<Choice>(_ choices: KeyValuePairs<String, Choice>) throws -> Choice {
    let word = try text()
    guard let choice = choices.first(where: { $0.key == word })?.value else {
      throw failure("unknown word '\(word)'; choose from \(choices.map(\.key).joined(separator: ", "))")
    }
    return choice
  }

  /// The keys and values that stand there.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is none, or has a key that is not among `keys`.
  public func mapping(_ keys: [String]) throws -> YAMLMapping { try YAMLMapping(value, name: "'\(key)'", keys: keys) }

  /// The parts of a list, or the value itself as a list of one.
  public func parts() -> [YAMLEntry] { value.list?.map { YAMLEntry(value: $0, key: key) } ?? [self] }

  /// The parts of a list that is not empty.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when it is no list, or an empty one.
  public func list() throws -> [YAMLEntry] {
    guard let list = value.list, !list.isEmpty else { throw failure("expected a list of at least one\(found)") }
    return list.map { YAMLEntry(value: $0, key: key) }
  }

  /// The parts as words; a single one may be written without a list.
  ///
  /// - Throws: ``FormatError`` that names the line and the key, when there is none, or one is no text.
  public func words() throws -> [String] {
    let words = try parts().map { try $0.text() }
    guard !words.isEmpty else { throw failure("expected a list of at least one") }
    return words
  }

  /// What stands there instead.
  public var found: String {
    if let text = value.text { return text.isEmpty ? ", found an empty text" : ", found '\(text)'" }
    if value.isNothing { return ", found nothing" }
    return ", found " + (value.list.map { $0.isEmpty ? "an empty list" : "a list" } ?? "keys and values")
  }
}
