import CommandLineSupport
import Foundation

/// A validator for the keywords of JSON schema (draft-07) that the schema of studies uses; other keywords are an error, so that none is ignored.
struct JSONSchema {
  /// A keyword that this validator does not know, or a reference to nothing.
  struct Unsupported: Error, CustomStringConvertible {
    let description: String
  }

  /// What is wrong with an instance, where.
  struct Complaint: CustomStringConvertible {
    let path: String
    let keyword: String
    var description: String { "\(path): \(keyword)" }
  }

  private let root: JSONValue
  private let definitions: [String: JSONValue]
  private static let annotations: Set = ["$schema", "title", "description", "default", "examples", "definitions"]

  init(_ root: JSONValue) {
    self.root = root
    definitions = root["definitions"]?.members ?? [:]
  }

  /// The complaints about an instance; none when it is valid.
  func complaints(about instance: JSONValue) throws -> [Complaint] { try complaints(instance, root, "") }

  func complaints(about instance: JSONValue, by schema: JSONValue) throws -> [Complaint] { try complaints(instance, schema, "") }

  private func complaints(_ instance: JSONValue, _ schema: JSONValue, _ path: String) throws -> [Complaint] {
    guard case .object(let keywords) = schema else { throw Unsupported(description: "\(path): a schema that is no object") }
    var result: [Complaint] = []
    for (keyword, value) in keywords where !Self.annotations.contains(keyword) {
      switch keyword {
      case "$ref":
        guard case .string(let target) = value, let definition = definitions[String(target.dropFirst("#/definitions/".count))] else {
          throw Unsupported(description: "\(path): a reference to nothing")
        }
        result += try complaints(instance, definition, path)
      case "allOf": for part in value.elements { result += try complaints(instance, part, path) }
      case "anyOf":
        let parts = try value.elements.map { try complaints(instance, $0, path) }
        if !parts.contains(where: \.isEmpty) { result += parts.min { $0.count < $1.count } ?? [] }
      case "not": if try complaints(instance, value, path).isEmpty { result.append(Complaint(path: path, keyword: keyword)) }
      case "properties":
        for (name, part) in value.members ?? [:] {
          if let member = instance.members?[name] { result += try complaints(member, part, "\(path)/\(name)") }
        }
      case "items":
        if case .array(let elements) = instance {
          for (index, element) in elements.enumerated() { result += try complaints(element, value, "\(path)/\(index)") }
        }
      case "additionalProperties":
        guard case .boolean(false) = value else { throw Unsupported(description: "\(path): additionalProperties that are not false") }
        let known = schema["properties"]?.members ?? [:]
        for name in (instance.members ?? [:]).keys where known[name] == nil {
          result.append(Complaint(path: "\(path)/\(name)", keyword: keyword))
        }
      default: if try !Self.allows(instance, keyword, value) { result.append(Complaint(path: path, keyword: keyword)) }
      }
    }
    return result
  }

  private static func allows(_ instance: JSONValue, _ keyword: String, _ value: JSONValue) throws -> Bool {
    switch keyword {
    case "type": return (value.elements.isEmpty ? [value] : value.elements).contains { $0.text.map(instance.has(type:)) ?? false }
    case "enum": return value.elements.contains { $0.formatted == instance.formatted }
    case "required": return instance.members.map { members in value.elements.allSatisfy { members[$0.text ?? ""] != nil } } ?? true
    case "pattern":
      guard let text = instance.text else { return true }
      return try text.firstMatch(of: Regex(value.text ?? "")) != nil
    case "minLength": return try instance.text.map { try Double($0.count) >= number(value) } ?? true
    case "minItems": return try instance.isArray ? Double(instance.elements.count) >= number(value) : true
    case "maxItems": return try instance.isArray ? Double(instance.elements.count) <= number(value) : true
    case "uniqueItems": return Set(instance.elements.map(\.formatted)).count == instance.elements.count
    case "minimum": return try instance.number.map { try $0 >= number(value) } ?? true
    case "maximum": return try instance.number.map { try $0 <= number(value) } ?? true
    case "exclusiveMinimum": return try instance.number.map { try $0 > number(value) } ?? true
    case "exclusiveMaximum": return try instance.number.map { try $0 < number(value) } ?? true
    default: throw Unsupported(description: "the keyword \(keyword)")
    }
  }

  private static func number(_ value: JSONValue) throws -> Double {
    guard let number = value.number else { throw Unsupported(description: "\(value.formatted) is no number") }
    return number
  }
}

extension JSONValue {
  /// The members of an object.
  var members: [String: JSONValue]? {
    guard case .object(let members) = self else { return nil }
    return Dictionary(members.map { ($0.0, $0.1) }) { first, _ in first }
  }

  subscript(name: String) -> JSONValue? { members?[name] }

  /// The elements of an array; none of what is none.
  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

  var isArray: Bool { if case .array = self { true } else { false } }

  /// The text of a string.
  var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The value of a number.
  var number: Double? { if case .literal(let digits) = self { Double(digits) } else { nil } }

  func has(type: String) -> Bool {
    switch (self, type) {
    case (.null, "null"), (.boolean, "boolean"), (.literal, "number"), (.string, "string"), (.array, "array"), (.object, "object"): true
    case (.literal, "integer"): number.map { $0 == $0.rounded() } ?? false
    default: false
    }
  }
}
