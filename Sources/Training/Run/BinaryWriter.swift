/// Writes numbers as little-endian bytes.
struct BinaryWriter {
  var bytes: [UInt8] = []

  mutating func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
  mutating func append(_ integer: Int) { append(UInt64(bitPattern: Int64(integer))) }
  mutating func append(_ number: Double) { append(number.bitPattern) }

  /// The length and the elements.
  mutating func append(_ floats: [Float]) {
    append(floats.count)
    bytes.reserveCapacity(bytes.count + 4 * floats.count)
    #if _endian(little)
      floats.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for float in floats { withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    #endif
  }
}
