import Foundation
import Testing

/// The built program, run as its users run it.
enum Tool {
  /// What a run gave.
  struct Result {
    var status: Int32
    var output: String
    var errors: String
    var seconds: Double

    /// Standard output as a JSON object.
    func json() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    /// The result of one method in the JSON object of `bound`.
    func method(_ name: String) throws -> [String: Any] {
      let results = try #require(try json()["results"] as? [[String: Any]])
      return try #require(results.first { $0["method"] as? String == name })
    }
  }

  /// A run that has not ended yet.
  final class Running {
    fileprivate let process = Process()
    private let folder: TemporaryFolder
    private let id = UUID().uuidString
    private let began = ContinuousClock.now

    fileprivate init(_ program: URL, _ arguments: [String], in folder: TemporaryFolder) throws {
      self.folder = folder
      process.executableURL = program
      process.arguments = arguments
      process.currentDirectoryURL = folder.url
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try Self.file(folder.path(id + ".out"))
      process.standardError = try Self.file(folder.path(id + ".err"))
      try process.run()
    }

    private static func file(_ path: String) throws -> FileHandle {
      try #require(FileManager.default.createFile(atPath: path, contents: nil))
      return try #require(FileHandle(forWritingAtPath: path))
    }

    /// What has been said on standard error so far.
    var errors: String { (try? String(contentsOfFile: folder.path(id + ".err"), encoding: .utf8)) ?? "" }

    /// Waits until standard error holds a text; says whether it came before the end.
    func waits(for text: String) -> Bool {
      while !errors.contains(text) {
        if !process.isRunning { return false }
        Thread.sleep(forTimeInterval: 0.02)
      }
      return true
    }

    /// Whether it has not ended.
    var isRunning: Bool { process.isRunning }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end.
    func result() throws -> Result {
      process.waitUntilExit()
      let seconds = began.duration(to: .now) / .seconds(1)
      let output = try String(contentsOfFile: folder.path(id + ".out"), encoding: .utf8)
      let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
      return Result(status: code, output: output, errors: errors, seconds: seconds)
    }
  }

  /// The program.
  static let executable = executable("lipcert")

  /// A program, which the build puts beside the tests.
  static func executable(_ name: String) -> URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent(name)
  }

  /// Whether it is there.
  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: executable.path) }

  /// Starts the program.
  static func start(_ arguments: String, of program: String = "lipcert", in folder: TemporaryFolder) throws -> Running {
    try Running(executable(program), arguments.split(separator: " ").map(String.init), in: folder)
  }

  /// Runs the program, or another one that is built with it, with arguments separated by spaces.
  static func run(_ arguments: String, of program: String = "lipcert", in folder: TemporaryFolder) throws -> Result {
    try start(arguments, of: program, in: folder).result()
  }

  /// Runs a script of bash, in which `"$@"` is the program with arguments separated by spaces.
  static func shell(_ script: String, _ arguments: String = "", in folder: TemporaryFolder) throws -> Result {
    let words = [executable.path] + arguments.split(separator: " ").map(String.init)
    return try Running(URL(fileURLWithPath: "/bin/bash"), ["-c", script, "bash"] + words, in: folder).result()
  }
}

extension Trait where Self == ConditionTrait {
  /// Tests that need the built program.
  static var needsTool: ConditionTrait { .enabled(if: Tool.isBuilt, "\(Tool.executable.path) is missing: run 'swift build' first") }
}

/// A folder that goes away with its last user.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file.
  func write(_ data: Data, to name: String) throws { try data.write(to: url.appendingPathComponent(name)) }

  /// Reads a file.
  func read(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name)) }

  /// The names of the files that are there, but for the outputs of runs.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).filter { !$0.hasSuffix(".out") && !$0.hasSuffix(".err") }.sorted()
  }
}
