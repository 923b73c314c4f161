import CommandLineSupport
import NetworkFormats

extension JSONValue {
  /// What a YAML document says, in JSON: words without quotes are numbers, truth values or nothing where YAML 1.2's core schema takes them so.
  ///
  /// Numbers keep their own digits where JSON has the same.
  ///
  /// - Throws: `FormatError` when a key is no text or occurs twice.
  public init(_ value: YAMLValue) throws {
    if let list = value.list {
      self = .array(try list.map(JSONValue.init))
    } else if let entries = try value.entries() {
      self = .object(try entries.sorted { $0.key < $1.key }.map { ($0.key, try JSONValue($0.value)) })
    } else if value.isNothing {
      self = .null
    } else {
      let text = value.text ?? ""
      self = value.isPlain ? Self.plain(text) : .string(text)
    }
  }

  private static func plain(_ text: String) -> JSONValue {
    switch text {
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    default: break
    }
    if let integer = Int(text) { return .literal("\(integer)") }
    if let integer = UInt64(text) { return .literal("\(integer)") }
    let isDecimal = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    if isDecimal, let number = Double(text), number.isFinite { return .number(number) }
    return .string(text)
  }
}
