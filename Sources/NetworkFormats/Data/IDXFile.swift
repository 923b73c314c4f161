import Foundation

/// The files of MNIST and its relatives: one array of numbers, big-endian, its axes in the header.
///
/// Two zero bytes, the type of the elements, the number of axes, the length of each axis in four bytes, then the elements row-major.
/// Format: LeCun, Cortes, Burges: The MNIST database of handwritten digits.
public enum IDXFile {
  /// Reads the file at `path`, which may be compressed with gzip.
  ///
  /// - Throws: ``FormatError`` that names the file and the byte.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> NumPyArray {
    try FormatError.naming(path) {
      var data = try FileBytes.read(path: path, limit: options.maximumFileSize)
      if data.starts(with: [0x1F, 0x8B]) { data = try Zlib.inflate(data, wrapping: .gzip, limit: options.maximumFileSize) }
      return try read(data)
    }
  }

  /// Whether bytes begin as such a file does.
  static func isLikely(_ data: Data) -> Bool {
    let start = [UInt8](data.prefix(4))
    return start.count == 4 && start[0] == 0 && start[1] == 0 && ElementType(rawValue: start[2]) != nil && start[3] > 0
  }

  private enum ElementType: UInt8 {
    case uint8 = 0x08
    case int8 = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    var size: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// Reads the bytes of a file that is not compressed.
  ///
  /// The shape is compared with the bytes that are there before anything is allocated.
  ///
  /// - Throws: ``FormatError`` that names the byte.
  public static func read(_ data: Data) throws -> NumPyArray {
    let reader = ByteReader(data)
    guard try reader.integer(UInt8.self, at: 0) == 0, try reader.integer(UInt8.self, at: 1) == 0 else {
      throw FormatError(.malformed, place: .byte(0), reason: "an IDX file begins with two zero bytes")
    }
    let code = try reader.integer(UInt8.self, at: 2)
    guard let type = ElementType(rawValue: code) else {
      throw FormatError(.unsupported, place: .byte(2), reason: "element type \(code) is not one of 8, 9, 11, 12, 13 and 14")
    }
    let axes = Int(try reader.integer(UInt8.self, at: 3))
    guard 1...8 ~= axes else { throw FormatError(.malformed, place: .byte(3), reason: "\(axes) axes; from 1 to 8 are understood") }
    let dimensions = try (0..<axes).map { Int(try reader.integer(UInt32.self, at: 4 + 4 * $0).byteSwapped) }
    let start = 4 + 4 * axes
    guard let count = ONNXConstant.count(dimensions, limit: 1 << 40),
      count.multipliedReportingOverflow(by: type.size) == (data.count - start, false)
    else {
      throw FormatError(
        .malformed, place: .byte(start),
        reason: "shape \(dimensions) with \(type.size) bytes an element does not fit the \(data.count - start) bytes that follow")
    }
    return NumPyArray(dimensions: dimensions, elements: elements(data.dropFirst(start), type, count: count))
  }

  private static func elements(_ bytes: Data, _ type: ElementType, count: Int) -> NumPyArray.Elements {
    func values<Stored: FixedWidthInteger, Value>(_ transform: (Stored) -> Value) -> [Value] {
      bytes.withUnsafeBytes { source in
        (0..<count).map {
          transform(Stored(bigEndian: source.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Stored>.size, as: Stored.self)))
        }
      }
    }
    return switch type {
    case .uint8: .uint8([UInt8](bytes))
    case .int8: .int32(values { (value: Int8) in Int32(value) })
    case .int16: .int32(values { (value: Int16) in Int32(value) })
    case .int32: .int32(values { $0 })
    case .float32: .float(values { Float(bitPattern: $0) })
    case .float64: .double(values { Double(bitPattern: $0) })
    }
  }
}
