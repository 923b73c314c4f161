import CommandLineSupport
import FileSupport
import Foundation
import LinearProgramming
import Logging
import Reports

/// `lipcert solve` for a linear program.
struct LinearProgramRun: SolveRun {
  /// The names of the methods, in words.
  static let methods = LinearSettings.Method.allCases.map(\.rawValue).joined(separator: ", ")

  let path: String
  let options: SolveOptions
  let linear: LinearProgramOptions
  let log: Logger

  func validate() throws {
    _ = try method()
    if let target = options.write, !LinearProgramFile.isRecognised(path: target) {
      throw CommandError(.usage, "\(path): a linear program is written to an .mps or .lp file, not to \(target)")
    }
  }

  private func method() throws -> LinearSettings.Method {
    guard let name = options.method, name != "automatic" else { return .dual }
    guard let method = LinearSettings.Method(rawValue: name) else {
      throw CommandError(.usage, "\(path): the method '\(name)' is not for linear programs; choose from \(Self.methods)")
    }
    return method
  }

  func solve() throws -> any SolveAnswer {
    let program = try LinearProgramFile.read(path: path)
    let processor = ProcessorTime.seconds
    let solution = try program.solve(
      settings: try linear.settings(options, method: try method()), log: options.showsLog ? { Console.shared.say($0) } : nil,
      isCancelled: { Interruption.isRequested })
    if solution.termination == .cancelled { log.notice("interrupted") }
    return LinearProgramReport(
      path: path, program: program, result: solution, processorSeconds: ProcessorTime.seconds - processor)
  }

  /// Writes the program in another format and says whether reading it back gives the same one.
  func convert(to target: String) throws -> any TextAndJSON {
    let program = try LinearProgramFile.read(path: path)
    let data = try LinearProgramFile.write(program, format: LinearProgramFile.standardFormat(path: target))
    try AtomicFile.write(data, path: target)
    let copy = try LinearProgramFile.read(path: target)
    return LinearProgramCopy(source: path, target: target, copy: copy, isSame: copy.hasSameNumbers(as: program))
  }
}

/// A linear program that was written to another file.
struct LinearProgramCopy: TextAndJSON {
  let source: String
  let target: String
  let copy: LinearProgram
  let isSame: Bool

  var lines: [String] {
    [
      "\(source) -> \(target)", LinearProgramReport.sizes(copy),
      isSame ? "same program, bit for bit" : "not the same bit for bit: the format rounds numbers or reorders rows and columns",
    ]
  }

  var json: JSONValue { .object([("input", .string(source)), ("output", .string(target)), ("sameProgram", .boolean(isSame))]) }
}

extension LinearProgram {
  /// Whether another program is the same but for names.
  fileprivate func hasSameNumbers(as other: LinearProgram) -> Bool {
    sense == other.sense && objectiveConstant == other.objectiveConstant && rowStarts == other.rowStarts
      && entryColumns == other.entryColumns && entryValues == other.entryValues
      && columns.elementsEqual(other.columns) {
        ($0.lower, $0.upper, $0.cost) == ($1.lower, $1.upper, $1.cost) && $0.isInteger == $1.isInteger
      }
      && rows.elementsEqual(other.rows) { ($0.lower, $0.upper) == ($1.lower, $1.upper) }
  }
}
