import FileSupport
import Foundation

/// Other solvers' results, as comma-separated files give them.
///
/// The first line names the columns, in any order: `instance`, `solver` and `status` must be there; `tol`, `cpu_s`, `iterations`, `pobj`,
/// `dobj`, `digits`, `reference` and `reference_kind` are read when they are; others are left alone. Empty fields stand for unknown numbers.
public struct PeerTable: Sendable, Equatable {
  /// All results, in the files' order.
  public private(set) var results: [PeerResult] = []

  /// Whether there are none.
  public var isEmpty: Bool { results.isEmpty }

  /// A table without results.
  public init() {}

  /// Reads a file.
  ///
  /// - Throws: ``PeerError``.
  public static func read(path: String) throws(PeerError) -> PeerTable {
    let data: Data
    do { data = try FileContents.read(path: path) } catch { throw PeerError(line: nil, detail: error.reason) }
    guard let text = String(data: data, encoding: .utf8) else { throw PeerError(line: nil, detail: "is not text in UTF-8") }
    return try PeerTable(parsing: text)
  }

  /// Reads a text.
  ///
  /// - Throws: ``PeerError``.
  public init(parsing text: String) throws(PeerError) {
    let records = try CSVReader.records(text)
    guard let header = records.first else {
      throw PeerError(line: nil, detail: "is empty; a line with the names of the columns is expected")
    }
    for name in ["instance", "solver", "status"] where !header.fields.contains(name) {
      throw PeerError(line: header.line, detail: "there is no column '\(name)'")
    }
    for record in records.dropFirst() {
      guard record.fields.count == header.fields.count else {
        throw PeerError(line: record.line, detail: "\(record.fields.count) fields instead of \(header.fields.count)")
      }
      let row = PeerRow(line: record.line, fields: Dictionary(zip(header.fields, record.fields)) { first, _ in first })
      results.append(try row.result())
    }
  }

  /// Adds the results of another table.
  public mutating func append(_ other: PeerTable) { results += other.results }

  /// The solvers, in the order in which they first occur.
  var solvers: [String] {
    var seen: Set<String> = []
    return results.map(\.solver).filter { seen.insert($0).inserted }
  }

  /// What a solver made of an instance.
  func result(_ solver: String, _ instance: String) -> PeerResult? {
    results.first { $0.solver == solver && $0.instance == instance }
  }

  /// What is known about an instance's value, and for how many digits it is good.
  func reference(_ instance: String) -> Reference? {
    results.lazy.filter { $0.instance == instance }.compactMap { result in
      result.reference.map { Reference(value: $0, kind: result.referenceKind) }
    }.first
  }
}

/// The value of an instance that is known from elsewhere.
public struct Reference: Sendable, Equatable {
  /// The value.
  public var value: Double
  /// Where it is known from.
  public var kind: String

  /// The most digits it can confirm: half a digit less than its source says it has ("8 digits"), nine when it says nothing.
  var limit: Double {
    let words = kind.split { " (),;".contains($0) }
    guard let index = words.firstIndex(where: { $0.hasPrefix("digit") }), index > 0, let digits = Double(words[index - 1]) else { return 9 }
    return digits - 0.5
  }

  /// −log₁₀ of the greater relative error of two objectives, up to ``limit``.
  func digits(_ primal: Double, _ dual: Double) -> Double {
    let error = max((primal - value).magnitude, (dual - value).magnitude) / max(1, value.magnitude)
    return error.isFinite ? min(limit, -log10(max(error, 1e-300))) : 0
  }
}

/// A record by the names of its columns.
private struct PeerRow {
  let line: Int
  let fields: [String: String]

  func result() throws(PeerError) -> PeerResult {
    guard let instance = text("instance"), let solver = text("solver"), let status = text("status") else {
      throw PeerError(line: line, detail: "instance, solver and status must not be empty")
    }
    let tolerance = try number("tol").map { String(format: " %.0e", $0).replacingOccurrences(of: "e-0", with: "e-") } ?? ""
    return PeerResult(
      instance: instance, solver: solver.replacingOccurrences(of: "_", with: " ") + tolerance, status: status,
      processorSeconds: try positive("cpu_s"),
      iterations: try number("iterations").flatMap { Int(exactly: $0) }, primalObjective: try number("pobj"),
      dualObjective: try number("dobj"), digits: try number("digits"), reference: try number("reference"),
      referenceKind: text("reference_kind") ?? "")
  }

  private func text(_ name: String) -> String? {
    let field = fields[name]?.trimmingCharacters(in: .whitespaces) ?? ""
    return field.isEmpty ? nil : field
  }

  private func number(_ name: String) throws(PeerError) -> Double? {
    guard let field = text(name) else { return nil }
    guard let value = Double(field) else { throw PeerError(line: line, detail: "'\(field)' in column '\(name)' is not a number") }
    return value.isFinite ? value : nil
  }

  private func positive(_ name: String) throws(PeerError) -> Double? {
    guard let value = try number(name) else { return nil }
    guard value >= 0 else { throw PeerError(line: line, detail: "'\(value)' in column '\(name)' is negative") }
    return value
  }
}
