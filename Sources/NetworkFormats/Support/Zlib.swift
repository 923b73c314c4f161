import CZlib
import Foundation

/// Deflate streams through zlib.
enum Zlib {
  /// How a deflate stream is wrapped.
  enum Wrapping {
    /// No header, as in zip archives.
    case raw
    /// A gzip file.
    case gzip

    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .gzip: 15 + 16
      }
    }
  }

  /// Expands a stream.
  ///
  /// Memory grows with what is really there, never with what a header announces.
  ///
  /// - Throws: ``FormatError`` when the stream is damaged or expands to more than `limit` bytes.
  static func inflate(_ data: Data, wrapping: Wrapping, limit: Int) throws -> Data {
    var stream = z_stream()
    guard inflateInit2_(&stream, wrapping.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FormatError(.inaccessible, reason: "zlib cannot start")
    }
    defer { inflateEnd(&stream) }
    var result = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let input = [UInt8](data)
    var consumed = 0
    while true {
      let status = input.withUnsafeBufferPointer { source in
        chunk.withUnsafeMutableBufferPointer { target in
          stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress.map { $0 + consumed })
          stream.avail_in = UInt32(min(source.count - consumed, 1 << 30))
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          let before = stream.avail_in
          let status = CZlib.inflate(&stream, Z_NO_FLUSH)
          consumed += Int(before - stream.avail_in)
          return status
        }
      }
      let produced = chunk.count - Int(stream.avail_out)
      guard result.count + produced <= limit else { throw FormatError(.tooLarge, reason: "expands to more than \(limit) bytes") }
      result.append(contentsOf: chunk[0..<produced])
      switch status {
      case Z_STREAM_END:
        // A gzip file may have several members, one after the other.
        guard case .gzip = wrapping, consumed < input.count else { return result }
        inflateReset(&stream)
      case Z_OK where produced > 0 || consumed < input.count:
        continue
      default:
        throw FormatError(.malformed, place: .byte(consumed), reason: "a damaged or truncated deflate stream")
      }
    }
  }

  /// Compresses bytes.
  static func deflate(_ data: Data, wrapping: Wrapping) throws -> Data {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, wrapping.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK, let size = UInt32(exactly: data.count) else { throw FormatError(.tooLarge, reason: "cannot be compressed") }
    defer { deflateEnd(&stream) }
    var input = [UInt8](data)
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(data.count))))
    let outputCount = output.count
    let result = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = size
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(clamping: outputCount)
        return CZlib.deflate(&stream, Z_FINISH)
      }
    }
    guard result == Z_STREAM_END else { throw FormatError(.inaccessible, reason: "zlib failed") }
    return Data(output[0..<Int(stream.total_out)])
  }

  /// The CRC-32 of zip members.
  static func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { bytes in
      var sum = crc32(0, nil, 0)
      var offset = 0
      while offset < bytes.count {
        let length = min(bytes.count - offset, 1 << 30)
        sum = crc32(sum, bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self), UInt32(length))
        offset += length
      }
      return UInt32(sum)
    }
  }
}
