import Foundation

/// Reads numbers off the bytes of a file in SDPA format, one pass and without copies.
struct SDPAScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  /// The line of the next byte, counted from 1.
  private(set) var line = 1
  /// The comment lines met so far, without line ends.
  private(set) var comments: [String] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The bytes that are left.
  var remaining: Int { bytes.count - position }

  /// Blanks of the format, line ends excepted.
  private static func isBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "{"), UInt8(ascii: "}"):
      true
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while position < bytes.count, Self.isBlank(bytes[position]) { position &+= 1 }
  }

  private var isAtLineStart: Bool { position == 0 || bytes[position &- 1] == UInt8(ascii: "\n") }

  /// Moves to the next token, over blanks, line ends and comment lines.
  ///
  /// - Returns: false at the end of the text.
  /// - Throws: ``SDPAError`` at a section of an extended format.
  mutating func findToken() throws(SDPAError) -> Bool {
    while true {
      if isAtLineStart, let byte, byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\"") { try comment() }
      skipBlanks()
      guard let byte else { return false }
      guard byte == UInt8(ascii: "\n") else { return true }
      position &+= 1
      line &+= 1
    }
  }

  private mutating func comment() throws(SDPAError) {
    let start = position
    skipLine()
    var end = position
    while end > start, bytes[end - 1] == UInt8(ascii: "\r") || bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    if text == "*INTEGER" || text == "*RANK1" {
      throw SDPAError(
        .unsupported, line: line,
        "the section \(text) asks for \(text == "*INTEGER" ? "integer variables" : "matrices of rank one"), "
          + "which is not a semidefinite program")
    }
    comments.append(text)
  }

  private mutating func skipLine() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position &+= 1 }
  }

  /// Leaves the line, which may go on with words but not with another number.
  mutating func endHeaderLine(after what: String) throws(SDPAError) {
    skipBlanks()
    if let byte, Self.isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") {
      throw SDPAError(.malformed, line: line, "more numbers than expected after \(what)")
    }
    skipLine()
  }

  /// Leaves the line, which must hold nothing more.
  mutating func endEntryLine() throws(SDPAError) {
    skipBlanks()
    if let byte, byte != UInt8(ascii: "\n") {
      throw SDPAError(.malformed, line: line, "an entry is five numbers, matrix, block, row, column and value; there is more on this line")
    }
  }

  /// Moves to the next token of the line.
  mutating func requireOnLine(_ what: String) throws(SDPAError) {
    skipBlanks()
    guard let byte else { throw SDPAError(.incomplete, line: line, "the text ends before the \(what) of an entry") }
    if byte == UInt8(ascii: "\n") { throw SDPAError(.malformed, line: line, "the line ends before the \(what) of an entry") }
  }

  /// Moves to the next token.
  mutating func require(_ what: String) throws(SDPAError) {
    guard try findToken() else { throw SDPAError(.incomplete, line: line, "the text ends before \(what)") }
  }

  /// The integer at the current place.
  ///
  /// - Parameters:
  ///   - what: its name in errors.
  ///   - words: whether it may be followed at once by something that is not a number, as in `3=mDIM`.
  mutating func integer(_ what: String, words: Bool = false) throws(SDPAError) -> Int {
    var isNegative = false
    if let sign = byte, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      position &+= 1
    }
    let start = position
    var value = 0
    while position < bytes.count {
      let digit = Int(bytes[position]) &- 48
      guard digit >= 0, digit < 10 else { break }
      guard value < 1 << 50 else { throw SDPAError(.outOfRange, line: line, "\(what) is too large") }
      value = value &* 10 &+ digit
      position &+= 1
    }
    guard position > start, ends(words: words) else { throw SDPAError(.malformed, line: line, "\(what) is not an integer") }
    return isNegative ? -value : value
  }

  private func ends(words: Bool = false) -> Bool {
    guard let byte else { return true }
    if byte == UInt8(ascii: "\n") || Self.isBlank(byte) { return true }
    // In words even `3=mDIM` is an integer, but 3.5 and 3e1 are not.
    return words && byte != UInt8(ascii: ".") && byte | 0x20 != UInt8(ascii: "e") && byte | 0x20 != UInt8(ascii: "d")
  }

  /// The double nearest to the decimal at the current place, whose exponent may be marked by E or D in either case.
  mutating func real(_ what: String) throws(SDPAError) -> Double {
    let start = position
    var isNegative = false
    if let sign = byte, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      position &+= 1
    }
    // |value| = significand · 10^exponent as long as no digit was dropped.
    var significand: UInt64 = 0
    var exponent = 0
    var digits = 0
    var isExact = true
    var hasPoint = false
    while position < bytes.count {
      let byte = bytes[position]
      let digit = byte &- 48
      if digit < 10 {
        if significand < 1 << 59 { significand = significand &* 10 &+ UInt64(digit) } else { isExact = false }
        digits &+= 1
        if hasPoint { exponent &-= 1 }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        break
      }
      position &+= 1
    }
    var isWellFormed = digits > 0
    if let mark = byte, mark | 0x20 == UInt8(ascii: "e") || mark | 0x20 == UInt8(ascii: "d") {
      position &+= 1
      var isSmall = false
      if let sign = byte, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isSmall = sign == UInt8(ascii: "-")
        position &+= 1
      }
      let first = position
      var power = 0
      while let byte, Self.isDigit(byte) {
        power = min(power &* 10 &+ Int(byte &- 48), 1_000_000)
        position &+= 1
      }
      isWellFormed = isWellFormed && position > first
      exponent += isSmall ? -power : power
    }
    guard isWellFormed, ends() else { throw SDPAError(.malformed, line: line, "\(what) is not a number") }
    if isExact, significand <= 1 << 53, exponent.magnitude <= 22 {
      // Both factors are exact, so the one rounding is that to nearest (Clinger, How to read floating point numbers accurately).
      let magnitude =
        exponent < 0 ? Double(significand) / Self.powersOfTen[-exponent] : Double(significand) * Self.powersOfTen[exponent]
      return isNegative ? -magnitude : magnitude
    }
    let value = Self.nearest(bytes[start..<position])
    guard value.isFinite else { throw SDPAError(.outOfRange, line: line, "\(what) is beyond the range of double precision") }
    return value
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The double nearest to a well-formed decimal, by the C library unless its locale does not have the decimal point.
  private static func nearest(_ token: Slice<UnsafeBufferPointer<UInt8>>) -> Double {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: token.count + 1) { text in
      for (i, byte) in token.enumerated() {
        text[i] = CChar(bitPattern: byte | 0x20 == UInt8(ascii: "d") ? UInt8(ascii: "e") : byte)
      }
      text[token.count] = 0
      guard let start = text.baseAddress else { return .nan }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      if end == start + token.count { return value }
      return Double(String(cString: start)) ?? .nan
    }
  }
}
