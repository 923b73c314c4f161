import CGLPKSupport
import Foundation
import LinearAlgebra
import Synchronization
import Testing

@testable import LinearProgramming

@Suite("Solver")
struct SolverTests {
  /// A program that takes the simplex method a while.
  static func large() throws -> LinearProgram {
    var random = SplitMix64(seed: 1)
    var program = LinearProgram()
    for _ in 0..<1500 { try program.addColumn(cost: 1 + random.nextUniform()) }
    for _ in 0..<800 {
      let entries = (0..<1500).compactMap { random.nextUniform() < 0.05 ? (column: $0, value: random.nextUniform()) : nil }
      try program.addRow(lower: 1 + random.nextUniform(), entries)
    }
    return program
  }

  @Test("A small program by every method", arguments: LinearSettings.Method.allCases)
  func small(method: LinearSettings.Method) throws {
    let program = try Programs.small()
    let solution = try program.solve(settings: LinearSettings(method: method))
    #expect(solution.termination == .optimal && solution.method == method)
    Oracle.verify(solution, of: program, tolerance: method == .interior ? 1e-6 : 1e-9)
    let tolerance = method == .interior ? 1e-6 : 1e-12
    #expect(Oracle.agree(solution.objective, 11, within: tolerance))
    let expectations: [Double] = [3, 1, 2, 0]
    for (found, expected) in zip((solution.x ?? []) + (solution.rowDuals ?? []), expectations) {
      #expect((found - expected).magnitude < 10 * tolerance)
    }
    #expect((solution.safeBound?.value ?? 0) >= 11)
  }

  @Test("Programs without rows, columns or both", arguments: LinearSettings.Method.allCases)
  func empty(method: LinearSettings.Method) throws {
    let settings = try LinearSettings(method: method)
    var program = LinearProgram()
    try program.setObjectiveConstant(7)
    var solution = try program.solve(settings: settings)
    #expect(solution.termination == .optimal && solution.objective == 7 && solution.safeBound?.value == 7)
    try program.addRow(lower: -1, upper: 1, [])
    solution = try program.solve(settings: settings)
    #expect(solution.termination == .optimal && solution.safeBound?.value == 7)
    try program.addColumn(lower: -2, upper: 3, cost: 1)
    solution = try program.solve(settings: settings)
    Oracle.verify(solution, of: program, tolerance: 1e-6)
    #expect(solution.termination == .optimal && Oracle.agree(solution.objective, 5, within: 1e-6))
    try program.addColumn(cost: -1)
    solution = try program.solve(settings: settings)
    Oracle.verify(solution, of: program)
    #expect(solution.termination == .unbounded)
    try program.addRow(lower: 1, [])
    solution = try program.solve(settings: settings)
    Oracle.verify(solution, of: program)
    #expect(solution.termination == .infeasible && solution.farkas != nil)
  }

  @Test("Random infeasible and unbounded programs come with certificates", arguments: 0..<20 as Range<UInt64>)
  func certificates(seed: UInt64) throws {
    let planted = try Programs.planted(seed: seed, rows: 12, columns: 15, sense: seed % 2 == 0 ? .minimise : .maximise)
    var random = SplitMix64(seed: seed)
    // A combination of rows, asked to exceed what the rows allow.
    var infeasible = planted.program
    let columns = infeasible.columns.indices.map { (column: $0, value: random.nextGaussian()) }
    let activity = columns.reduce(0) { $0 + $1.value * planted.x[$1.column] }
    try infeasible.addRow(upper: activity, columns)
    try infeasible.addRow(lower: activity + 1 + activity.magnitude, columns)
    for method in [LinearSettings.Method.dual, .primal, .interior] {
      let solution = try infeasible.solve(settings: LinearSettings(method: method))
      #expect(solution.termination == .infeasible)
      #expect(solution.farkas != nil && solution.dualStatus == .certificate)
      Oracle.verify(solution, of: infeasible)
    }
    // A variable that costs less than nothing and is in no one's way.
    var unbounded = planted.program
    try unbounded.addColumn(lower: -.infinity, upper: 4, cost: unbounded.sense == .minimise ? 3 : -3)
    for method in [LinearSettings.Method.dual, .primal, .interior] {
      let solution = try unbounded.solve(settings: LinearSettings(method: method))
      #expect(solution.termination == .unbounded)
      Oracle.verify(solution, of: unbounded)
    }
  }

  @Test("Warm starts after a change of the costs and of a bound")
  func warmStart() throws {
    var planted = try Programs.planted(seed: 3, rows: 40, columns: 60, sense: .minimise, hasFree: false)
    for j in 0..<60 { try planted.program.setBounds(ofColumn: j, lower: planted.x[j] - 3, upper: planted.x[j] + 3) }
    let first = try planted.program.solve()
    let basis = try #require(first.basis)
    for j in 0..<5 { try planted.program.setCost(ofColumn: j, planted.program.columns[j].cost * 1.01) }
    let warm = try planted.program.solve(settings: LinearSettings(method: .primal), from: basis)
    let cold = try planted.program.solve()
    Oracle.verify(warm, of: planted.program)
    #expect(Oracle.agree(warm.objective, cold.objective, within: 1e-9))
    #expect(warm.iterations <= 20)
    #expect(throws: LinearProgramError.self) { try Programs.small().solve(from: basis) }
    #expect(throws: LinearProgramError.self) { try Basis(rows: [.atLower], columns: [.atLower]) }
  }

  @Test("Iteration and time limits")
  func limits() throws {
    let program = try Self.large()
    let few = try program.solve(settings: LinearSettings(method: .primal, presolves: false, iterationLimit: 50))
    #expect(few.termination == .iterationLimit && few.iterations <= 50)
    Oracle.verify(few, of: program)
    for method in LinearSettings.Method.allCases {
      let start = ContinuousClock.now
      let timed = try program.solve(settings: LinearSettings(method: method, timeLimit: 0.05))
      #expect(timed.termination == .timeLimit, "\(method)")
      #expect(start.duration(to: .now) < .seconds(8))
    }
  }

  @Test("Cancellation", arguments: LinearSettings.Method.allCases)
  func cancellation(method: LinearSettings.Method) throws {
    let program = try Self.large()
    let start = ContinuousClock.now
    let solution = try program.solve(
      settings: LinearSettings(method: method), isCancelled: { start.duration(to: .now) > .seconds(0.15) })
    #expect(solution.termination == .cancelled)
    #expect(solution.x == nil && solution.safeBound == nil)
    #expect(start.duration(to: .now) < .seconds(8))
    #expect(try program.solve(isCancelled: { true }).termination == .cancelled)
  }

  @Test("The log comes line by line")
  func log() throws {
    var lines: [String] = []
    let solution = try Programs.small().solve(settings: LinearSettings(presolves: false), log: { lines.append($0) })
    #expect(solution.termination == .optimal)
    #expect(lines.contains("OPTIMAL LP SOLUTION FOUND"))
    #expect(lines.allSatisfy { !$0.contains("\n") })
  }

  @Test("Settings are checked")
  func settings() {
    #expect(throws: LinearProgramError.self) { try LinearSettings(solverTolerance: 0) }
    #expect(throws: LinearProgramError.self) { try LinearSettings(solverTolerance: .nan) }
    #expect(throws: LinearProgramError.self) { try LinearSettings(acceptance: 1) }
    #expect(throws: LinearProgramError.self) { try LinearSettings(iterationLimit: -1) }
    #expect(throws: LinearProgramError.self) { try LinearSettings(timeLimit: -1) }
    #expect(throws: LinearProgramError.self) { try LinearSettings(timeLimit: .nan) }
    #expect(throws: LinearProgramError.self) { try LinearSettings.BranchAndCut(relativeGap: -1) }
    #expect(throws: LinearProgramError.self) { try LinearSettings.BranchAndCut(integerTolerance: 0.5) }
  }

  @Test("The model is checked")
  func model() throws {
    var program = try Programs.small()
    let before = program
    #expect(throws: LinearProgramError.crossedBounds(.column(2), lower: 1, upper: 0)) { try program.addColumn(lower: 1, upper: 0) }
    #expect(throws: LinearProgramError.self) { try program.addColumn(lower: .nan) }
    #expect(throws: LinearProgramError.self) { try program.addColumn(lower: .infinity) }
    #expect(throws: LinearProgramError.self) { try program.addColumn(cost: .infinity) }
    #expect(throws: LinearProgramError.self) { try program.addColumn(cost: 1e200) }
    #expect(throws: LinearProgramError.self) { try program.addColumn(name: "a\nb") }
    #expect(throws: LinearProgramError.self) { try program.addColumn(name: String(repeating: "a", count: 256)) }
    #expect(throws: LinearProgramError.duplicateEntry(row: 2, column: 1)) { try program.addRow([(1, 1), (0, 1), (1, 2)]) }
    #expect(throws: LinearProgramError.indexOutOfRange(.column(2), count: 2)) { try program.addRow([(2, 1)]) }
    #expect(throws: LinearProgramError.indexOutOfRange(.column(-1), count: 2)) { try program.addRow([(-1, 1)]) }
    #expect(throws: LinearProgramError.self) { try program.addRow([(0, .nan)]) }
    #expect(throws: LinearProgramError.self) { try program.addRow(lower: 2, upper: 1, []) }
    #expect(throws: LinearProgramError.self) { try program.setBounds(ofRow: 9, lower: 0, upper: 1) }
    #expect(throws: LinearProgramError.self) { try program.setCost(ofColumn: 0, .nan) }
    #expect(throws: LinearProgramError.self) { try program.setObjectiveConstant(.nan) }
    #expect(program == before)
    try program.addRow([(1, 0), (0, 2)])
    #expect(program.entries(ofRow: 2).count == 1)
  }
}

@Suite("GLPK's environment", .serialized)
struct EnvironmentTests {
  private static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
  }

  private static func abort() -> (cglpk_end, String) {
    var message = [CChar](repeating: 0, count: 500)
    let count = message.count
    let end = message.withUnsafeMutableBufferPointer { buffer -> cglpk_end in
      guard let base = buffer.baseAddress else { return CGLPK_NO_RESOURCES }
      var observer = cglpk_observer(context: nil, write: nil, is_cancelled: nil, message: base, capacity: count)
      return cglpk_provoke_abort(&observer)
    }
    return (end, String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// Each abort leaves a problem with a thousand rows behind, about 100 kB; ten thousand of them would not go unnoticed.
  @Test("Aborts are reported, leave GLPK usable and leak nothing")
  func aborts() throws {
    let (end, message) = Self.abort()
    #expect(end == CGLPK_ABORTED)
    #expect(message.contains("row number out of range"), "\(message)")
    for _ in 0..<200 { _ = Self.abort() }
    let before = Self.residentBytes()
    for _ in 0..<10_000 { #expect(Self.abort().0 == CGLPK_ABORTED) }
    #expect(Self.residentBytes() - before < 50 << 20)
    #expect(try Programs.small().solve().objective == 11)
  }

  @Test("GLPK has no memory left after a solve, by its own count", arguments: LinearSettings.Method.allCases)
  func blocks(method: LinearSettings.Method) throws {
    var program = try Programs.small()
    func blocksLeft() throws -> Int {
      try GLPKRun(
        program, settings: LinearSettings(method: method), timeLimit: nil, basis: nil, log: nil, isCancelled: nil
      ).blocksLeft
    }
    #expect(try blocksLeft() == 0)
    try program.setInteger(ofColumn: 0, true)
    #expect(try blocksLeft() == 0)
    try program.addRow(lower: 5, [(0, 1)])
    #expect(try blocksLeft() == 0)
    try program.setBounds(ofColumn: 0, lower: 0, upper: .infinity)
    try program.addRow(lower: 5, [(0, 1), (1, 1)])
    #expect(try blocksLeft() == 0)
  }

  @Test("Cancelled solves leak nothing")
  func cancellations() throws {
    let program = try SolverTests.large()
    func cancel() throws {
      var count = 0
      let solution = try program.solve(isCancelled: {
        count += 1
        return count > 5
      })
      #expect(solution.termination == .cancelled)
    }
    try cancel()
    let before = Self.residentBytes()
    for _ in 0..<40 { try cancel() }
    #expect(Self.residentBytes() - before < 60 << 20)
  }

  @Test("A handler cannot call GLPK again")
  func reentry() throws {
    let program = try Programs.small()
    var inner: [LinearProgramError] = []
    let solution = try program.solve(log: { _ in
      do throws(LinearProgramError) { _ = try program.solve() } catch { inner.append(error) }
    })
    #expect(solution.objective == 11)
    #expect(!inner.isEmpty && inner.allSatisfy { $0 == .environmentInUse })
  }

  @Test("Threads solve at the same time")
  func threads() throws {
    let planted = try (0..<8).map {
      try Programs.planted(seed: UInt64($0), rows: 30, columns: 40, sense: $0 % 2 == 0 ? .minimise : .maximise)
    }
    let values = Mutex([[Double]](repeating: [], count: 8))
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      let k = index % 8
      // Aborts on one thread do not touch the others.
      if index % 5 == 0 { _ = Self.abort() }
      let value = (try? planted[k].program.solve())?.objective ?? .nan
      values.withLock { $0[k].append(value) }
    }
    for (found, instance) in zip(values.withLock { $0 }, planted) {
      #expect(found.count == 8)
      #expect(Set(found).count == 1, "a solve depends on the others: \(found)")
      #expect(Oracle.agree(found.first, instance.value, within: 1e-9 * (1 + instance.scale)))
    }
  }
}
