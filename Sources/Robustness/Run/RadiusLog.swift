import FileSupport
import Foundation
import Synchronization

/// The file of a run's results: a header line, then one record a line in order of completion.
///
/// Every record is there in full or not at all, whatever ends the program, and a run that is started again goes on after the last one.
public final class RadiusLog: Sendable {
  /// The header.
  public let header: RadiusRunHeader
  /// The records that were there when the file was opened.
  public let known: [RadiusRecord]
  private let file: LineFile
  private let indices: Mutex<Set<Int>>

  /// Opens a file of results, or makes one.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - header: what the records to come are about.
  ///   - overwriting: whether to forget what is there.
  /// - Throws: ``RadiusLogError`` when the file holds something else, or another run's results: nothing is changed then. `FileWriteError`.
  public init(path: String, header: RadiusRunHeader, overwriting: Bool = false) throws {
    file = try LineFile(path: path, overwriting: overwriting)
    self.header = header
    let first = try Self.encoded(header)
    if file.content.isEmpty {
      // A header that was torn is the beginning of the one to be written; anything else belongs to somebody.
      guard first.starts(with: file.torn) else { throw RadiusLogError(path, 1, "it is no file of radii") }
      known = []
      indices = Mutex([])
      try file.append(first)
    } else {
      let (found, records) = try Self.parse(file.content, path: path)
      let differences = header.differences(from: found)
      guard differences.isEmpty else {
        throw RadiusLogError(path, 1, "it holds the results of another run: " + differences.joined(separator: ", ") + " differ")
      }
      known = records
      indices = Mutex(Set(records.map(\.index)))
    }
  }

  /// Adds a record; from any thread.
  ///
  /// - Throws: ``RadiusLogError`` when there is a record of that input; `FileWriteError`, as on a full disk: then the record is not there.
  public func append(_ record: RadiusRecord) throws {
    guard indices.withLock({ $0.insert(record.index).inserted }) else {
      throw RadiusLogError(file.path, nil, "there is a record of input \(record.index) already")
    }
    do {
      try file.append(Self.encoded(record))
    } catch {
      _ = indices.withLock { $0.remove(record.index) }
      throw error
    }
  }

  /// Waits until the disk has everything.
  ///
  /// - Throws: `FileWriteError`.
  public func synchronise() throws { try file.synchronise() }

  /// Reads a file of results; a last line that was torn is left out.
  ///
  /// - Throws: ``RadiusLogError`` that names the line.
  public static func read(path: String) throws -> (header: RadiusRunHeader, records: [RadiusRecord]) {
    let data: Data
    do {
      data = try FileContents.read(path: path)
    } catch {
      throw RadiusLogError(path, nil, error.reason)
    }
    let end = data.lastIndex(of: lineEnd).map { $0 + 1 } ?? 0
    return try parse(data.prefix(end), path: path)
  }

  // MARK: - Lines

  private static let lineEnd = UInt8(ascii: "\n")

  private static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  private static func parse(_ data: Data, path: String) throws -> (header: RadiusRunHeader, records: [RadiusRecord]) {
    let lines = data.split(separator: lineEnd, omittingEmptySubsequences: false).dropLast()
    let decoder = JSONDecoder()
    guard let first = lines.first, let header = try? decoder.decode(RadiusRunHeader.self, from: Data(first)),
      header.format == RadiusRunHeader.formatName
    else { throw RadiusLogError(path, 1, "it is no file of radii") }
    guard header.version == RadiusRunHeader.currentVersion else {
      throw RadiusLogError(path, 1, "its version is \(header.version); this program reads version \(RadiusRunHeader.currentVersion)")
    }
    var seen: Set<Int> = []
    let records = try lines.dropFirst().enumerated().map { offset, line in
      let number = offset + 2
      guard let record = try? decoder.decode(RadiusRecord.self, from: Data(line)) else {
        throw RadiusLogError(path, number, "it is no record")
      }
      guard (0..<header.inputCount).contains(record.index), record.norm == header.norm,
        record.certified.allSatisfy({ $0.radius >= 0 && header.methods.contains($0.method) })
      else { throw RadiusLogError(path, number, "a record that does not fit the header") }
      guard seen.insert(record.index).inserted else { throw RadiusLogError(path, number, "a second record of input \(record.index)") }
      return record
    }
    return (header, records)
  }
}
