import FileSupport
import Foundation
import LinearAlgebra
import Testing

@testable import Robustness

@Suite("Files of radii")
final class RadiusLogTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent("radii-\(UUID().uuidString).jsonl").path
  private let header = RadiusRunHeader(
    model: "m", inputs: "i", inputCount: 100, isSelfLabelled: false, norm: .l2, domain: 0...1, methods: ["global", "other"], attack: "best",
    tolerance: 0.01, timeLimit: nil, seed: 3)
  private let records = RadiusSummaryTests.records(20, seed: 4)

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private var content: Data {
    get { FileManager.default.contents(atPath: path) ?? Data() }
    set { FileManager.default.createFile(atPath: path, contents: newValue) }
  }

  private func write(_ records: some Sequence<RadiusRecord>) throws {
    let log = try RadiusLog(path: path, header: header)
    for record in records { try log.append(record) }
    try log.synchronise()
  }

  @Test("What was appended is read back exactly")
  func roundTrip() throws {
    try write(records)
    let (found, read) = try RadiusLog.read(path: path)
    #expect(found == header && read == records)
    #expect(try RadiusLog(path: path, header: header).known == records)
  }

  @Test("Cut anywhere, as by a crash, the file keeps its complete lines and grows on without loss or duplicate")
  func tornAnywhere() throws {
    try write(records.prefix(4))
    let whole = content
    for length in 0..<whole.count {
      content = whole.prefix(length)
      let complete = max(0, whole.prefix(length).count { $0 == UInt8(ascii: "\n") } - 1)
      let log = try RadiusLog(path: path, header: header)
      #expect(log.known == Array(records.prefix(complete)), "\(length) bytes")
      for record in records.dropFirst(complete).prefix(4 - complete) { try log.append(record) }
      #expect(content == whole)
    }
  }

  @Test("A second record of an input is refused, from here and in a file")
  func duplicates() throws {
    try write(records)
    do {
      let log = try RadiusLog(path: path, header: header)
      #expect(throws: RadiusLogError.self) { try log.append(records[3]) }
    }
    let lines = content.split(separator: UInt8(ascii: "\n"))
    content += lines[5] + [UInt8(ascii: "\n")]
    let error = #expect(throws: RadiusLogError.self) { try RadiusLog(path: path, header: header) }
    #expect(error?.description.contains("line 22") == true)
  }

  @Test("Results of other settings are refused and stay as they are; overwriting starts anew")
  func otherRun() throws {
    try write(records)
    let before = content
    let changes: [(inout RadiusRunHeader) -> Void] = [
      { $0.model = "n" }, { $0.inputs = "j" }, { $0.inputCount = 99 }, { $0.isSelfLabelled = true }, { $0.norm = .lInfinity },
      { $0.domain = nil }, { $0.methods = ["global"] }, { $0.attack = nil }, { $0.isIndependent = true }, { $0.tolerance = 0.1 },
      { $0.timeLimit = 1 }, { $0.seed = 4 }, { $0.version = 2 },
    ]
    for change in changes {
      var other = header
      change(&other)
      #expect(other.differences(from: header).count == 1)
      let error = #expect(throws: RadiusLogError.self) { try RadiusLog(path: path, header: other) }
      #expect(error?.description.contains("another run") == true)
    }
    #expect(content == before)
    var other = header
    other.seed = 4
    let log = try RadiusLog(path: path, header: other, overwriting: true)
    #expect(log.known.isEmpty)
    #expect(try RadiusLog.read(path: path).header == other)
  }

  @Test(
    "Files of something else are refused and stay as they are", arguments: ["hello", "hello\n", "{}\n", "{", "\n", "{\"format\":\"x\"}\n"])
  func foreign(text: String) {
    content = Data(text.utf8)
    if text == "{" {
      // The beginning of a header that was torn.
      #expect(throws: Never.self) { try RadiusLog(path: path, header: header) }
    } else {
      #expect(throws: RadiusLogError.self) { try RadiusLog(path: path, header: header) }
      #expect(content == Data(text.utf8))
    }
  }

  @Test("Damaged lines are named or read, never believed half")
  func fuzz() throws {
    try write(records.prefix(3))
    let whole = [UInt8](content)
    var random = SplitMix64(seed: 1)
    for _ in 0..<300 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      content = Data(bytes)
      do {
        let (found, read) = try RadiusLog.read(path: path)
        #expect(Set(read.map(\.index)).count == read.count)
        #expect(read.allSatisfy { $0.norm == found.norm && $0.radius >= 0 })
      } catch is RadiusLogError {
      } catch { Issue.record("\(error)") }
    }
  }

  @Test("One process at a time has the file")
  func locked() throws {
    let log = try RadiusLog(path: path, header: header)
    #expect(throws: FileWriteError.self) { try RadiusLog(path: path, header: header) }
    try log.append(records[0])
    #expect(try RadiusLog.read(path: path).records.count == 1)
  }

  @Test("A full disk is told, and a folder", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func unwritable() {
    #expect(throws: FileWriteError.self) { try RadiusLog(path: "/dev/full", header: header) }
    #expect(throws: FileWriteError.self) { try RadiusLog(path: FileManager.default.temporaryDirectory.path, header: header) }
  }
}
