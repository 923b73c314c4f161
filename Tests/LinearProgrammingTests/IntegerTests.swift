import LinearAlgebra
import LinearProgramming
import Testing

@Suite("Mixed-integer programs")
struct IntegerTests {
  /// A random program with integer variables in 0…limit, and its answer by enumeration.
  private func random(seed: UInt64, columns: Int, limit: Int) throws -> (LinearProgram, Double?) {
    var random = SplitMix64(seed: seed)
    let sense: LinearProgram.Sense = seed % 2 == 0 ? .minimise : .maximise
    var program = LinearProgram(sense)
    for _ in 0..<columns {
      // Bounds that are not whole are part of the test.
      try program.addColumn(lower: -0.5, upper: Double(limit) + 0.5, cost: Double(random.next() % 21) - 10, isInteger: true)
    }
    try program.setObjectiveConstant(Double(random.next() % 100))
    for _ in 0..<4 {
      let entries = (0..<columns).map { (column: $0, value: Double(random.next() % 11) - 5) }
      let target = Double(random.next() % 15) - 5
      try program.addRow(lower: target, upper: random.next() % 3 == 0 ? target + 2 : .infinity, entries)
    }
    var best: Double?
    var point = [Double](repeating: 0, count: columns)
    while true {
      let isFeasible = zip(program.activities(point), program.rows).allSatisfy { $0 >= $1.lower && $0 <= $1.upper }
      if isFeasible {
        let value = program.linearObjective(point) + program.objectiveConstant
        best = best.map { sense == .minimise ? min($0, value) : max($0, value) } ?? value
      }
      guard let j = point.firstIndex(where: { $0 < Double(limit) }) else { break }
      point[j] += 1
      for k in 0..<j { point[k] = 0 }
    }
    return (program, best)
  }

  @Test("Agree with enumeration", arguments: 0..<24 as Range<UInt64>, [true, false])
  func enumeration(seed: UInt64, presolves: Bool) throws {
    let (program, best) = try random(seed: seed, columns: seed % 3 == 0 ? 9 : 5, limit: seed % 3 == 0 ? 1 : 3)
    let solution = try program.solve(settings: LinearSettings(presolves: presolves))
    Oracle.verify(solution, of: program)
    if let best {
      #expect(solution.termination == .optimal)
      #expect(solution.objective == best)
      #expect(solution.bestBound == best && solution.relativeGap == 0)
      let bound = try #require(solution.safeBound)
      #expect(program.sense == .minimise ? bound.value <= best : bound.value >= best)
    } else {
      #expect(solution.termination == .infeasible)
      #expect(solution.x == nil)
    }
  }

  @Test("No whole number between the bounds")
  func emptyBox() throws {
    var program = LinearProgram()
    try program.addColumn(lower: 0.25, upper: 0.75, cost: 1, isInteger: true)
    let solution = try program.solve()
    #expect(solution.termination == .infeasible && solution.x == nil && solution.farkas == nil)
  }

  @Test("Infeasible and unbounded relaxations")
  func relaxations() throws {
    var program = LinearProgram(.maximise)
    let x = try program.addColumn(cost: 1, isInteger: true)
    try program.addRow(lower: 2, [(x, 1)])
    #expect(try program.solve().termination == .unbounded)
    try program.addRow(upper: 1, [(x, 1)])
    let solution = try program.solve()
    Oracle.verify(solution, of: program)
    #expect(solution.termination == .infeasible && solution.farkas != nil)
  }

  /// Market split problems are hard for branch and cut.
  private func hard() throws -> LinearProgram {
    var random = SplitMix64(seed: 5)
    var program = LinearProgram()
    for _ in 0..<40 { try program.addColumn(upper: 1, isInteger: true) }
    for _ in 0..<5 {
      let weights = (0..<40).map { _ in Double(random.next() % 100) }
      let (over, under) = (try program.addColumn(cost: 1), try program.addColumn(cost: 1))
      var entries: [(column: Int, value: Double)] = weights.enumerated().map { ($0, $1) }
      entries += [(over, 1), (under, -1)]
      try program.addEquation(entries, equals: (weights.reduce(0, +) / 2).rounded(.down))
    }
    return program
  }

  @Test("Time limit and cancellation keep the best point")
  func limits() throws {
    let program = try hard()
    let timed = try program.solve(settings: LinearSettings(timeLimit: 0.5))
    #expect(timed.termination == .timeLimit)
    #expect(timed.seconds < 5)
    Oracle.verify(timed, of: program)
    let start = ContinuousClock.now
    let cancelled = try program.solve(isCancelled: { start.duration(to: .now) > .seconds(0.3) })
    #expect(cancelled.termination == .cancelled)
    for solution in [timed, cancelled] {
      guard solution.x != nil, let objective = solution.objective else { continue }
      #expect(solution.primalStatus == .feasible)
      #expect((solution.bestBound ?? .nan) <= objective)
    }
  }

  @Test("A gap is respected")
  func gap() throws {
    let program = try hard()
    let solution = try program.solve(settings: LinearSettings(timeLimit: 20, branchAndCut: .init(relativeGap: 1e6)))
    #expect(solution.termination == .optimal)
    Oracle.verify(solution, of: program)
  }
}
