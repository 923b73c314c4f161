import CommandLineSupport
import Foundation
import LinearProgramming
import Logging

/// `lipcert solve` for a linear program.
struct LinearProgramRun {
  let path: String
  let options: LinearProgramOptions
  let output: OutputOptions
  let log: Logger

  func run() throws {
    let program = try LinearProgramFile.read(path: path)
    if let target = options.write { return try convert(program, to: target) }
    for target in [options.solution].compactMap({ $0 }) {
      if let obstacle = AtomicFile.obstacle(path: target) { log.warning("\(obstacle); the solution will not be kept there") }
    }
    let solution = try program.solve(
      settings: try options.settings(), log: options.showsLog ? { Console.shared.say($0) } : nil,
      isCancelled: { Interruption.isRequested })
    if solution.termination == .cancelled { log.notice("interrupted") }
    let report = LinearProgramReport(path: path, program: program, solution: solution)
    try output.print(text: { report.lines }, json: { report.json(hasVectors: false) })
    if let target = options.solution {
      try AtomicFile.write(Data((report.json(hasVectors: true).formatted + "\n").utf8), path: target)
    }
    switch solution.termination {
    case .optimal: return
    case .infeasible, .unbounded: throw ExitStatus.negative.code
    default: throw ExitStatus.failure.code
    }
  }

  /// Writes the program in another format and says whether reading it back gives the same one.
  private func convert(_ program: LinearProgram, to target: String) throws {
    let data = try LinearProgramFile.write(program, format: LinearProgramFile.standardFormat(path: target))
    try AtomicFile.write(data, path: target)
    let copy = try LinearProgramFile.read(path: target)
    let isSame = copy.hasSameNumbers(as: program)
    try output.print(
      text: {
        [
          "\(path) -> \(target)", LinearProgramReport.sizes(copy),
          isSame ? "same program, bit for bit" : "not the same bit for bit: the format rounds numbers or reorders rows and columns",
        ]
      },
      json: { .object([("input", .string(path)), ("output", .string(target)), ("sameProgram", .boolean(isSame))]) })
  }
}

extension LinearProgram {
  /// Whether another program is the same but for names.
  fileprivate func hasSameNumbers(as other: LinearProgram) -> Bool {
    sense == other.sense && objectiveConstant == other.objectiveConstant && rowStarts == other.rowStarts
      && entryColumns == other.entryColumns && entryValues == other.entryValues
      && columns.elementsEqual(other.columns) { ($0.lower, $0.upper, $0.cost) == ($1.lower, $1.upper, $1.cost) && $0.isInteger == $1.isInteger }
      && rows.elementsEqual(other.rows) { ($0.lower, $0.upper) == ($1.lower, $1.upper) }
  }
}
