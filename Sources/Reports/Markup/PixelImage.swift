import Foundation

/// Pixels of eight bits, grey or red, green and blue, as a file.
struct PixelImage: Equatable {
  let width: Int
  let height: Int
  /// One byte for each pixel, or else three.
  let isGrey: Bool
  /// Row by row from the top.
  let bytes: [UInt8]

  /// The image as PNG (ISO/IEC 15948). Its data are stored as they are: a few hundred pixels would hardly shrink.
  var png: Data {
    var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    data += Self.chunk("IHDR", Self.bigEndian(width) + Self.bigEndian(height) + [8, isGrey ? 0 : 2, 0, 0, 0])
    let length = width * (isGrey ? 1 : 3)
    // Every row says first that it is not filtered.
    let rows = (0..<height).flatMap { [0] + bytes[$0 * length..<($0 + 1) * length] }
    data += Self.chunk("IDAT", Self.stored(rows))
    data += Self.chunk("IEND", [])
    return data
  }

  /// A stream of zlib (RFC 1950) of blocks that are stored (RFC 1951).
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let limit = 65_535
    var result: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: max(1, bytes.count), by: limit) {
      let block = bytes[min(start, bytes.count)..<min(start + limit, bytes.count)]
      let low = [UInt8(block.count & 0xFF), UInt8(block.count >> 8)]
      result += [start + limit >= bytes.count ? 1 : 0] + low + low.map { ~$0 } + block
    }
    var (a, b) = (1, 0)
    for byte in bytes { (a, b) = ((a + Int(byte)) % 65_521, (a + Int(byte) + b) % 65_521) }
    return result + bigEndian(b << 16 | a)
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(content.count) + body + bigEndian(Int(checksum(body)))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

  /// CRC-32.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  private static let table: [UInt32] = (0..<256).map {
    (0..<8).reduce(UInt32($0)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }
}
