/// Reads comma-separated values as RFC 4180 has them, with line ends of either kind.
struct CSVReader {
  /// A record and the line it begins on, counted from 1.
  struct Record {
    var line: Int
    var fields: [String]
  }

  /// The records of a text; empty lines are left out.
  ///
  /// - Throws: ``PeerError`` when a quoted field does not end.
  static func records(_ text: String) throws(PeerError) -> [Record] {
    var records: [Record] = []
    var (fields, field) = ([String](), String.UnicodeScalarView())
    var (line, start) = (1, 1)
    var (isQuoted, wasQuoted) = (false, false)
    let scalars = Array(text.unicodeScalars)
    func endField() {
      fields.append(String(field))
      field.removeAll()
      wasQuoted = false
    }
    func endRecord() {
      let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
      endField()
      if !isBlank { records.append(Record(line: start, fields: fields)) }
      fields.removeAll()
    }
    var i = 0
    while i < scalars.count {
      let scalar = scalars[i]
      if scalar == "\n" { line += 1 }
      if isQuoted {
        if scalar == "\"", i + 1 < scalars.count, scalars[i + 1] == "\"" {
          field.append(scalar)
          i += 1
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.append(scalar)
        }
      } else {
        switch scalar {
        case "\"" where field.isEmpty: (isQuoted, wasQuoted) = (true, true)
        case ",": endField()
        case "\n":
          endRecord()
          start = line
        case "\r" where i + 1 < scalars.count && scalars[i + 1] == "\n": break
        default: field.append(scalar)
        }
      }
      i += 1
    }
    if isQuoted { throw PeerError(line: start, detail: "a quoted field does not end") }
    endRecord()
    return records
  }
}
