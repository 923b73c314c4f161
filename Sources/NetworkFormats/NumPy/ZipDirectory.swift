import Foundation

/// The central directory of a zip archive.
struct ZipDirectory {
  /// One file in the archive.
  struct Member {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let storedSize: Int
    let size: Int
    let headerOffset: Int

    /// The greatest factor by which deflate shrinks anything.
    private static let greatestRatio = 1100

    /// The member's bytes.
    ///
    /// - Throws: ``FormatError`` when they are damaged, or more than `limit` or than deflate could have made of the stored ones.
    func contents(of archive: Data, limit: Int) throws -> Data {
      guard size <= limit, size / Self.greatestRatio <= storedSize else {
        throw FormatError(.tooLarge, reason: "announces \(size) bytes from \(storedSize) stored ones, with \(limit) allowed")
      }
      let reader = ByteReader(archive)
      guard try reader.integer(UInt32.self, at: headerOffset) == 0x0403_4B50 else {
        throw FormatError(.malformed, place: .byte(headerOffset), reason: "no zip member starts here")
      }
      let nameLength = Int(try reader.integer(UInt16.self, at: headerOffset + 26))
      let extraLength = Int(try reader.integer(UInt16.self, at: headerOffset + 28))
      let stored = try reader.bytes(at: headerOffset + 30 + nameLength + extraLength, count: storedSize)
      let contents = isDeflated ? try Zlib.inflate(stored, wrapping: .raw, limit: size) : Data(stored)
      guard contents.count == size, Zlib.checksum(contents) == checksum else {
        throw FormatError(.malformed, place: .byte(headerOffset), reason: "the member's size or checksum is wrong")
      }
      return contents
    }
  }

  /// The members in the directory's order.
  private(set) var members: [Member] = []

  /// Reads the directory at the end of `archive`.
  init(_ archive: Data) throws {
    let reader = ByteReader(archive)
    // The end record is the last thing in the file, before a comment of at most 65535 bytes.
    let earliest = max(0, archive.count - 22 - 65535)
    guard archive.count >= 22,
      let end = try stride(from: archive.count - 22, through: earliest, by: -1).first(where: {
        try reader.integer(UInt32.self, at: $0) == 0x0605_4B50
      })
    else { throw FormatError(.malformed, reason: "not a zip archive, or truncated") }
    let count = Int(try reader.integer(UInt16.self, at: end + 10))
    let start = Int(try reader.integer(UInt32.self, at: end + 16))
    guard count != 0xFFFF, start != 0xFFFF_FFFF else {
      throw FormatError(.unsupported, reason: "zip archives over 4 GB (zip64) are not supported")
    }
    var position = start
    for _ in 0..<count {
      guard try reader.integer(UInt32.self, at: position) == 0x0201_4B50 else {
        throw FormatError(.malformed, place: .byte(position), reason: "the zip directory is damaged")
      }
      let flags = try reader.integer(UInt16.self, at: position + 8)
      let method = try reader.integer(UInt16.self, at: position + 10)
      let nameLength = Int(try reader.integer(UInt16.self, at: position + 28))
      let extraLength = Int(try reader.integer(UInt16.self, at: position + 30))
      let commentLength = Int(try reader.integer(UInt16.self, at: position + 32))
      let name = String(decoding: try reader.bytes(at: position + 46, count: nameLength), as: UTF8.self)
      var member = Raw(
        stored: UInt64(try reader.integer(UInt32.self, at: position + 20)),
        size: UInt64(try reader.integer(UInt32.self, at: position + 24)),
        offset: UInt64(try reader.integer(UInt32.self, at: position + 42)))
      try member.extend(reader, at: position + 46 + nameLength, count: extraLength)
      guard flags & 1 == 0 else { throw FormatError(.unsupported, place: .array(name), reason: "the member is encrypted") }
      guard method == 0 || method == 8 else { throw FormatError(.unsupported, place: .array(name), reason: "compression method \(method)") }
      guard let stored = Int(exactly: member.stored), let size = Int(exactly: member.size), let offset = Int(exactly: member.offset),
        max(stored, size, offset) < 1 << 48
      else { throw FormatError(.malformed, place: .array(name), reason: "impossible sizes") }
      members.append(
        Member(
          name: name, isDeflated: method == 8, checksum: try reader.integer(UInt32.self, at: position + 16), storedSize: stored, size: size,
          headerOffset: offset))
      position += 46 + nameLength + extraLength + commentLength
    }
  }

  /// Sizes that may be too long for their 32-bit fields; then the extra field of zip64 holds them (NumPy always writes that field).
  private struct Raw {
    var stored: UInt64
    var size: UInt64
    var offset: UInt64

    mutating func extend(_ reader: ByteReader, at start: Int, count: Int) throws {
      var position = start
      while position + 4 <= start + count {
        let tag = try reader.integer(UInt16.self, at: position)
        let length = Int(try reader.integer(UInt16.self, at: position + 2))
        if tag == 1 {
          var field = position + 4
          func next(_ value: UInt64) throws -> UInt64 {
            guard value == 0xFFFF_FFFF, field + 8 <= position + 4 + length else { return value }
            field += 8
            return try reader.integer(UInt64.self, at: field - 8)
          }
          size = try next(size)
          stored = try next(stored)
          offset = try next(offset)
        }
        position += 4 + length
      }
    }
  }
}
