import Foundation

/// Writes a zip archive with deflated members and fixed dates, so that the same contents give the same bytes.
struct ZipWriter {
  private var data = Data()
  private var directory = Data()
  private var count = 0

  /// Adds a file.
  ///
  /// - Throws: ``FormatError`` when the archive would need the format's 64-bit extension.
  mutating func add(name: String, contents: Data) throws {
    let stored = try Zlib.deflate(contents, wrapping: .raw)
    guard data.count + stored.count + directory.count < 0xFFFF_0000, contents.count < 0xFFFF_FFFF, name.utf8.count < 0xFFFF, count < 0xFFFE
    else {
      throw FormatError(.tooLarge, place: .array(name), reason: "zip archives over 4 GB are not supported")
    }
    let offset = data.count
    // Version 2.0, flags (UTF-8 names), deflate, time 0, date 1980-01-01.
    var shared = Data()
    for field: UInt16 in [20, 0x0800, 8, 0, 0x21] { shared.appendLittleEndian(field) }
    for field in [Zlib.checksum(contents), UInt32(stored.count), UInt32(contents.count)] { shared.appendLittleEndian(field) }
    for field in [UInt16(name.utf8.count), 0] { shared.appendLittleEndian(field) }

    data.appendLittleEndian(UInt32(0x0403_4B50))
    data.append(shared)
    data.append(contentsOf: name.utf8)
    data.append(stored)

    directory.appendLittleEndian(UInt32(0x0201_4B50))
    directory.appendLittleEndian(UInt16(20))
    directory.append(shared)
    // Comment length, disk, internal attributes.
    for field: UInt16 in [0, 0, 0] { directory.appendLittleEndian(field) }
    for field in [UInt32(0), UInt32(offset)] { directory.appendLittleEndian(field) }
    directory.append(contentsOf: name.utf8)
    count += 1
  }

  /// The archive's bytes.
  func finished() -> Data {
    var result = data
    result.append(directory)
    result.appendLittleEndian(UInt32(0x0605_4B50))
    for field in [0, 0, UInt16(count), UInt16(count)] { result.appendLittleEndian(field) }
    for field in [UInt32(directory.count), UInt32(data.count)] { result.appendLittleEndian(field) }
    result.appendLittleEndian(UInt16(0))
    return result
  }
}
