/// The program min c′x subject to X(x) = Σ xᵢ Fᵢ − F₀ ⪰ 0, in blocks: (P) of the SDPA format.
///
/// Its dual is max ⟨F₀, Y⟩ subject to ⟨Fᵢ, Y⟩ = cᵢ, Y ⪰ 0. The entries are held exactly as given, so that proofs can rest on them; the
/// solver works on ``program()``.
public struct LinearMatrixInequality: Sendable, Equatable {
  /// A diagonal block of X.
  public enum Block: Sendable, Hashable {
    /// A symmetric matrix of this order.
    case symmetric(Int)
    /// A diagonal matrix of this order: linear inequalities.
    case diagonal(Int)

    /// The order.
    public var order: Int {
      switch self {
      case .symmetric(let order), .diagonal(let order): order
      }
    }
  }

  /// An entry (row ≤ column, counted from 0) of a block-diagonal symmetric matrix; it stands for both triangles.
  public struct Entry: Sendable, Hashable {
    /// The block, counted from 0.
    public var block: Int
    /// The row.
    public var row: Int
    /// The column, not less than the row.
    public var column: Int
    /// The value.
    public var value: Double

    /// Collects the parts, swapping row and column where needed.
    public init(block: Int, row: Int, column: Int, value: Double) {
      self.block = block
      self.row = min(row, column)
      self.column = max(row, column)
      self.value = value
    }
  }

  /// The blocks.
  public let blocks: [Block]
  /// c.
  public let objective: [Double]
  /// F₀.
  public let constant: [Entry]
  /// F₁, …, F_m.
  public let coefficients: [[Entry]]

  /// The number m of variables.
  public var variableCount: Int { objective.count }

  /// The inequality with these data. An entry listed twice in a matrix counts twice.
  ///
  /// - Throws: ``ConicProgramError`` when an entry lies outside its block, off the diagonal of a diagonal block, or is not finite.
  public init(blocks: [Block], objective: [Double], constant: [Entry], coefficients: [[Entry]]) throws(ConicProgramError) {
    guard coefficients.count == objective.count else {
      throw .sizes("the objective has \(objective.count) elements, but there are \(coefficients.count) matrices")
    }
    if let i = objective.firstIndex(where: { !$0.isFinite }) { throw .notFinite("element \(i + 1) of the objective") }
    for (index, matrix) in ([constant] + coefficients).enumerated() {
      for entry in matrix {
        guard blocks.indices.contains(entry.block), entry.row >= 0, entry.column < blocks[entry.block].order else {
          throw .sizes("entry (\(entry.row + 1), \(entry.column + 1)) of block \(entry.block + 1) of matrix \(index) lies outside")
        }
        if case .diagonal = blocks[entry.block], entry.row != entry.column {
          throw .sizes(
            "entry (\(entry.row + 1), \(entry.column + 1)) of matrix \(index) is off the diagonal of diagonal block \(entry.block + 1)")
        }
        guard entry.value.isFinite else {
          throw .notFinite("entry (\(entry.row + 1), \(entry.column + 1)) of block \(entry.block + 1) of matrix \(index)")
        }
      }
    }
    self.blocks = blocks
    self.objective = objective
    self.constant = constant
    self.coefficients = coefficients
  }

  /// The most rows ``program()`` may have: 2²⁸, for which one vector takes two gigabytes.
  public static let largestRowCount = 1 << 28

  /// The same program as min c′x, Ax + s = b, s ∈ K with columns −svec(Fᵢ), b = −svec(F₀), s = svec(X) and z = svec(Y).
  ///
  /// - Throws: ``ConicProgramError`` when the blocks take more than ``largestRowCount`` rows, before anything is allocated for them.
  public func program() throws(ConicProgramError) -> ConicProgram {
    var total = 0
    for block in blocks {
      switch block {
      case .symmetric(let order): total += order < 1 << 20 ? SymmetricVector.dimension(order: order) : Self.largestRowCount + 1
      case .diagonal(let order): total += min(order, Self.largestRowCount + 1)
      }
      guard total <= Self.largestRowCount else { throw .sizes("the blocks take more than \(Self.largestRowCount) rows") }
    }
    var offsets: [Int] = []
    var rowCount = 0
    let cones = blocks.map { block -> Cone in
      offsets.append(rowCount)
      let cone: Cone =
        switch block {
        case .symmetric(let order): .semidefinite(order: order)
        case .diagonal(let order): .nonnegative(order)
        }
      rowCount += cone.dimension
      return cone
    }
    let root2 = 2.0.squareRoot()
    func column(_ entries: [Entry]) -> [(row: Int, value: Double)] {
      entries.map { entry in
        switch blocks[entry.block] {
        case .diagonal: (offsets[entry.block] + entry.row, -entry.value)
        case .symmetric:
          (
            offsets[entry.block] + SymmetricVector.index(entry.row, entry.column),
            entry.row == entry.column ? -entry.value : -entry.value * root2
          )
        }
      }
    }
    var constants = [Double](repeating: 0, count: rowCount)
    for (row, value) in column(constant) { constants[row] += value }
    return try ConicProgram(
      objective: objective, coefficients: SparseColumns(rowCount: rowCount, columns: coefficients.map(column)), constants: constants,
      cones: cones)
  }
}
