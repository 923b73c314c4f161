import Yams

/// A parsed YAML document whose every part knows its line.
public struct YAMLValue: Sendable {
  /// What stands there; the values of a dictionary know their lines, and so do its keys.
  private indirect enum Content {
    case scalar(String, isPlain: Bool)
    case list([YAMLValue])
    case dictionary([(key: YAMLValue, value: YAMLValue)])
  }

  private let content: Content
  /// The line, counted from one.
  private let line: Int?

  /// Parses a document.
  ///
  /// Nesting is limited before the recursive parser sees it.
  ///
  /// - Throws: ``FormatError`` that names the line.
  public init(text: String) throws {
    var depth = 0
    var column = 0
    var isComment = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): isComment = false
      case UInt8(ascii: "#"): isComment = true
      // Aliases can make a small file stand for an exponentially large one.
      case UInt8(ascii: "&") where !isComment, UInt8(ascii: "*") where !isComment:
        throw FormatError(.unsupported, reason: "anchors and aliases (& and *) are not supported")
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      column = byte == 10 || byte == 13 ? 0 : column + 1
      guard depth <= 32, column <= 1000 else { throw FormatError(.tooLarge, reason: "nested too deeply, or a line over 1000 characters") }
    }
    do {
      guard let node = try Yams.compose(yaml: text) else { throw FormatError(.malformed, reason: "the file is empty") }
      self.init(node)
    } catch let error as FormatError {
      throw error
    } catch let error as YamlError {
      throw Self.failure(error)
    } catch {
      throw FormatError(.malformed, reason: "not YAML: \(error)")
    }
  }

  /// The parser's complaint in one line.
  private static func failure(_ error: YamlError) -> FormatError {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let began = context.map { " (\($0.text) of line \($0.mark.line))" } ?? ""
      return FormatError(.malformed, place: .line(mark.line), reason: "not YAML: \(problem)\(began)")
    case .reader(let problem, _, _, _): return FormatError(.malformed, reason: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      return FormatError(.malformed, place: .line(context.mark.line), reason: "\(names): a key occurs twice in what begins here")
    default: return FormatError(.malformed, reason: "not YAML")
    }
  }

  private init(_ node: Yams.Node) {
    line = node.mark?.line
    switch node {
    case .scalar(let scalar): content = .scalar(scalar.string, isPlain: scalar.style == .plain)
    case .sequence(let sequence): content = .list(sequence.map(YAMLValue.init))
    case .mapping(let mapping): content = .dictionary(mapping.map { (YAMLValue($0.key), YAMLValue($0.value)) })
    // Aliases were refused before.
    case .alias: content = .scalar("", isPlain: true)
    }
  }

  /// A failure at this place.
  public func failure(_ reason: String) -> FormatError {
    FormatError(.malformed, place: line.map { .line($0) } ?? .file, reason: reason)
  }

  /// The text of a scalar, or `nil` when it is none, or nothing.
  public var text: String? {
    guard case .scalar(let text, _) = content, !isNothing else { return nil }
    return text
  }

  /// Whether nothing stands there, or a word that says so without quotes: `~` or `null`.
  public var isNothing: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Whether it is a scalar without quotes.
  public var isPlain: Bool { if case .scalar(_, isPlain: true) = content { true } else { false } }

  /// The parts of a list, or `nil` when it is none.
  public var list: [YAMLValue]? { if case .list(let parts) = content { parts } else { nil } }

  /// The entries of a dictionary, or `nil` when it is none.
  ///
  /// - Throws: ``FormatError`` when a key is no text or occurs twice.
  public func entries() throws -> [String: YAMLValue]? { try keyedEntries()?.mapValues(\.value) }

  /// The entries of a dictionary with their keys, which know their lines, or `nil` when it is none.
  ///
  /// - Throws: ``FormatError`` when a key is no text or occurs twice.
  public func keyedEntries() throws -> [String: (key: YAMLValue, value: YAMLValue)]? {
    guard case .dictionary(let pairs) = content else { return nil }
    var result: [String: (key: YAMLValue, value: YAMLValue)] = [:]
    for (key, value) in pairs {
      guard case .scalar(let name, _) = key.content else { throw key.failure("a key is not text") }
      guard result.updateValue((key, value), forKey: name) == nil else { throw key.failure("'\(name)' occurs twice") }
    }
    return result
  }

  /// A text.
  ///
  /// - Throws: ``FormatError`` when it is something else.
  public func string() throws -> String {
    guard let text else { throw failure("expected text") }
    return text
  }

  /// An integer.
  ///
  /// - Throws: ``FormatError`` when it is something else.
  public func integer() throws -> Int {
    guard let text, let value = Int(text) else { throw failure("expected an integer") }
    return value
  }

  /// A finite real number.
  ///
  /// - Throws: ``FormatError`` when it is something else.
  public func real() throws -> Double {
    guard let text, let value = Double(text), value.isFinite else { throw failure("expected a number") }
    return value
  }

  /// A list of integers; a single one counts as a list of one.
  ///
  /// - Throws: ``FormatError`` when it is something else.
  public func integers() throws -> [Int] { try list?.map { try $0.integer() } ?? [integer()] }

  /// A list of real numbers; a single one counts as a list of one.
  ///
  /// - Throws: ``FormatError`` when it is something else.
  public func reals() throws -> [Double] { try list?.map { try $0.real() } ?? [real()] }
}
