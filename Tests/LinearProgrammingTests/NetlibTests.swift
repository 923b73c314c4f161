import Foundation
import LinearProgramming
import TestSupport
import Testing

/// A file of the collection and what is known about it.
struct NetlibInstance: Sendable, CustomTestStringConvertible {
  enum Answer: Equatable {
    case optimum(Double)
    case infeasible
    case unbounded
  }

  let name: String
  let rows: Int
  let columns: Int
  let entries: Int
  /// c'x, to the ten digits printed by GLPK's own solver.
  let answer: Answer
  var testDescription: String { name }

  init(_ name: String, _ rows: Int, _ columns: Int, _ entries: Int, _ answer: Answer) {
    (self.name, self.rows, self.columns, self.entries, self.answer) = (name, rows, columns, entries, answer)
  }

  func read() throws -> LinearProgram {
    for suffix in ["mps", "mps.txt", "SIF", "sif"] {
      let path = SharedData.path("netlib-lp/\(name).\(suffix)")
      if FileManager.default.fileExists(atPath: path) { return try LinearProgramFile.read(path: path) }
    }
    return try LinearProgramFile.read(path: SharedData.path("netlib-lp/\(name)"))
  }

  /// The problems in order of size; the counts are those without objective rows.
  static let all: [NetlibInstance] = [
    .init("afiro", 27, 32, 83, .optimum(-464.7531429)), .init("kb2", 43, 41, 286, .optimum(-1749.90013)),
    .init("sc50a", 50, 48, 130, .optimum(-64.57507706)), .init("sc50b", 50, 48, 118, .optimum(-70)),
    .init("adlittle", 56, 97, 383, .optimum(225494.9632)), .init("blend", 74, 83, 491, .optimum(-30.81214985)),
    .init("recipe", 91, 180, 663, .optimum(-266.616)), .init("share2b", 96, 79, 694, .optimum(-415.7322407)),
    .init("sc105", 105, 103, 280, .optimum(-52.20206121)), .init("stocfor1", 117, 111, 447, .optimum(-41131.97622)),
    .init("scagr7", 129, 140, 420, .optimum(-2331389.824)), .init("lotfi", 153, 308, 1078, .optimum(-25.26470606)),
    .init("boeing2", 166, 143, 1196, .optimum(-315.018728)), .init("beaconfd", 173, 262, 3375, .optimum(33592.48581)),
    .init("israel", 174, 142, 2269, .optimum(-896644.8219)), .init("brandy", 220, 249, 2148, .optimum(1518.509896)),
    .init("e226", 223, 282, 2578, .optimum(-18.751929066)), .init("bore3d", 233, 315, 1429, .optimum(1373.080394)),
    .init("degen2", 444, 534, 3978, .optimum(-1435.178)), .init("25fv47", 821, 1571, 10400, .optimum(5501.845888)),
    .init("galenet", 8, 8, 16, .infeasible), .init("woodinfe", 35, 89, 140, .infeasible), .init("klein1", 54, 54, 696, .infeasible),
    .init("ex72a", 197, 215, 467, .infeasible), .init("box1", 231, 261, 651, .infeasible), .init("bgetam", 400, 688, 2409, .infeasible),
    .init("gas11", 459, 862, 2630, .unbounded),
  ]
}

@Suite("Netlib", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct NetlibTests {
  @Test("All files by all methods", arguments: NetlibInstance.all, [LinearSettings.Method.dual, .primal, .interior])
  func solve(_ instance: NetlibInstance, method: LinearSettings.Method) throws {
    let program = try instance.read()
    let solution = try program.solve(settings: LinearSettings(method: method))
    let o = solution.objective ?? .nan, c = solution.linearObjective ?? .nan
    var line = "RESULT \(instance.name) \(method.rawValue) \(program.rows.count) \(program.columns.count) \(program.entryCount) \(solution.termination) obj \(c)"
    line += " bound \(solution.safeBound?.value ?? .nan) \(solution.safeBound?.proof.rawValue ?? "-") cgap \((o - (solution.safeBound?.value ?? .nan)) / (1 + o.magnitude)) farkas \(solution.farkas != nil) it \(solution.iterations) s \(solution.seconds)"
    if let r = solution.residuals { line += " res \(r.relativePrimal) \(r.relativeDual) \(r.relativeGap)" }
    print(line)
    Oracle.verify(solution, of: program)
  }
}
