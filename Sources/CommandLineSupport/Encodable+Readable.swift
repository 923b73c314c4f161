import Foundation

extension Encodable {
  /// The value as JSON that people can read and that the same value always gives: keys in order, one a line, a new line at the end.
  ///
  /// - Throws: `EncodingError` when a number is not finite.
  public var readableJSON: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }
}
