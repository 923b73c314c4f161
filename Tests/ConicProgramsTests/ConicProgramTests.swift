import ConicPrograms
import Testing

@Suite struct ConicProgramTests {
  private static let matrix = SparseColumns(rowCount: 3, columns: [[(0, 1.0), (2, 2.0)], [(1, 3.0)]])

  @Test func rangesFollowTheCones() throws {
    let program = try ConicProgram(
      objective: [1, 2], coefficients: SparseColumns(rowCount: 11, columns: [[], []]), constants: [Double](repeating: 0, count: 11),
      cones: [.zero(2), .semidefinite(order: 0), .nonnegative(0), .secondOrder(3), .semidefinite(order: 3)])
    #expect(program.ranges == [0..<2, 2..<2, 2..<2, 2..<5, 5..<11])
    #expect(program.variableCount == 2 && program.rowCount == 11)
    #expect(ConicPoint(zeroOf: program) == ConicPoint(x: [0, 0], s: program.constants, z: program.constants))
  }

  @Test func sizesThatDoNotFitAreRefused() {
    #expect(throws: ConicProgramError.sizes("the objective has 1 elements, the matrix 2 columns")) {
      try ConicProgram(objective: [1], coefficients: Self.matrix, constants: [1, 2, 3], cones: [.nonnegative(3)])
    }
    #expect(throws: ConicProgramError.sizes("the matrix has 3 rows, the right-hand side 2")) {
      try ConicProgram(objective: [1, 2], coefficients: Self.matrix, constants: [1, 2], cones: [.nonnegative(2)])
    }
    #expect(throws: ConicProgramError.sizes("the cones take 4 rows, the program has 3")) {
      try ConicProgram(
        objective: [1, 2], coefficients: Self.matrix, constants: [1, 2, 3], cones: [.nonnegative(1), .semidefinite(order: 2)])
    }
    for cone in [Cone.zero(-1), .nonnegative(-3), .secondOrder(1 << 20), .semidefinite(order: 1 << 40), .semidefinite(order: -1)] {
      #expect(throws: ConicProgramError.self) {
        try ConicProgram(objective: [1, 2], coefficients: Self.matrix, constants: [1, 2, 3], cones: [cone])
      }
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func numbersMustBeFinite(bad: Double) {
    #expect(throws: ConicProgramError.notFinite("element 2 of the objective")) {
      try ConicProgram(objective: [1, bad], coefficients: Self.matrix, constants: [1, 2, 3], cones: [.nonnegative(3)])
    }
    #expect(throws: ConicProgramError.notFinite("element 3 of the right-hand side")) {
      try ConicProgram(objective: [1, 2], coefficients: Self.matrix, constants: [1, 2, bad], cones: [.nonnegative(3)])
    }
    var matrix = Self.matrix
    matrix.values[2] = bad
    #expect(throws: ConicProgramError.notFinite("an entry in column 2, row 2 of the matrix")) {
      try ConicProgram(objective: [1, 2], coefficients: matrix, constants: [1, 2, 3], cones: [.nonnegative(3)])
    }
  }

  @Test func inequalitiesAreChecked() {
    func make(_ entry: Entry, objective: [Double] = [1], coefficients: Int = 1) -> ConicProgramError? {
      do throws(ConicProgramError) {
        _ = try LinearMatrixInequality(
          blocks: [.symmetric(2), .diagonal(3)], objective: objective, constant: [],
          coefficients: Array(repeating: [entry], count: coefficients))
        return nil
      } catch { return error }
    }
    #expect(make(Entry(block: 0, row: 1, column: 0, value: 1)) == nil)
    #expect(make(Entry(block: 1, row: 2, column: 2, value: 1)) == nil)
    for entry in [
      Entry(block: 2, row: 0, column: 0, value: 1), Entry(block: -1, row: 0, column: 0, value: 1),
      Entry(block: 0, row: 0, column: 2, value: 1),
      Entry(block: 0, row: -1, column: 0, value: 1), Entry(block: 1, row: 0, column: 1, value: 1),
    ] {
      guard case .sizes = make(entry) else {
        Issue.record("\(entry) accepted")
        continue
      }
    }
    #expect(make(Entry(block: 0, row: 0, column: 1, value: .nan)) == .notFinite("entry (1, 2) of block 1 of matrix 1"))
    #expect(make(Entry(block: 0, row: 0, column: 1, value: 1), objective: [.infinity]) == .notFinite("element 1 of the objective"))
    guard case .sizes = make(Entry(block: 0, row: 0, column: 1, value: 1), coefficients: 2) else {
      Issue.record("sizes accepted")
      return
    }
  }

  @Test func sparseColumnsAddAndDrop() {
    let matrix = SparseColumns(
      rowCount: 4, columns: [[(3, 1.0), (0, 2.0), (3, 4.0)], [], [(1, 5.0), (1, -5.0), (2, 0.0)], [(2, 7.0)]])
    #expect(matrix.starts == [0, 2, 2, 2, 3] && matrix.rows == [0, 3, 2] && matrix.values == [2, 5, 7])
    #expect(matrix.multiplied(by: [1, 1, 1, 2]) == [2, 0, 14, 5])
    #expect(matrix.transposedMultiplied(by: [1, 10, 100, 1000]) == [5002, 0, 0, 700])
  }
}
