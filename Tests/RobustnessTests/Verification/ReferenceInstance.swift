import Foundation
import TestSupport
import Testing

/// A network and a property whose verdict is known.
struct ReferenceInstance: Decodable, CustomStringConvertible, Sendable {
  let bench: String
  let onnx: String
  let property: String
  let expected: String
  let counterexample: String
  let bound: String
  let inputCount: Int
  let outputCount: Int
  let disjuncts: Int

  private enum CodingKeys: String, CodingKey {
    case bench, onnx, expected, counterexample, disjuncts
    case property = "vnnlib"
    case bound = "simplest_sufficient_bound"
    case inputCount = "nx"
    case outputCount = "ny"
  }

  var description: String { "\(onnx) \(property)" }
  var modelPath: String { SharedData.path("verification/\(onnx)") }
  var propertyPath: String {
    let path = SharedData.path("verification/\(property)")
    return FileManager.default.fileExists(atPath: path) ? path : path + ".gz"
  }

  /// All pairs.
  static func all() throws -> [ReferenceInstance] {
    let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path("verification/expected.json")))
    return try JSONDecoder().decode([ReferenceInstance].self, from: data)
  }
}
