import Yams

/// A parsed YAML document whose every part knows its line.
public struct YAMLValue {
  private let node: Yams.Node

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
      self.node = node
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
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return FormatError(.malformed, place: .line(context.mark.line), reason: "\(names): a key occurs twice in what begins here")
    default: return FormatError(.malformed, reason: "not YAML")
    }
  }

  private init(_ node: Yams.Node) { self.node = node }

  /// A failure at this place.
  public func failure(_ reason: String) -> FormatError {
    FormatError(.malformed, place: node.mark.map { .line($0.line) } ?? .file, reason: reason)
  }

  /// The text of a scalar.
  public var text: String? { node.scalar?.string }

  /// The parts of a list, or `nil` when it is none.
  public var list: [YAMLValue]? { node.sequence.map { $0.map(YAMLValue.init) } }

  /// The entries of a dictionary, or `nil` when it is none.
  ///
  /// - Throws: ``FormatError`` when a key is no text or occurs twice.
  public func entries() throws -> [String: YAMLValue]? { try keyedEntries()?.mapValues(\.value) }

  /// The entries of a dictionary with their keys, which know their lines, or `nil` when it is none.
  ///
  /// - Throws: ``FormatError`` when a key is no text or occurs twice.
  public func keyedEntries() throws -> [String: (key: YAMLValue, value: YAMLValue)]? {
    guard let mapping = node.mapping else { return nil }
    var result: [String: (key: YAMLValue, value: YAMLValue)] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw failure("a key is not text") }
      guard result.updateValue((YAMLValue(key), YAMLValue(value)), forKey: name) == nil else {
        throw YAMLValue(key).failure("'\(name)' occurs twice")
      }
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
