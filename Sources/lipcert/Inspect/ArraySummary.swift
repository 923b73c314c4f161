import CommandLineSupport
import NetworkFormats

/// An array's name, type, shape and range.
struct ArraySummary {
  private let name: String
  private let type: String
  private let dimensions: [Int]
  private let smallest: Double?
  private let largest: Double?
  private let notFinite: Int
  private let text: String?

  /// Sums up an array.
  init(_ array: NumPyArray, name: String) {
    self.name = name
    dimensions = array.dimensions
    type =
      switch array.elements {
      case .double: "float64"
      case .float: "float32"
      case .int64: "int64"
      case .int32: "int32"
      case .uint8: "uint8"
      case .bool: "bool"
      case .text: "text"
      }
    let values = array.doubles ?? []
    let finite = values.filter(\.isFinite)
    smallest = finite.min()
    largest = finite.max()
    notFinite = values.count - finite.count
    text = array.texts?.prefix(3).joined(separator: ", ")
  }

  /// A table of arrays.
  static func lines(_ arrays: [ArraySummary]) -> [String] {
    var table = Table([("name", .left), ("type", .left), ("shape", .left), ("least", .right), ("greatest", .right), ("", .left)])
    for array in arrays {
      let shape = array.dimensions.isEmpty ? "scalar" : array.dimensions.map(String.init).joined(separator: "x")
      let remark = array.notFinite > 0 ? "\(array.notFinite) not finite" : array.text ?? ""
      table.add([array.name, array.type, shape, number(array.smallest), number(array.largest), remark])
    }
    return table.lines
  }

  private static func number(_ value: Double?) -> String { value.map { DecimalBound.down($0, digits: 5) } ?? "-" }

  /// The object for machines.
  var json: JSONValue {
    .object([
      ("name", .string(name)), ("type", .string(type)), ("shape", .array(dimensions.map { .integer($0) })), ("least", .number(smallest)),
      ("greatest", .number(largest)), ("notFinite", .integer(notFinite)),
    ])
  }
}
