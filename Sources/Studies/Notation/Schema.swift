import CommandLineSupport

/// A JSON schema (draft-07, which the language servers of editors know best) of one value, with the definitions it refers to.
struct Schema: Sendable {
  /// The keywords, in the order in which they are written.
  private(set) var keywords: [(name: String, value: JSONValue)]
  /// The definitions, by name.
  private(set) var definitions: [String: JSONValue] = [:]

  /// A schema of keywords.
  init(_ keywords: KeyValuePairs<String, JSONValue>) { self.keywords = keywords.map { ($0.key, $0.value) } }

  /// Any value of these types.
  static func type(_ types: String...) -> Schema {
    Schema(["type": types.count == 1 ? .string(types[0]) : .array(types.map(JSONValue.string))])
  }

  /// One of these words.
  static func words(_ words: [String]) -> Schema { Schema(["enum": .array(words.map(JSONValue.string))]) }

  /// Whatever one of the parts allows.
  static func any(of parts: [Schema]) -> Schema {
    guard parts.count != 1 else { return parts[0] }
    var result = Schema(["anyOf": .array(parts.map(\.json))])
    for part in parts { result.adopt(part) }
    return result
  }

  /// A list; no element may occur twice where `isUnique`.
  static func list(of element: Schema, count: ClosedRange<Int>, isUnique: Bool) -> Schema {
    var result = Schema(["type": .string("array"), "items": element.json, "minItems": .integer(count.lowerBound)])
    if count.upperBound < .max { result.add("maxItems", .integer(count.upperBound)) }
    if isUnique { result.add("uniqueItems", .boolean(true)) }
    result.adopt(element)
    return result
  }

  /// Keys and values: the keys of one of the forms, and of each of the exclusions at most one.
  static func mapping(forms: [[KeyDescription]], exclusions: [[String]] = []) -> Schema {
    any(
      of: forms.map { keys in
        var result = Schema(["type": .string("object")])
        result.add("properties", .object(keys.map { ($0.name, $0.schema.json) }))
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { result.add("required", .array(required)) }
        result.add("additionalProperties", .boolean(false))
        let exclusions = exclusions.filter(Set(keys.map(\.name)).isSuperset)
        if !exclusions.isEmpty {
          result.add(
            "allOf",
            .array(exclusions.map { .object([("not", .object([("required", .array($0.map(JSONValue.string)))]))]) }))
        }
        for key in keys { result.adopt(key.schema) }
        return result
      })
  }

  /// The same with another keyword.
  func adding(_ name: String, _ value: JSONValue?) -> Schema {
    guard let value else { return self }
    var result = self
    result.add(name, value)
    return result
  }

  /// The same with a description and a default in front. Beside a reference draft-07 ignores both, so that the reference moves inwards.
  func described(_ description: String?, default value: JSONValue? = nil) -> Schema {
    var result = self
    if keywords.contains(where: { $0.name == "$ref" }) { result.keywords = [("allOf", .array([json]))] }
    if let value { result.keywords.insert(("default", value), at: 0) }
    if let description { result.keywords.insert(("description", .string(description)), at: 0) }
    return result
  }

  /// A reference to this schema, which becomes a definition.
  func named(_ name: String) -> Schema {
    var result = Schema(["$ref": .string("#/definitions/\(name)")])
    result.adopt(self)
    result.definitions[name] = json
    return result
  }

  /// The keywords alone.
  var json: JSONValue { .object(keywords.map { ($0.name, $0.value) }) }

  /// A document of its own.
  func document(title: String, description: String) -> JSONValue {
    let head: [(String, JSONValue)] = [
      ("$schema", .string("http://json-schema.org/draft-07/schema#")), ("title", .string(title)), ("description", .string(description)),
    ]
    let sorted = definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return .object(head + keywords.map { ($0.name, $0.value) } + [("definitions", .object(sorted))])
  }

  private mutating func add(_ name: String, _ value: JSONValue) { keywords.append((name, value)) }

  private mutating func adopt(_ part: Schema) { definitions.merge(part.definitions) { first, _ in first } }
}
