/// A dictionary of a YAML document whose keys are known beforehand. Every complaint names the line and the key.
public struct YAMLMapping: Sendable {
  private let value: YAMLValue
  private let name: String
  private let entries: [String: (key: YAMLValue, value: YAMLValue)]

  /// Reads a dictionary; `name` is what it is called in messages.
  ///
  /// - Throws: `FormatError` when it is none, or has a key that is not among `keys`.
  public init(_ value: YAMLValue, name: String, keys: [String]) throws {
    guard let entries = try value.keyedEntries() else { throw value.failure("\(name): expected keys and values") }
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) where !keys.contains(key) {
      let hint = Spelling.nearest(to: key, among: keys).map { "did you mean '\($0)'?" } ?? "the keys are \(keys.joined(separator: ", "))"
      throw entry.key.failure("unknown key '\(key)' in \(name); \(hint)")
    }
    (self.value, self.name, self.entries) = (value, name, entries)
  }

  /// The keys that are there.
  public var keys: Set<String> { Set(entries.keys) }

  /// The same with the entries of another dictionary, which win where both have a key; missing keys are complained about at the other's place.
  public func overlaid(by other: YAMLMapping) -> YAMLMapping {
    YAMLMapping(value: other.value, name: name, entries: entries.merging(other.entries) { $1 })
  }

  private init(value: YAMLValue, name: String, entries: [String: (key: YAMLValue, value: YAMLValue)]) {
    (self.value, self.name, self.entries) = (value, name, entries)
  }

  /// The value of a key, or `nil` when it is missing.
  public subscript(key: String) -> YAMLEntry? { entries[key].map { YAMLEntry(value: $0.value, key: key) } }

  /// The value of a key.
  ///
  /// - Throws: `FormatError` when it is missing.
  public func required(_ key: String) throws -> YAMLEntry {
    guard let value = self[key] else { throw missing(key) }
    return value
  }

  /// A complaint about a key that is missing.
  public func missing(_ key: String) -> FormatError { failure("the key '\(key)' is missing") }

  /// A complaint about the dictionary as a whole.
  public func failure(_ reason: String) -> FormatError { value.failure("\(name): \(reason)") }
}
