import Foundation

/// One entry of a table.
enum Cell: Encodable {
  case text(String)
  case count(Int)
  /// Printed with a unit that suits it.
  case seconds(Double)
  /// Something for each second.
  case rate(Double)
  /// How many times as large or fast.
  case ratio(Double)
  /// A result, to seven digits.
  case value(Double)
  /// An error or a tolerance, to two digits.
  case small(Double)
  /// Not known or not applicable.
  case missing

  /// For people.
  var text: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .seconds(let s) where s < 1e-3: Self.digits(s * 1e6, 3) + " µs"
    case .seconds(let s) where s < 1: Self.digits(s * 1e3, 3) + " ms"
    case .seconds(let s): Self.digits(s, 3) + " s"
    case .rate(let rate): Self.digits(rate, 3)
    case .ratio(let ratio): Self.digits(ratio, 3) + "x"
    case .value(let value): String(format: "%.7g", value)
    case .small(let value): String(format: "%.1e", value)
    case .missing: "-"
    }
  }

  /// Whether its column is aligned to the right.
  var isNumber: Bool {
    if case .text = self { false } else { true }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .seconds(let number), .rate(let number), .ratio(let number), .value(let number), .small(let number):
      if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .missing: try container.encodeNil()
    }
  }

  /// Three significant digits without an exponent, as long as that is short.
  private static func digits(_ value: Double, _ count: Int) -> String {
    guard value.isFinite, value.magnitude < 1e7, value.magnitude >= 1e-3 || value == 0 else { return String(format: "%.2e", value) }
    let before = value == 0 ? 1 : Int(log10(value.magnitude).rounded(.down)) + 1
    return String(format: "%.\(min(4, max(0, count - max(before, 0))))f", value)
  }
}
