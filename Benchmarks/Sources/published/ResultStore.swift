import Foundation

/// A measured row: one network by one method.
struct Measurement {
  var network: String
  var method: String
  var upper: Double?
  var lower: Double?
  var isCertified: Bool
  var seconds: Double
  var stop: String
  var note: String

  /// The columns of the file.
  static let header = "network,method,upper,lower,certified,seconds,stop,note"

  /// One line of the file.
  var line: String {
    let numbers = [upper.map { "\($0)" } ?? "", lower.map { "\($0)" } ?? "", isCertified ? "yes" : "no", String(format: "%.4g", seconds)]
    let words = [stop, note].map { "\"" + $0.replacing("\"", with: "'").replacing("\n", with: " ") + "\"" }
    return (["\"\(network)\"", method] + numbers + words).joined(separator: ",")
  }

  /// Reads a line; `nil` for a line that was cut off.
  init?(line: String) {
    let fields = PublishedTable.fields(line)
    guard fields.count == 8, let seconds = Double(fields[5]), line.hasSuffix("\"") else { return nil }
    (network, method, upper, lower) = (fields[0], fields[1], Double(fields[2]), Double(fields[3]))
    (isCertified, self.seconds, stop, note) = (fields[4] == "yes", seconds, fields[6], fields[7])
  }

  init(
    network: String, method: String, upper: Double?, lower: Double?, isCertified: Bool, seconds: Double, stop: String, note: String
  ) {
    self.network = network
    self.method = method
    self.upper = upper
    self.lower = lower
    self.isCertified = isCertified
    self.seconds = seconds
    self.stop = stop
    self.note = note
  }
}

/// The file of measurements, to which every row is added as soon as it is known, so that an interrupted run resumes.
struct ResultStore {
  let path: String
  private(set) var measurements: [String: Measurement] = [:]

  /// Opens the file and reads what is there; a line cut off by an interruption is dropped.
  init(path: String) throws {
    self.path = path
    if let text = try? String(contentsOfFile: path, encoding: .utf8) {
      for line in text.split(separator: "\n").dropFirst() {
        if let row = Measurement(line: String(line)) { measurements[Self.key(row.network, row.method)] = row }
      }
    }
    // The rows that count, once each, so that additions begin on a line of their own.
    let lines = [Measurement.header] + measurements.values.sorted { ($0.network, $0.method) < ($1.network, $1.method) }.map(\.line)
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  }

  subscript(network: String, method: String) -> Measurement? { measurements[Self.key(network, method)] }

  /// Adds a row, in memory and in the file.
  mutating func add(_ row: Measurement) throws {
    measurements[Self.key(row.network, row.method)] = row
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: Data((row.line + "\n").utf8))
  }

  private static func key(_ network: String, _ method: String) -> String { network + "\n" + method }
}
