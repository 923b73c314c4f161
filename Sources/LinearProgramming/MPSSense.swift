import Foundation

/// The OBJSENSE section of MPS files, which GLPK does not know.
///
/// Other programs write it before the ROWS section, as two records or as one:
///
///     OBJSENSE
///         MAX
enum MPSSense {
  /// The text with the section turned into comments, so that line numbers stay, and what it says.
  static func extract(_ data: Data) -> (text: Data, sense: LinearProgram.Sense?) {
    var text = data
    var sense: LinearProgram.Sense?
    var isInside = false
    var start = data.startIndex
    while start < data.endIndex {
      let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) ?? data.endIndex
      let line = data[start..<end]
      let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
        .map { String(decoding: $0, as: UTF8.self).uppercased() }
      let isIndicator = line.first.map { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? false
      if isIndicator, words.first == "ROWS" { break }
      if isIndicator, words.first == "OBJSENSE" {
        isInside = true
      } else if isIndicator, line.first != UInt8(ascii: "*") {
        // MAX and MIN may stand in the first column, too.
        isInside = isInside && words.count == 1 && value(words[0]) != nil
      }
      if isInside, line.first != UInt8(ascii: "*") {
        for word in words { sense = value(word) ?? sense }
        if !line.isEmpty { text[start] = UInt8(ascii: "*") }
        // Readers of fixed MPS reject tabs and carriage returns elsewhere, but not in comments.
      }
      start = end < data.endIndex ? data.index(after: end) : end
    }
    return (text, sense)
  }

  private static func value(_ word: String) -> LinearProgram.Sense? {
    switch word {
    case "MAX", "MAXIMIZE", "MAXIMISE": .maximise
    case "MIN", "MINIMIZE", "MINIMISE": .minimise
    default: nil
    }
  }
}
