import Foundation

/// Rows of numbers as text: separated by commas, semicolons, tabs or spaces, one row a line.
///
/// Empty lines and lines that begin with `#` are left out, and so is a first line of words. Numbers are decimal, as in C.
public enum NumberTable {
  /// Reads the file at `path`, which may be compressed with gzip, as a matrix; a single column is a vector.
  ///
  /// - Throws: ``FormatError`` that names the file and the line.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> NumPyArray {
    try FormatError.naming(path) {
      var data = try FileBytes.read(path: path, limit: options.maximumFileSize)
      if data.starts(with: [0x1F, 0x8B]) { data = try Zlib.inflate(data, wrapping: .gzip, limit: options.maximumFileSize) }
      return try read(data)
    }
  }

  /// Reads the bytes of a text.
  ///
  /// - Throws: ``FormatError`` that names the line: a field that is no number, or a line with more or fewer fields than the first.
  public static func read(_ data: Data) throws -> NumPyArray {
    var values: [Double] = []
    var (width, rows, number) = (0, 0, 0)
    let bytes = [UInt8](data)
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      number += 1
      defer { start = end + 1 }
      let line = bytes[start..<end]
      guard let first = line.first(where: { !isBlank($0) }), first != UInt8(ascii: "#") else { continue }
      let before = values.count
      if let bad = append(line, to: &values) {
        values.removeLast(values.count - before)
        // The titles of the columns.
        if rows == 0, width == 0, isWord(bad) {
          width = -1
          continue
        }
        throw FormatError(.malformed, place: .line(number), reason: "'\(bad.prefix(40))' is not a number")
      }
      let count = values.count - before
      if rows == 0 { width = count }
      guard count == width else {
        throw FormatError(.malformed, place: .line(number), reason: "\(count) numbers; the first row has \(width)")
      }
      rows += 1
    }
    guard rows > 0 else { throw FormatError(.malformed, reason: "there are no numbers") }
    return NumPyArray(dimensions: width == 1 ? [rows] : [rows, width], elements: .double(values))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func isWord(_ text: String) -> Bool { text.first.map { $0.isLetter || $0 == "\"" || $0 == "_" } ?? false }

  /// Appends the numbers of a line; the first field that is none, or `nil`.
  private static func append(_ line: ArraySlice<UInt8>, to values: inout [Double]) -> String? {
    let commas = line.contains(UInt8(ascii: ",")) || line.contains(UInt8(ascii: ";"))
    func ends(_ byte: UInt8) -> Bool { commas ? byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") : isBlank(byte) }
    var fields = line.split(omittingEmptySubsequences: !commas, whereSeparator: ends)
    // A comma may end a line.
    if commas, let last = fields.last, last.allSatisfy(isBlank) { fields.removeLast() }
    for var field in fields {
      while let byte = field.first, isBlank(byte) { field.removeFirst() }
      while let byte = field.last, isBlank(byte) { field.removeLast() }
      guard let value = number(field) else { return String(decoding: field, as: UTF8.self) }
      values.append(value)
    }
    return nil
  }

  /// A decimal number; small whole ones, such as pixels, without a detour.
  private static func number(_ field: ArraySlice<UInt8>) -> Double? {
    if 1...9 ~= field.count, field.allSatisfy({ 48...57 ~= $0 }) { return Double(field.reduce(0) { 10 * $0 + Int($1 - 48) }) }
    return Double(String(decoding: field, as: UTF8.self))
  }
}
