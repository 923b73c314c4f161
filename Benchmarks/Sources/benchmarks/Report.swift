import Foundation

/// Everything, for JSON.
struct Report: Encodable {
  let machine: [String: String]
  let loadAtEnd: String
  let busyCores: Double
  let topics: [Table]

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
