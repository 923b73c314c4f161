import Foundation

/// The header of a `.npy` file: a Python dictionary that holds the element type, the order and the shape.
struct NumPyHeader {
  /// The element type, such as `<f8`.
  let type: String
  /// Whether the first axis varies fastest.
  let isFortranOrder: Bool
  /// The lengths of the axes.
  let dimensions: [Int]
  /// The number of bytes before the elements.
  let length: Int

  /// Reads the header at the start of `data`.
  init(_ data: Data) throws {
    let reader = ByteReader(data)
    guard data.count >= 10, try reader.bytes(at: 0, count: 6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
      throw FormatError(.malformed, reason: "not a .npy file")
    }
    let start: Int
    let size: Int
    switch try reader.integer(UInt8.self, at: 6) {
    case 1: (start, size) = (10, Int(try reader.integer(UInt16.self, at: 8)))
    case 2, 3: (start, size) = (12, Int(try reader.integer(UInt32.self, at: 8)))
    case let version: throw FormatError(.unsupported, place: .byte(6), reason: "version \(version) of the .npy format")
    }
    guard size <= 1 << 16 else { throw FormatError(.tooLarge, place: .byte(8), reason: "a header of \(size) bytes") }
    var dictionary = PythonDictionary(try reader.bytes(at: start, count: size), offset: start)
    let entries = try dictionary.read()
    guard case .text(let type)? = entries["descr"], case .flag(let isFortranOrder)? = entries["fortran_order"],
      case .integers(let dimensions)? = entries["shape"], entries.count == 3
    else { throw FormatError(.malformed, place: .byte(start), reason: "the header is not that of an array of simple elements") }
    self.type = type
    self.isFortranOrder = isFortranOrder
    self.dimensions = dimensions
    length = start + size
  }
}

/// A parser for the one form of Python dictionary that NumPy writes: keys and texts in quotes, True and False, tuples of integers.
private struct PythonDictionary {
  enum Value {
    case text(String)
    case flag(Bool)
    case integers([Int])
  }

  private let bytes: [UInt8]
  private let offset: Int
  private var position = 0

  init(_ data: Data, offset: Int) {
    bytes = Array(data)
    self.offset = offset
  }

  mutating func read() throws -> [String: Value] {
    try expect("{")
    var entries: [String: Value] = [:]
    while !accept("}") {
      let key = try text()
      try expect(":")
      guard entries.updateValue(try value(), forKey: key) == nil else { throw failure() }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    guard bytes[position...].allSatisfy({ $0 == 32 || $0 == 10 }) else { throw failure() }
    return entries
  }

  private mutating func value() throws -> Value {
    if accept("True") { return .flag(true) }
    if accept("False") { return .flag(false) }
    guard accept("(") else { return .text(try text()) }
    var integers: [Int] = []
    while !accept(")") {
      integers.append(try integer())
      // A Python 2 header writes long integers as 3L.
      _ = accept("L")
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return .integers(integers)
  }

  private mutating func integer() throws -> Int {
    skipSpaces()
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
    guard let integer = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw failure() }
    return integer
  }

  private mutating func text() throws -> String {
    skipSpaces()
    guard position < bytes.count, bytes[position] == 39 || bytes[position] == 34 else { throw failure() }
    let quote = bytes[position]
    guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { throw failure() }
    defer { position = end + 1 }
    return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
  }

  private mutating func accept(_ word: String) -> Bool {
    skipSpaces()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws {
    guard accept(word) else { throw failure() }
  }

  private mutating func skipSpaces() {
    while position < bytes.count, bytes[position] == 32 || bytes[position] == 10 { position += 1 }
  }

  private func failure() -> FormatError {
    FormatError(.malformed, place: .byte(offset + position), reason: "the header is not that of an array of simple elements")
  }
}
