/// Reads what a ``BinaryWriter`` wrote. No length is trusted: memory grows with what is really there.
struct BinaryReader {
  /// Why bytes cannot be read.
  struct Failure: Error {
    let detail: String
  }

  let bytes: [UInt8]
  var offset = 0

  var remaining: Int { bytes.count - offset }

  mutating func word() throws(Failure) -> UInt64 {
    guard remaining >= 8 else { throw Failure(detail: "it ends too early") }
    defer { offset += 8 }
    return bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
  }

  /// A number that counts something, or a place.
  mutating func integer() throws(Failure) -> Int {
    guard let value = Int(exactly: try word()), value >= 0 else { throw Failure(detail: "it has a negative count") }
    return value
  }

  mutating func number() throws(Failure) -> Double { Double(bitPattern: try word()) }

  /// A number of elements that follow, each of at least `size` bytes.
  mutating func count(of size: Int) throws(Failure) -> Int {
    let count = try integer()
    guard count <= remaining / size else { throw Failure(detail: "it ends too early") }
    return count
  }

  /// A length and as many elements.
  mutating func floats() throws(Failure) -> [Float] {
    let count = try count(of: 4)
    defer { offset += 4 * count }
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4 * $0, as: UInt32.self)))
      }
    }
  }
}
