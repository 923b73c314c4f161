/// A JSON document whose members keep their order and whose numbers are written exactly as given.
public indirect enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number's own text.
  case literal(String)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named members in order.
  case object([(String, JSONValue)])

  /// Seventeen digits say everything a double knows.
  private static let digits = 17

  /// An upper bound, rounded up; `null` when there is none or it is not finite.
  public static func upper(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .literal(DecimalBound.up(value, digits: digits))
  }

  /// A lower bound, rounded down; `null` when there is none or it is not finite.
  public static func lower(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .literal(DecimalBound.down(value, digits: digits))
  }

  /// A number that bounds nothing, in the shortest digits that read back to it.
  public static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .literal("\(value)")
  }

  /// A whole number.
  public static func integer(_ value: (some BinaryInteger)?) -> JSONValue { value.map { .literal("\($0)") } ?? .null }

  /// Text, or `null`.
  public static func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

  /// The document, indented by two spaces.
  public var formatted: String { format(indentation: "") }

  private func format(indentation: String) -> String {
    let inner = indentation + "  "
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .literal(let text): return text
    case .string(let text): return Self.quoted(text)
    case .array(let values):
      if values.isEmpty { return "[]" }
      return "[\n" + values.map { inner + $0.format(indentation: inner) }.joined(separator: ",\n") + "\n\(indentation)]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map { "\(inner)\(Self.quoted($0)): \($1.format(indentation: inner))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case let control where control.value < 0x20:
        let code = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
