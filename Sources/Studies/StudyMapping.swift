import NetworkFormats

/// A dictionary of a study file whose keys are known beforehand. Every complaint names the line and the key.
struct StudyMapping {
  private let value: YAMLValue
  private let name: String
  private let entries: [String: (key: YAMLValue, value: YAMLValue)]

  /// Reads a dictionary; `name` is what it is called in messages.
  ///
  /// - Throws: `FormatError` when it is none, or has a key that is not among `keys`.
  init(_ value: YAMLValue, name: String, keys: [String]) throws {
    guard let entries = try value.keyedEntries() else { throw value.failure("\(name): expected keys and values") }
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) where !keys.contains(key) {
      let near = keys.min { Self.distance($0, key) < Self.distance($1, key) }.flatMap { Self.distance($0, key) <= 2 ? $0 : nil }
      throw entry.key.failure(
        "unknown key '\(key)' in \(name); " + (near.map { "did you mean '\($0)'?" } ?? "the keys are \(keys.joined(separator: ", "))"))
    }
    (self.value, self.name, self.entries) = (value, name, entries)
  }

  /// The keys that are there.
  var keys: Set<String> { Set(entries.keys) }

  /// The value of a key, or `nil` when it is missing.
  subscript(key: String) -> StudyValue? { entries[key].map { StudyValue(value: $0.value, key: key) } }

  /// The value of a key.
  ///
  /// - Throws: `FormatError` when it is missing.
  func required(_ key: String) throws -> StudyValue {
    guard let value = self[key] else { throw self.value.failure("\(name): the key '\(key)' is missing") }
    return value
  }

  /// A complaint about the dictionary as a whole.
  func failure(_ reason: String) -> FormatError { value.failure("\(name): \(reason)") }

  /// How many letters have to be added, left out or changed to make one word of another.
  private static func distance(_ first: String, _ second: String) -> Int {
    var row = Array(0...second.count)
    for (i, a) in first.enumerated() {
      var previous = row[0]
      row[0] = i + 1
      for (j, b) in second.enumerated() {
        let change = previous + (a == b ? 0 : 1)
        previous = row[j + 1]
        row[j + 1] = min(change, previous + 1, row[j] + 1)
      }
    }
    return row[second.count]
  }
}

/// The value of a key, which its complaints name.
struct StudyValue {
  let value: YAMLValue
  let key: String

  /// A complaint.
  func failure(_ reason: String) -> FormatError { value.failure("'\(key)': \(reason)") }

  /// A text that is not empty.
  func text() throws -> String {
    guard let text = value.text, !text.isEmpty else { throw failure("expected text") }
    return text
  }

  /// A whole number in a range.
  func integer(in range: ClosedRange<Int>) throws -> Int {
    guard let number = value.text.flatMap({ Int($0) }) else { throw failure("expected a whole number\(found)") }
    guard range.contains(number) else { throw failure("\(number) does not lie between \(range.lowerBound) and \(range.upperBound)") }
    return number
  }

  /// A seed.
  func seed() throws -> UInt64 {
    guard let number = value.text.flatMap({ UInt64($0) }) else { throw failure("expected a whole number that is not negative\(found)") }
    return number
  }

  /// A positive number that is less than a limit.
  func positive(below limit: Double) throws -> Double {
    guard let number = value.text.flatMap({ Double($0) }), number.isFinite else { throw failure("expected a number\(found)") }
    guard number > 0, number < limit else { throw failure("\(number) is not a positive number below \(limit)") }
    return number
  }

  /// The parts of a list, or the value itself as a list of one.
  func parts() -> [StudyValue] { value.list?.map { StudyValue(value: $0, key: key) } ?? [self] }

  /// The parts of a list that is not empty.
  func list() throws -> [StudyValue] {
    guard let list = value.list, !list.isEmpty else { throw failure("expected a list of at least one") }
    return list.map { StudyValue(value: $0, key: key) }
  }

  /// The parts as words; a single one may be written without a list.
  func words() throws -> [String] {
    let words = try parts().map { try $0.text() }
    guard !words.isEmpty else { throw failure("expected a list of at least one") }
    return words
  }

  /// What stands there instead.
  var found: String { value.text.map { ", found '\($0)'" } ?? ", found \(value.list == nil ? "keys and values" : "a list")" }
}
