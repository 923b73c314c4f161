/// The element types of ONNX tensors, by their number in the format.
enum ONNXElementType: Int32 {
  case float = 1
  case uint8, int8, uint16, int16, int32, int64
  case bool = 9
  case float16, double, uint32, uint64
  case bfloat16 = 16

  /// Whether elements are real numbers.
  var isFloating: Bool { self == .float || self == .double || self == .float16 || self == .bfloat16 }

  /// The bytes of one element.
  var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .double, .uint64: 8
    }
  }
}
