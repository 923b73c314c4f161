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

  func read() throws -> LinearProgram { try LinearProgramFile.read(path: SharedData.path("netlib-lp/\(name).mps")) }

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
    .init("gas11", 459, 862, 2166, .unbounded),
  ]
}

@Suite("Netlib", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct NetlibTests {
  @Test("Sizes are those counted from the files", arguments: NetlibInstance.all)
  func sizes(_ instance: NetlibInstance) throws {
    let program = try instance.read()
    #expect((program.rows.count, program.columns.count, program.entryCount) == (instance.rows, instance.columns, instance.entries))
  }

  /// The reference has ten digits and simplex answers have to agree with all of them; interior points end at a relative gap of 1e-8.
  @Test("All files by all methods", arguments: NetlibInstance.all, [LinearSettings.Method.dual, .primal, .interior])
  func solve(_ instance: NetlibInstance, method: LinearSettings.Method) throws {
    let program = try instance.read()
    let solution = try program.solve(settings: LinearSettings(method: method))
    let isInterior = solution.method == .interior
    Oracle.verify(solution, of: program, tolerance: isInterior ? 1e-6 : 1e-9)
    switch instance.answer {
    case .optimum(let value):
      #expect(solution.termination == .optimal)
      let found = try #require(solution.linearObjective)
      #expect((found - value).magnitude <= (isInterior ? 1e-7 : 1e-9) * value.magnitude, "\(found)")
      let bound = try #require(solution.safeBound).value - program.objectiveConstant
      #expect(bound <= value + 1e-9 * value.magnitude && bound >= value - 1e-7 * value.magnitude, "\(bound)")
    case .infeasible:
      #expect(solution.termination == .infeasible)
      #expect(solution.farkas != nil)
      #expect(solution.x == nil && solution.objective == nil && solution.safeBound == nil)
    case .unbounded:
      #expect(solution.termination == .unbounded)
      #expect(solution.primalStatus == .certificate)
    }
    #expect(program.isInfeasible(provedBy: solution.rowDuals ?? solution.farkas ?? []) == (instance.answer == .infeasible))
  }

  @Test("Without presolver and scaling", arguments: NetlibInstance.all.filter { $0.rows < 200 }, LinearSettings.Scaling.allCases)
  func settings(_ instance: NetlibInstance, scaling: LinearSettings.Scaling) throws {
    let program = try instance.read()
    let solution = try program.solve(settings: LinearSettings(presolves: false, scaling: scaling, pricing: .textbook))
    Oracle.verify(solution, of: program, tolerance: 1e-8)
    switch instance.answer {
    case .optimum(let value): #expect(Oracle.agree(solution.linearObjective, value, within: 1e-9))
    case .infeasible: #expect(solution.farkas != nil)
    case .unbounded: #expect(solution.ray != nil)
    }
  }

  @Test("Exact simplex", arguments: NetlibInstance.all.filter { $0.rows < 60 })
  func exact(_ instance: NetlibInstance) throws {
    let program = try instance.read()
    let solution = try program.solve(settings: LinearSettings(method: .exact))
    Oracle.verify(solution, of: program)
    #expect(solution.method == .exact)
    switch instance.answer {
    case .optimum(let value): #expect(Oracle.agree(solution.linearObjective, value, within: 1e-9))
    default: #expect(solution.termination == .infeasible && solution.farkas != nil)
    }
  }

  @Test("A warm start from the optimal basis takes no iterations", arguments: NetlibInstance.all.filter { $0.rows < 460 })
  func warmStart(_ instance: NetlibInstance) throws {
    guard case .optimum = instance.answer else { return }
    let program = try instance.read()
    let cold = try program.solve()
    for method in [LinearSettings.Method.dual, .primal] {
      let warm = try program.solve(settings: LinearSettings(method: method), from: #require(cold.basis))
      #expect(warm.iterations == 0)
      #expect(Oracle.agree(warm.objective, cold.objective, within: 1e-12))
      Oracle.verify(warm, of: program)
    }
  }

  @Test("Files survive being written and read", arguments: NetlibInstance.all)
  func roundTrip(_ instance: NetlibInstance) throws {
    let program = try instance.read()
    let free = try LinearProgramFile.read(LinearProgramFile.write(program, format: .freeMPS), format: .freeMPS)
    #expect(free == program)
    #expect(try LinearProgramFile.read(LinearProgramFile.write(program, format: .freeMPS)) == program)
    guard case .optimum(let value) = instance.answer, instance.rows < 460 else { return }
    for format in [LinearProgramFile.Format.fixedMPS, .lp] {
      let copy = try LinearProgramFile.read(LinearProgramFile.write(program, format: format), format: format)
      let solution = try copy.solve()
      Oracle.verify(solution, of: copy)
      // The LP format may keep the constant as a variable of its own.
      let objective = (solution.objective ?? .nan) - program.objectiveConstant
      #expect((objective - value).magnitude <= 1e-8 * value.magnitude, "\(format) \(objective)")
    }
  }
}
