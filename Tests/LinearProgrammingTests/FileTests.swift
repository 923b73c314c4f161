import Foundation
import LinearAlgebra
import LinearProgramming
import TestSupport
import Testing

@Suite("Files")
struct FileTests {
  private static let sample = """
    NAME          SAMPLE
    ROWS
     N  COST
     L  LIM1
     G  LIM2
     E  MYEQN
    COLUMNS
        X         COST               1.0   LIM1               1.0
        X         LIM2               1.0
        M1        'MARKER'                 'INTORG'
        Y         COST               2.0   LIM1               1.0
        Y         MYEQN             -1.0
        M2        'MARKER'                 'INTEND'
        Z         COST              -1.0   MYEQN              1.0
    RHS
        RHS       COST               5.0   LIM1               4.0
        RHS       LIM2               1.0   MYEQN              7.0
    RANGES
        RNG       LIM1               2.5
    BOUNDS
     UP BND       X                  4.0
     LO BND       Y                 -1.0
     UP BND       Y                  1.0
    ENDATA

    """

  private static let lpSample = """
    Maximize
     obj: 3 x + 2 y
    Subject To
     sum: x + y <= 4
     mix: x + 3 y <= 7
    Bounds
     0 <= x <= 3
    End

    """

  private func read(_ text: String, _ format: LinearProgramFile.Format? = nil) throws -> LinearProgram {
    try LinearProgramFile.read(Data(text.utf8), format: format)
  }

  @Test("Fixed MPS")
  func fixed() throws {
    let program = try read(Self.sample)
    #expect(program.name == "SAMPLE" && program.objectiveName == "COST")
    #expect(program.rows.map(\.name) == ["LIM1", "LIM2", "MYEQN"] && program.columns.map(\.name) == ["X", "Y", "Z"])
    #expect(program.rows.map(\.lower) == [1.5, 1, 7] && program.rows.map(\.upper) == [4, .infinity, 7])
    #expect(program.columns.map(\.lower) == [0, -1, 0] && program.columns.map(\.upper) == [4, 1, .infinity])
    #expect(program.columns.map(\.isInteger) == [false, true, false] && program.columns.map(\.cost) == [1, 2, -1])
    // A right-hand side of the objective is minus the constant.
    #expect(program.objectiveConstant == -5)
    #expect(program.entries(ofRow: 2).map(\.value) == [-1, 1])
    let solution = try program.solve()
    Oracle.verify(solution, of: program)
    #expect(solution.objective == (solution.linearObjective ?? .nan) - 5)
  }

  @Test("Free MPS, OBJSENSE, tabs and long names")
  func free() throws {
    let text = """
      * a comment
      NAME\tmodel
      OBJSENSE
          MAX
      ROWS
       N\tcost
       L\ta_row_with_a_long_name
      COLUMNS
       a_column_with_a_long_name cost 1.5 a_row_with_a_long_name 0.1
      RHS
       rhs a_row_with_a_long_name 3
      ENDATA

      """
    let program = try read(text)
    #expect(program.sense == .maximise)
    #expect(program.columns.map(\.name) == ["a_column_with_a_long_name"] && program.entryValues == [0.1])
    let solution = try program.solve()
    #expect(Oracle.agree(solution.objective, 45, within: 1e-12))
    for (section, sense) in [
      ("OBJSENSE MAX", LinearProgram.Sense.maximise), ("OBJSENSE\nMAX", .maximise), ("OBJSENSE\n MIN", .minimise),
      ("OBJSENSE\n    MAXIMIZE", .maximise),
    ] {
      #expect(try read(text.replacing("OBJSENSE\n    MAX", with: section)).sense == sense, "\(section)")
    }
  }

  @Test("CPLEX-LP")
  func lp() throws {
    let program = try read(Self.lpSample, .lp)
    var expected = try Programs.small()
    try expected.setNames(program: "", objective: "obj")
    #expect(program == expected)
  }

  @Test("Blank names of right-hand sides need the fixed form, which is found", .enabled(if: SharedData.isPresent))
  func blend() throws {
    let path = SharedData.path("netlib-lp/blend.mps")
    #expect(try LinearProgramFile.read(path: path).rows.count == 74)
    #expect(throws: LinearProgramError.self) { try LinearProgramFile.read(path: path, format: .freeMPS) }
  }

  @Test("The objective of e226 with and without its constant", .enabled(if: SharedData.isPresent))
  func constant() throws {
    let solution = try LinearProgramFile.read(path: SharedData.path("netlib-lp/e226.mps")).solve()
    #expect(Oracle.agree(solution.linearObjective, -18.751929066, within: 1e-9))
    #expect(Oracle.agree(solution.objective, -11.638929066, within: 1e-9))
  }

  @Test("Errors name the line and say what GLPK says")
  func errors() throws {
    func failure(_ text: String, _ format: LinearProgramFile.Format? = nil) -> (line: Int?, reason: String)? {
      do throws(LinearProgramError) {
        _ = try LinearProgramFile.read(Data(text.utf8), format: format)
      } catch {
        if case .malformed(_, let line, let reason) = error { return (line, reason) }
      }
      return nil
    }
    let unknown = failure(
      Self.sample.replacing("        Y         MYEQN             -1.0", with: "        Y         NONE              -1.0"))
    #expect(unknown?.line == nil)
    let wrongRow = try #require(failure(Self.sample.replacing("    Y         MYEQN ", with: "    Y         NONE  ")))
    #expect(wrongRow.line == 12 && wrongRow.reason.contains("row 'NONE' not found"), "\(wrongRow)")
    let wrongNumber = try #require(failure(Self.sample.replacing("             -1.0\n    M2", with: "             -1,0\n    M2")))
    #expect(wrongNumber.line == 12 && wrongNumber.reason.contains("'-1,0'"), "\(wrongNumber)")
    let crossed = try #require(
      failure(Self.sample.replacing(" UP BND       Y                  1.0", with: " UP BND       Y                 -2.0")))
    #expect(crossed.reason.contains("column 1"), "\(crossed)")
    let syntax = try #require(failure(Self.lpSample.replacing("<= 7", with: "<= <= 7"), .lp))
    #expect(syntax.line == 5, "\(syntax)")
    #expect(failure("") != nil && failure("\0") != nil && failure("", .lp) != nil)
    #expect(throws: LinearProgramError.self) { try LinearProgramFile.read(path: "/nowhere/at.mps") }
  }

  @Test("Random programs survive every format", arguments: 0..<30 as Range<UInt64>)
  func roundTrips(seed: UInt64) throws {
    var program = try Programs.planted(
      seed: seed, rows: 6, columns: 8, sense: seed % 2 == 0 ? .minimise : .maximise, scales: (1e-3, 1e4, 1), isExact: seed % 3 == 0
    ).program
    try program.setObjectiveConstant(seed % 4 == 0 ? 0 : 1.0 / 3)
    if seed % 5 == 0 { for j in 0..<3 { try program.setInteger(ofColumn: j, true) } }
    try program.addColumn()
    var named = try LinearProgramFile.read(LinearProgramFile.write(program, format: .freeMPS), format: .freeMPS)
    // Names were made up; nothing else may differ, to the last bit.
    #expect(named.rows.map(\.name) == (1...6).map { "R\($0)" })
    #expect(named.columns.map { [$0.lower, $0.upper, $0.cost] } == program.columns.map { [$0.lower, $0.upper, $0.cost] })
    for (found, expected) in zip(named.rows, program.rows) {
      let isRange = expected.lower.isFinite && expected.upper.isFinite && expected.lower != expected.upper
      let slack = isRange ? 2 * max(expected.lower.magnitude, expected.upper.magnitude).ulp : 0
      #expect(found.lower == expected.lower || (found.lower - expected.lower).magnitude <= slack)
      #expect(found.upper == expected.upper || (found.upper - expected.upper).magnitude <= slack)
    }
    #expect(named.entryValues == program.entryValues && named.entryColumns == program.entryColumns)
    #expect(named.objectiveConstant == program.objectiveConstant && named.sense == program.sense)
    #expect(named.columns.map(\.isInteger) == program.columns.map(\.isInteger))
    // Once written the ranges can be said, and the copy is exact.
    #expect(try LinearProgramFile.read(LinearProgramFile.write(named, format: .freeMPS)) == named)
    if named.isMixedInteger { return }
    let value = try #require(try named.solve().objective)
    // Rounding to a few digits can make a program infeasible; small whole numbers are not rounded.
    if named.sense == .maximise, seed % 3 == 0 {
      #expect(throws: LinearProgramError.self) { try LinearProgramFile.write(named, format: .fixedMPS) }
      for j in named.columns.indices { try named.setCost(ofColumn: j, -named.columns[j].cost) }
      try named.setObjectiveConstant(-named.objectiveConstant)
      named.sense = .minimise
      let copy = try LinearProgramFile.read(LinearProgramFile.write(named, format: .fixedMPS), format: .fixedMPS)
      #expect(Oracle.agree(try copy.solve().objective, -value, within: 1e-9))
    }
    let copy = try LinearProgramFile.read(LinearProgramFile.write(named, format: .lp), format: .lp)
    #expect(Oracle.agree(try copy.solve().objective, copy.sense == program.sense ? value : -value, within: 1e-9))
  }

  @Test("What a format cannot say is refused")
  func refusals() throws {
    var program = try Programs.small()
    try program.addRow([(0, 1)], name: "free")
    for format in LinearProgramFile.Format.allCases {
      #expect(throws: LinearProgramError.self) { try LinearProgramFile.write(program, format: format) }
    }
    program = try Programs.small()
    try program.addColumn(name: "x")
    #expect(throws: LinearProgramError.invalidName(.column(2), "x")) { try LinearProgramFile.write(program, format: .lp) }
    program = try Programs.small()
    program.sense = .minimise
    #expect(throws: Never.self) { try LinearProgramFile.write(program, format: .fixedMPS) }
    try program.setCost(ofColumn: 0, -1.234567e-100)
    #expect(throws: LinearProgramError.self) { try LinearProgramFile.write(program, format: .fixedMPS) }
    #expect(try LinearProgramFile.read(LinearProgramFile.write(program, format: .freeMPS)).columns[0].cost == -1.234567e-100)
    program = try Programs.small()
    try program.addColumn(name: "a b")
    #expect(throws: LinearProgramError.self) { try LinearProgramFile.write(program, format: .freeMPS) }
  }

  /// Whatever the bytes are, a program or a typed error comes out, and whatever was read is solved, or there is a typed error, soon.
  ///
  /// `LIPCERT_FUZZ_ITERATIONS` and `LIPCERT_FUZZ_SEED` set how many files are damaged, and how.
  @Test("Fuzz", arguments: [LinearProgramFile.Format?.none, .fixedMPS, .freeMPS, .lp])
  func fuzz(format: LinearProgramFile.Format?) throws {
    let (seed, other) = (Data((format == .lp ? Self.lpSample : Self.sample).utf8), Data((Self.sample + Self.lpSample).utf8))
    let environment = ProcessInfo.processInfo.environment
    let iterations = environment["LIPCERT_FUZZ_ITERATIONS"].flatMap(Int.init) ?? 1000
    var random = SplitMix64(seed: environment["LIPCERT_FUZZ_SEED"].flatMap(UInt64.init) ?? 11)
    let settings = try LinearSettings(timeLimit: 0.5)
    func attempt(_ data: Data) {
      let start = ContinuousClock.now
      do throws(LinearProgramError) {
        let program = try LinearProgramFile.read(data, format: format)
        // Whatever was read can be written, or there is a reason.
        for target in LinearProgramFile.Format.allCases { _ = try? LinearProgramFile.write(program, format: target) }
        if let solution = try? program.solve(settings: settings) { Oracle.verify(solution, of: program, tolerance: 1e-5) }
      } catch {
        #expect(!"\(error)".contains("/proc/"), "\(error)")
      }
      #expect(start.duration(to: .now) < .seconds(20))
    }
    for length in 0...seed.count { attempt(seed.prefix(length)) }
    let words = [
      "1e999", "-1e308", "nan", "inf", "'MARKER'", "RANGES", "ENDATA", "\t", "\r\n", "$", "*", "End", ">=", "free", "\u{FFFD}", ":",
    ]
    for round in 0..<iterations {
      var data = round % 3 == 0 ? other : seed
      for _ in 0...Int(random.next() % 4) where !data.isEmpty {
        let place = Int(random.next() % UInt64(data.count))
        switch random.next() % 5 {
        case 0: data[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: data.remove(at: place)
        case 2: data.insert(contentsOf: Data(words[Int(random.next() % UInt64(words.count))].utf8), at: place)
        case 3: data.insert(contentsOf: data[place..<min(data.count, place + 40)], at: place)
        default: data.removeSubrange(place..<min(data.count, place + Int(random.next() % 30)))
        }
        data = Data(data)
      }
      attempt(data)
    }
    for _ in 0..<(iterations / 5) {
      attempt(Data((0..<Int(random.next() % 400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
    }
    attempt(Data(repeating: UInt8(ascii: "a"), count: 100_000))
    attempt(Data(repeating: UInt8(ascii: "\n"), count: 10_000))
  }
}
