/// Splits the text of a property into parentheses, brackets, commas and words; knows where it is.
struct VNNLIBScanner {
  /// A piece of the text.
  struct Token: Equatable {
    enum Kind { case open, close, openBracket, closeBracket, comma, word, string, end }
    let kind: Kind
    /// Byte offsets.
    let range: Range<Int>
  }

  private let bytes: [UInt8]
  private var position = 0
  /// The next token.
  private(set) var next = Token(kind: .end, range: 0..<0)

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    // A byte order mark is no part of the text.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try advance()
  }

  /// Takes the next token.
  mutating func take() throws -> Token {
    let token = next
    try advance()
    return token
  }

  /// Takes a token of a certain kind.
  mutating func take(_ kind: Token.Kind, _ what: String) throws -> Token {
    guard next.kind == kind else { throw unexpected(next, instead: what) }
    return try take()
  }

  /// A token's bytes.
  func bytes(of token: Token) -> ArraySlice<UInt8> { bytes[token.range] }

  /// A token's text.
  func text(of token: Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }

  /// Whether a token is a certain word.
  func isWord(_ token: Token, _ word: StaticString) -> Bool {
    guard token.kind == .word, token.range.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { bytes[token.range].elementsEqual($0) }
  }

  /// A failure at a token.
  func failure(_ kind: VNNLIBError.Kind = .malformed, at token: Token, _ reason: String) -> VNNLIBError {
    let before = bytes[..<min(token.range.lowerBound, bytes.count)]
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return VNNLIBError(
      kind, line: before.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }, column: before.count - start + 1, reason: reason)
  }

  /// A failure because another token was expected.
  func unexpected(_ token: Token, instead expected: String) -> VNNLIBError {
    let found = token.kind == .end ? "the end of the text" : "'\(Self.shortened(text(of: token)))'"
    return failure(at: token, "\(expected) was expected, not \(found)")
  }

  /// Text for messages: short, and without control characters.
  static func shortened(_ text: String) -> String {
    let visible = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
    return visible.count > 40 ? visible.prefix(40).joined() + "…" : visible.joined()
  }

  private mutating func advance() throws {
    bytes.withUnsafeBufferPointer { bytes in
      while position < bytes.count {
        let byte = bytes[position]
        if byte == UInt8(ascii: ";") {
          while position < bytes.count, bytes[position] != 10 { position += 1 }
        } else if byte <= 0x20 {
          position += 1
        } else {
          break
        }
      }
    }
    guard position < bytes.count else {
      next = Token(kind: .end, range: bytes.count..<bytes.count)
      return
    }
    let start = position
    let kind: Token.Kind
    switch bytes[position] {
    case UInt8(ascii: "("): kind = .open
    case UInt8(ascii: ")"): kind = .close
    case UInt8(ascii: "["): kind = .openBracket
    case UInt8(ascii: "]"): kind = .closeBracket
    case UInt8(ascii: ","): kind = .comma
    case UInt8(ascii: "\""): kind = .string
    default: kind = .word
    }
    position += 1
    switch kind {
    case .string:
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position += 1 }
      guard position < bytes.count else { throw failure(at: Token(kind: .string, range: start..<start + 1), "a string without an end") }
      position += 1
    case .word:
      bytes.withUnsafeBufferPointer { bytes in while position < bytes.count, Self.isInWord(bytes[position]) { position += 1 } }
    default: break
    }
    next = Token(kind: kind, range: start..<position)
  }

  private static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "\""):
      false
    default: true
    }
  }
}
