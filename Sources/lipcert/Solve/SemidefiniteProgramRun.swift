import CommandLineSupport
import ConicPrograms
import ConicSolver
import FileSupport
import Foundation
import Logging

/// `lipcert solve` for a semidefinite program in SDPA's format.
struct SemidefiniteProgramRun: SolveRun {
  /// The names of the methods, in words.
  static let methods = ConicSettings.Method.allCases.map(\.rawValue).joined(separator: ", ")

  let path: String
  let options: SolveOptions
  let semidefinite: SemidefiniteProgramOptions
  let showsProgress: Bool
  let log: Logger

  /// Whether a file's name ends as those of semidefinite programs do.
  static func isRecognised(path: String) -> Bool { path.lowercased().hasSuffix(".dat-s") }

  func validate() throws {
    _ = try settings()
    if let target = options.write, !Self.isRecognised(path: target) {
      throw CommandError(.usage, "\(path): a semidefinite program is written to a .dat-s file, not to \(target)")
    }
  }

  /// The settings of the solver.
  private func settings() throws -> ConicSettings {
    var settings = ConicSettings()
    settings.tolerance = semidefinite.tolerance
    settings.decomposition = semidefinite.decomposition
    if let name = options.method {
      guard let method = ConicSettings.Method(rawValue: name) else {
        throw CommandError(.usage, "\(path): the method '\(name)' is not for semidefinite programs; choose from \(Self.methods)")
      }
      settings.method = method
    }
    if let limit = options.timeLimit { settings.timeLimit = limit }
    if let limit = options.iterationLimit { settings.maximumIterations = limit }
    return settings
  }

  private func read() throws -> SDPAFile {
    try InputFile.require(path)
    do { return try SDPAFile.read(path: path) } catch { throw CommandError(.usage, "\(path): \(error)") }
  }

  func convert(to target: String) throws -> any TextAndJSON {
    let file = try read()
    try AtomicFile.write(Data(file.text()), path: target)
    return SemidefiniteProgramCopy(source: path, target: target, file: file)
  }

  func solve() throws -> any SolveAnswer {
    let settings = try settings()
    let file = try read()
    let facts = SemidefiniteProgramFacts(path: path, file: file, settings: settings)
    for warning in facts.warnings { log.warning("\(path): \(warning)") }
    let (clock, processor) = (ContinuousClock.now, ProcessorTime.seconds)
    let program: ConicProgram
    do { program = try file.inequality.program() } catch { throw CommandError(.usage, "\(path): \(error)") }
    let table = IterationTable()
    if options.showsLog { (facts.header + [""] + table.header).forEach(Console.shared.say) }
    var last: ConicProgress?
    let solution = try ConicProgramSolver(program, settings: settings).solve { row in
      if options.showsLog, table.shows(row, after: last) { Console.shared.say(table.line(row)) }
      if showsProgress, !options.showsLog { Console.shared.draw { table.progress(facts.name, row) } }
      last = row
      return !Interruption.isRequested
    }
    Console.shared.eraseProgress()
    let seconds = (wall: clock.duration(to: .now) / .seconds(1), processor: ProcessorTime.seconds - processor)
    if showsProgress, semidefinite.proves { Console.shared.draw { "\(facts.name)  proving" } }
    let proof = semidefinite.proves ? SemidefiniteProof(file.inequality, solution) : nil
    Console.shared.eraseProgress()
    let answer = SemidefiniteProgramAnswer(
      facts: facts, program: program, result: solution, proof: proof, wallSeconds: seconds.wall, processorSeconds: seconds.processor)
    if options.showsLog { table.footer(answer.summary).forEach(Console.shared.say) }
    if solution.status == .interrupted { log.notice("\(path): interrupted; this is the best point so far") }
    return answer
  }
}
