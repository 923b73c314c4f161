import Foundation

/// Little-endian integers at positions in bytes, with every position checked.
struct ByteReader {
  private let data: Data

  /// Reads from `data`, counting from its first byte.
  init(_ data: Data) { self.data = data }

  /// The number of bytes.
  var count: Int { data.count }

  /// The integer at `offset`.
  ///
  /// - Throws: ``FormatError`` when it reaches past the end.
  func integer<Value: FixedWidthInteger>(_: Value.Type, at offset: Int) throws -> Value {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset <= data.count - size else {
      throw FormatError(.malformed, place: .byte(offset), reason: "the file ends here")
    }
    return data.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }

  /// `length` bytes from `offset`.
  ///
  /// - Throws: ``FormatError`` when they reach past the end.
  func bytes(at offset: Int, count length: Int) throws -> Data {
    guard offset >= 0, length >= 0, offset <= data.count, length <= data.count - offset else {
      throw FormatError(.malformed, place: .byte(offset), reason: "the file ends within the \(length) bytes that start here")
    }
    let start = data.startIndex + offset
    return data[start..<start + length]
  }
}

extension Data {
  /// Appends an integer, least significant byte first.
  mutating func appendLittleEndian<Value: FixedWidthInteger>(_ value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
