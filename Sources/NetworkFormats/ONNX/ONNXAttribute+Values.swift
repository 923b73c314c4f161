import Foundation

extension ONNXAttribute {
  /// An integer attribute.
  static func integer(_ name: String, _ value: Int) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = 2
    attribute.i = Int64(value)
    return attribute
  }

  /// A list of integers.
  static func integers(_ name: String, _ values: [Int]) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = 7
    attribute.ints = values.map(Int64.init)
    return attribute
  }

  /// A real number, in single precision.
  static func real(_ name: String, _ value: Double) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = 1
    attribute.f = Float(value)
    return attribute
  }

  /// A string.
  static func string(_ name: String, _ value: String) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    attribute.name = name
    attribute.type = 3
    attribute.s = Data(value.utf8)
    return attribute
  }
}
