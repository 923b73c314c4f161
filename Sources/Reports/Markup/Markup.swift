import Foundation

/// HTML that is XML as well, built from strings that are escaped at the one place where they enter.
public enum Markup {
  /// Text that cannot be taken for markup, in element content and in quoted attributes.
  ///
  /// Characters that XML forbids become U+FFFD.
  public static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result += " "
      case let other where other.value < 0x20 || 0x7F...0x9F ~= other.value || 0xFFFE...0xFFFF ~= other.value:
        result += "\u{FFFD}"
      // Marks that turn the direction of the text around could make a name read as something else.
      case let other where 0x202A...0x202E ~= other.value || 0x2066...0x2069 ~= other.value: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element whose content is markup already; attribute values are escaped here.
  public static func element(_ name: String, _ attributes: KeyValuePairs<String, String>, _ content: String) -> String {
    "<\(name)\(list(attributes))>\(content)</\(name)>"
  }

  /// An element whose content is text.
  public static func text(_ name: String, _ attributes: KeyValuePairs<String, String>, _ content: String) -> String {
    element(name, attributes, escape(content))
  }

  /// An element without attributes whose content is markup already.
  public static func element(_ name: String, _ content: String) -> String { element(name, [:], content) }

  /// An element without attributes whose content is text.
  public static func text(_ name: String, _ content: String) -> String { text(name, [:], content) }

  /// An element without content.
  public static func empty(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) -> String {
    "<\(name)\(list(attributes)) />"
  }

  /// A coordinate with one decimal.
  static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func list(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(escape($0.value))\"" }.joined()
  }
}
