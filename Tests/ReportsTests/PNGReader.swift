import Foundation

@testable import Reports

/// Reads PNG files with stored data, bit by bit as the standards have it, checksums included.
enum PNGReader {
  struct Problem: Error {
    var words: String
  }

  static func image(_ data: Data) throws -> PixelImage {
    let bytes = [UInt8](data)
    guard bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else { throw Problem(words: "signature") }
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (place, chunks) = (8, [(type: String, content: [UInt8])]())
    while place < bytes.count {
      let length = number(place)
      let body = bytes[place + 4..<place + 8 + length]
      guard checksum(body) == UInt32(number(place + 8 + length)) else { throw Problem(words: "checksum") }
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      place += 12 + length
    }
    guard chunks.map(\.type) == ["IHDR", "IDAT", "IEND"], chunks[0].content.count == 13, chunks[0].content[8] == 8 else {
      throw Problem(words: "chunks")
    }
    let (width, height, isGrey) = (number(16), number(20), chunks[0].content[9] == 0)
    let rows = try inflated(chunks[1].content)
    let length = width * (isGrey ? 1 : 3)
    guard rows.count == height * (length + 1) else { throw Problem(words: "\(rows.count) bytes") }
    let pixels = try (0..<height).flatMap { row in
      let line = rows[row * (length + 1)..<(row + 1) * (length + 1)]
      guard line.first == 0 else { throw Problem(words: "filter") }
      return Array(line.dropFirst())
    }
    return PixelImage(width: width, height: height, isGrey: isGrey, bytes: pixels)
  }

  private static func inflated(_ stream: [UInt8]) throws -> [UInt8] {
    guard (Int(stream[0]) << 8 | Int(stream[1])) % 31 == 0, stream[0] & 15 == 8 else { throw Problem(words: "zlib's header") }
    var (place, isLast, result) = (2, false, [UInt8]())
    while !isLast {
      isLast = stream[place] & 1 == 1
      let length = Int(stream[place + 1]) | Int(stream[place + 2]) << 8
      let complement = Int(stream[place + 3]) | Int(stream[place + 4]) << 8
      guard stream[place] >> 1 == 0, length ^ complement == 0xFFFF else { throw Problem(words: "block") }
      result += stream[place + 5..<place + 5 + length]
      place += 5 + length
    }
    let sums = result.reduce(into: (a: 1, b: 0)) { sums, byte in
      sums.a = (sums.a + Int(byte)) % 65_521
      sums.b = (sums.b + sums.a) % 65_521
    }
    guard stream[place...].reduce(0, { $0 << 8 | Int($1) }) == sums.b << 16 | sums.a else { throw Problem(words: "sum") }
    return result
  }

  /// CRC-32 bit by bit.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
    }
    return ~remainder
  }
}
