import CommandLineSupport
import Foundation
import Robustness

/// A witness as the competitions write it: `((X_0 v)` … `(Y_0 v))`, one variable on a line, seventeen digits.
struct WitnessText {
  let witness: Witness
  let property: Property

  /// The expression, line by line.
  var lines: [String] {
    let pairs =
      witness.input.enumerated().map { (property.name(of: $0, isInput: true), $1) }
      + witness.output.enumerated().map { (property.name(of: $0, isInput: false), $1) }
    return pairs.enumerated().map { index, pair in
      let (name, value) = pair
      return "\(index == 0 ? "(" : " ")(\(name) \(Self.digits(value)))\(index == pairs.count - 1 ? ")" : "")"
    }
  }

  private static func digits(_ value: Double) -> String { String(format: "%.17g", value) }

  /// The witness for machines.
  var json: JSONValue {
    .object([
      ("disjunct", .integer(witness.disjunct)),
      ("inputs", .array(witness.input.map { .literal(Self.digits($0)) })),
      ("outputs", .array(witness.output.map { .literal(Self.digits($0)) })),
    ])
  }
}
