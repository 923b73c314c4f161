import CommandLineSupport
import NetworkFormats
import Networks

// Words and lists that networks are described by.

extension Notation<NPZNonlinearity> {
  /// An activation function, such as `tanh`, `leakyReLU:0.1` or `groupSort:2`.
  static var nonlinearity: Notation {
    let words = NonlinearityName.choices.filter { !$0.contains(":") }
    let parameterised = NonlinearityName.choices.filter { $0.contains(":") }
    let patterns = parameterised.map { choice in
      let parts = choice.split(separator: ":")
      let parameters = parts[1].split(separator: ",").map { $0 == "SIZE" ? "0*([2-9]|[1-9][0-9]+)" : Pattern.number }
      return "\(parts[0]):\(parameters.joined(separator: ","))"
    }
    let schema = Schema.any(
      of: [.words(words), Schema(["type": .string("string"), "pattern": .string("^(\(patterns.joined(separator: "|")))$")])])
    return Notation(schema, written: { .string(NonlinearityName.word(for: $0)) }) { entry in
      guard let nonlinearity = NonlinearityName.parse(try entry.text()) else {
        throw entry.failure("unknown activation\(entry.found); choose from \(NonlinearityName.choices.joined(separator: ", "))")
      }
      return nonlinearity
    }
  }
}

extension Notation<Activation> {
  /// An activation function of one unit, which sorting is none of.
  static var activation: Notation {
    Notation<NPZNonlinearity>.nonlinearity.map(written: { .string(NonlinearityName.word(for: .activation($0))) }) { nonlinearity, entry in
      guard case .activation(let activation) = nonlinearity else { throw entry.failure("groupSort is for 'widths'") }
      return activation
    }
  }
}

extension Notation<[Int]> {
  /// Widths of layers, such as `[10, 20x3, 5]` with three layers of 20; at least `least` of them.
  static func widths(least: Int) -> Notation {
    let part = Schema.any(
      of: [
        .type("integer").adding("minimum", .integer(1)).adding("maximum", .integer(1_000_000)),
        Schema(["type": .string("string"), "pattern": .string("^0*[1-9][0-9]{0,6}x0*[1-9][0-9]{0,4}$")]),
      ])
    let list = Schema.list(of: part, count: 1...Int.max, isUnique: false)
    let schema = least > 1 ? list : .any(of: [part, list])
    return Notation(schema, allowsScalars: least == 1, written: { .array($0.map { .integer($0) }) }) { entry in
      let words = try (least > 1 ? entry.list() : entry.parts()).map { try $0.text() }
      guard let widths = WidthList.widths(words, least: least) else {
        throw entry.failure(
          least > 1 ? "expected at least two widths such as [10, 20, 5] or [10, 20x3, 5]" : "expected widths such as [64, 64] or [64x3]")
      }
      return widths
    }
  }
}

/// Regular expressions of schemas.
enum Pattern {
  /// A decimal number.
  static let number = "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?"
}
