import Foundation
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#endif

// MARK: - What is measured

/// A subject with one table: cases that can be selected one by one.
struct Topic: Sendable {
  /// The first part of its cases' names, as `--filter` sees them.
  let id: String
  /// The table's heading.
  let title: String
  /// How to read the table.
  let note: String
  /// The names of the columns. Times are in seconds in JSON.
  let columns: [String]
  /// What there is to measure.
  let cases: [Case]

  /// One measurement: one or more rows of the table.
  struct Case: Sendable {
    /// What it measures; `--filter` matches `id/name`.
    let name: String
    /// Whether `--quick` leaves it out.
    var isSlow = false
    /// Measures; the rows have one cell for each column.
    let rows: @Sendable (Harness) throws -> [[Cell]]
  }
}

/// A check inside a benchmark that did not hold, or input that it needs and does not have.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

// MARK: - Measuring

/// Seconds of several repetitions of the same work.
struct Timing {
  /// Ascending.
  private let seconds: [Double]

  /// - Precondition: there is at least one.
  init(_ seconds: [Double]) { self.seconds = seconds.sorted() }

  /// The least: what the machine can do when nobody disturbs it.
  var best: Double { seconds[0] }
  /// The median: what it did.
  var median: Double { (seconds[(seconds.count - 1) / 2] + seconds[seconds.count / 2]) / 2 }
  /// How many there are.
  var count: Int { seconds.count }
}

/// Runs and times benchmarks as the command line asks.
struct Harness {
  /// What the command line asks for.
  let options: Options

  /// Times `body`: once to warm up, then up to `repetitions` times, but no longer than about four seconds (`--quick`: a third, 0.3).
  ///
  /// Work that takes longer than that by itself is not repeated; its only run counts.
  func measure(_ repetitions: Int = 20, _ body: () throws -> Void) rethrows -> Timing {
    try compare(repetitions, body, {}).0
  }

  /// Times two bodies in turn, so that what else the machine does falls on both alike; otherwise as ``measure(_:_:)``.
  func compare(_ repetitions: Int = 20, _ one: () throws -> Void, _ other: () throws -> Void) rethrows -> (Timing, Timing) {
    let limit = options.isQuick ? 0.3 : 4.0
    let count = options.isQuick ? max(3, repetitions / 3) : repetitions
    let warmUp = (try Self.seconds(one), try Self.seconds(other))
    var total = warmUp.0 + warmUp.1
    guard total < limit else { return (Timing([warmUp.0]), Timing([warmUp.1])) }
    var (ones, others): ([Double], [Double]) = ([], [])
    repeat {
      let run = (try Self.seconds(one), try Self.seconds(other))
      ones.append(run.0)
      others.append(run.1)
      total += run.0 + run.1
    } while ones.count < count && total < limit
    return (Timing(ones), Timing(others))
  }

  /// Wall-clock seconds of one call.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let elapsed = try clock.measure(body).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Runs the selected cases of every topic and prints them; returns how many failed.
  func run(_ topics: [Topic]) throws -> Int {
    var finished: [Table] = []
    var failures = 0
    let machine = Machine()
    if options.format != .json { emit(options.format == .markdown ? machine.markdown : machine.text) }
    for topic in topics {
      let cases = topic.cases.filter { isSelected("\(topic.id)/\($0.name)", isSlow: $0.isSlow) }
      if topic.cases.isEmpty { note("\(topic.id): nothing to measure here") }
      if cases.isEmpty { continue }
      var table = Table(topic)
      for one in cases {
        note("\(topic.id)/\(one.name) ...")
        do {
          table.rows += try one.rows(self)
        } catch {
          failures += 1
          note("\(topic.id)/\(one.name) failed: \(error)")
          table.rows.append([.text(one.name), .text("failed: \(error)")])
        }
      }
      finished.append(table)
      if options.format != .json { emit("\n" + (options.format == .markdown ? table.markdown : table.text)) }
    }
    let (end, busy) = (Machine.load, machine.busyCores)
    if options.format == .json {
      emit(try Report(machine: machine.fields, loadAtEnd: end, busyCores: busy, topics: finished).json())
    } else {
      emit("\nload at the end: \(end); this run kept \(String(format: "%.2f", busy)) cores busy")
    }
    return failures
  }

  private func isSelected(_ name: String, isSlow: Bool) -> Bool {
    if isSlow && options.isQuick { return false }
    guard let filter = options.filter else { return true }
    return name.firstMatch(of: filter) != nil
  }

  private func emit(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// Progress, on standard error.
  private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

// MARK: - The command line

/// What the command line asks for.
struct Options {
  /// How results are printed.
  enum Format {
    case text
    case markdown
    case json
  }

  /// Words that explain the options.
  static let usage = """
    usage: benchmarks [--filter REGEX] [--threads N] [--quick] [--markdown | --json]

      --filter REGEX  only cases whose name (topic/case) contains a match
      --threads N     threads of the project's own loops; BLAS always has one (default: the number of cores)
      --quick         fewer repetitions, no slow cases
      --markdown      Markdown tables instead of aligned ones
      --json          JSON instead of tables; times in seconds
      --list          the names of all cases

    """

  var format = Format.text
  var filter: Regex<AnyRegexOutput>?
  var isQuick = false
  var isList = false
  var isHelp = false

  /// Reads the arguments; `--threads` takes effect at once.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(of option: String) throws -> String {
      guard let next = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
      return next
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--markdown": format = .markdown
      case "--json": format = .json
      case "--quick": isQuick = true
      case "--list": isList = true
      case "--help", "-h": isHelp = true
      case "--filter":
        let pattern = try value(of: argument)
        do { filter = try Regex(pattern) } catch { throw BenchmarkError("'\(pattern)' is not a regular expression: \(error)") }
      case "--threads":
        let text = try value(of: argument)
        guard let count = Int(text), count > 0 else { throw BenchmarkError("--threads needs a positive number, not '\(text)'") }
        Threads.count = count
      default: throw BenchmarkError("'\(argument)' is not an option")
      }
    }
  }
}

// MARK: - The machine

/// Where the numbers come from.
struct Machine {
  /// Name and value, in the order of printing.
  let entries: [(name: String, value: String)]
  private let start = (wall: ContinuousClock.now, processor: Self.processorSeconds)

  /// This machine, now.
  init() {
    #if DEBUG
      let build = "debug: these numbers mean nothing"
    #else
      let build = "release"
    #endif
    entries = [
      ("date", Date.now.formatted(.iso8601)),
      ("CPU", Self.lines("/proc/cpuinfo", "model name").first ?? "unknown"),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
      ("threads", "\(Threads.count), BLAS 1"),
      ("BLAS", Threads.optimisedBLAS ?? "reference BLAS: not optimised"),
      ("build", build),
      ("load", Self.load),
    ]
  }

  /// The load averages of 1, 5 and 15 minutes.
  static var load: String {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    let averages = text.split(separator: " ").prefix(3)
    return averages.isEmpty ? "unknown" : averages.joined(separator: " ")
  }

  /// Processor time over wall time since the start: less than the threads when others use the machine, or when work is serial.
  var busyCores: Double {
    let elapsed = start.wall.duration(to: .now).components
    return (Self.processorSeconds - start.processor) / max(1e-9, Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
  }

  private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// One entry a line.
  var text: String { entries.map { $0.name.padded(to: 8) + $0.value }.joined(separator: "\n") }

  /// A list.
  var markdown: String { "# Benchmarks\n\n" + entries.map { "- \($0.name): \($0.value)" }.joined(separator: "\n") }

  /// For JSON.
  var fields: [String: String] { Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value) }) }

  private static func lines(_ path: String, _ name: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix(name) }.compactMap { line in
      line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}

// MARK: - Tables

/// One entry of a table.
enum Cell: Encodable {
  case text(String)
  case count(Int)
  /// Printed with a unit that suits it.
  case seconds(Double)
  /// Something for each second.
  case rate(Double)
  /// How many times as large or fast.
  case ratio(Double)
  /// A result, to seven digits.
  case value(Double)
  /// An error or a tolerance, to two digits.
  case small(Double)
  /// Not known or not applicable.
  case missing

  /// For people.
  var text: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .seconds(let s) where s < 1e-3: Self.digits(s * 1e6, 3) + " µs"
    case .seconds(let s) where s < 1: Self.digits(s * 1e3, 3) + " ms"
    case .seconds(let s): Self.digits(s, 3) + " s"
    case .rate(let rate): Self.digits(rate, 3)
    case .ratio(let ratio): Self.digits(ratio, 3) + "x"
    case .value(let value): String(format: "%.7g", value)
    case .small(let value): String(format: "%.1e", value)
    case .missing: "-"
    }
  }

  /// Whether its column is aligned to the right.
  var isNumber: Bool {
    if case .text = self { false } else { true }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .seconds(let number), .rate(let number), .ratio(let number), .value(let number), .small(let number):
      if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .missing: try container.encodeNil()
    }
  }

  /// Three significant digits without an exponent, as long as that is short.
  private static func digits(_ value: Double, _ count: Int) -> String {
    guard value.isFinite, value.magnitude < 1e7, value.magnitude >= 1e-3 || value == 0 else { return String(format: "%.2e", value) }
    let before = value == 0 ? 1 : Int(log10(value.magnitude).rounded(.down)) + 1
    return String(format: "%.\(min(4, max(0, count - max(before, 0))))f", value)
  }
}

/// The results of a topic.
struct Table: Encodable {
  private let id: String
  private let title: String
  private let note: String
  private let columns: [String]
  var rows: [[Cell]] = []

  init(_ topic: Topic) {
    (id, title, note, columns) = (topic.id, topic.title, topic.note, topic.columns)
  }

  /// Aligned columns under a heading.
  var text: String {
    let cells = [columns] + rows.map { $0.map(\.text) }
    // A row that is too short carries a message, which may run on.
    let widths = columns.indices.map { column in
      cells.filter { $0.count == columns.count }.map { $0[column].count }.max() ?? 0
    }
    let isRight = columns.indices.map { column in rows.contains { $0.count == columns.count && $0[column].isNumber } }
    let lines = cells.map { row in
      row.indices.map { row[$0].padded(to: widths[$0], left: isRight[$0] && row.count == columns.count) }.joined(separator: "  ")
    }
    return "\(title)\n\(note)\n\n" + lines.map { $0.trimmingTrailingSpaces }.joined(separator: "\n")
  }

  /// The same as Markdown.
  var markdown: String {
    let rule = columns.indices.map { column in rows.contains { $0.count > column && $0[column].isNumber } ? "--:" : "---" }
    let lines = [columns, rule] + rows.map { $0.map { $0.text.replacing("|", with: "\\|") } }
    return "## \(title)\n\n\(note)\n\n" + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private enum CodingKeys: CodingKey {
    case id, title, note, columns, rows
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(title, forKey: .title)
    try container.encode(note, forKey: .note)
    try container.encode(columns, forKey: .columns)
    let named = rows.map { row in Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first }) }
    try container.encode(named, forKey: .rows)
  }
}

/// Everything, for JSON.
struct Report: Encodable {
  let machine: [String: String]
  let loadAtEnd: String
  let busyCores: Double
  let topics: [Table]

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension String {
  /// Filled up with spaces, at the end or on the left.
  func padded(to width: Int, left: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return left ? spaces + self : self + spaces
  }

  /// Without spaces at the end.
  var trimmingTrailingSpaces: String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }
}
