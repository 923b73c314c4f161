import Foundation

/// A row of the table extracted from the authors' result files.
struct TableRow {
  var set: String
  var file: String
  var method: String
  var bound: Double
  var seconds: Double?
  var source: String

  /// The row as a reference, with what is wrong with it.
  var reference: Reference {
    Reference(
      method: method, value: bound, kind: method.contains("lower bound") ? .lower : .upper, seconds: seconds,
      counterpart: Reference.counterpart(of: method), source: source, defect: defect)
  }

  /// What is known to be wrong, from the sources' code and the note beside the data.
  private var defect: String? {
    if method.contains("SeqLip") { return "a greedy search of a maximum: no bound" }
    if method.contains("sampled"), !file.hasPrefix("cnn") { return nil }
    if file.hasPrefix("cnn2_seed") || file.hasPrefix("cnn3_seed") {
      let isAboutTheNetwork = method.contains("product") || method.contains("2-D system")
      return isAboutTheNetwork ? nil : "of another network: the unrolled convolution and the next matrix order pixels differently"
    }
    if set == "scalability_mlp", bound < 1e-3 { return "at the solver's absolute tolerance: up to 39,000 × too large" }
    if method.contains("_l ") { return "local slopes; for convolutions taken at one pixel, which is not sound" }
    return nil
  }
}

/// The table: set, file, network, norm, method, bound, seconds, source.
enum PublishedTable {
  /// The rows with a bound; none when there is no file.
  static func rows(path: String) throws -> [TableRow] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let fields = fields(String(line))
      guard fields.count == 8, let bound = Double(fields[5]) else { return nil }
      return TableRow(set: fields[0], file: fields[1], method: fields[4], bound: bound, seconds: Double(fields[6]), source: fields[7])
    }
  }

  /// The fields of a line, quoted or not.
  static func fields(_ line: String) -> [String] {
    var (result, isQuoted) = ([""], false)
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: result.append("")
      default: result[result.count - 1].append(character)
      }
    }
    return result
  }
}
