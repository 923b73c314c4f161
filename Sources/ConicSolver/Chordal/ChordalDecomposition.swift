import ConicPrograms
import LinearAlgebra

/// The program with semidefinite cones of sparse pattern replaced by smaller ones on the cliques of the pattern.
///
/// A matrix S with a chordal pattern is positive semidefinite if and only if S = Σ Eₗ′ Sₗ Eₗ with Sₗ ⪰ 0 on the cliques (Agler et al.
/// 1988). Each entry of S becomes as many rows as it has cliques; A and b are divided equally among them, and free variables along a
/// ``ConsensusBasis`` move parts of the entry between the cliques (the compact form of Garstka, Cannon, Goulart: "COSMO: a conic operator
/// splitting method for convex conic problems", J. Optim. Theory Appl. 190 (2021), section 4, with orthogonal instead of ±1 columns). In
/// the dual the copies of an entry have to agree, and a matrix that is semidefinite on the cliques has a semidefinite completion.
///
/// Its place is after any scaling: one factor for the cone as the user gave it keeps the orthogonality of the overlap columns.
struct ChordalDecomposition: Reformulation {
  /// A decomposed cone.
  struct Part: Sendable {
    /// The cone's position in the original program.
    let cone: Int
    /// Its cliques.
    let tree: CliqueTree
    /// Where each clique's rows start in the reformulated program.
    let starts: [Int]
    /// The number of maximal cliques before any were merged.
    let maximalCliqueCount: Int
  }

  let program: ConicProgram
  /// The decomposed cones.
  let parts: [Part]

  private let variableCount: Int
  private let ranges: [Range<Int>]
  /// The row of the original program behind each row.
  private let sources: [Int]
  /// The copies of row i of the original program are `copies[copyStarts[i] ..< copyStarts[i + 1]]`.
  private let copyStarts: [Int]
  private let copies: [Int]

  /// The number of variables that tie copies of entries together.
  var overlapCount: Int { program.variableCount - variableCount }

  /// Decomposes the semidefinite cones for which it pays by the settings' rule; nil when there are none.
  ///
  /// - Throws: ``ConicProgramError`` when the new program is too large.
  init?(_ program: ConicProgram, settings: ConicSettings) throws(ConicProgramError) {
    let choice = DecompositionChoice(program, settings: settings)
    guard choice.trees.contains(where: { $0 != nil }) else { return nil }
    try self.init(program, choice)
  }

  /// Decomposes the chosen cones.
  ///
  /// - Precondition: the cliques cover all rows of the chosen cones in which A or b is not zero.
  init(_ program: ConicProgram, _ choice: DecompositionChoice) throws(ConicProgramError) {
    var (cones, sources, parts) = ([Cone](), [Int](), [Part]())
    for (index, cone) in program.cones.enumerated() {
      let range = program.ranges[index]
      guard let (tree, maximalCliqueCount) = choice.trees[index] else {
        cones.append(cone)
        sources += range
        continue
      }
      // Cliques of one vertex are rows without off-diagonal entries: scalars.
      var starts = [Int](repeating: 0, count: tree.cliques.count)
      let scalars = tree.cliques.indices.filter { tree.cliques[$0].count == 1 }
      if !scalars.isEmpty { cones.append(.nonnegative(scalars.count)) }
      for clique in scalars + tree.cliques.indices.filter({ tree.cliques[$0].count > 1 }) {
        starts[clique] = sources.count
        if tree.cliques[clique].count > 1 { cones.append(.semidefinite(order: tree.cliques[clique].count)) }
        tree.forEachEntry(of: clique) { _, entry in sources.append(range.lowerBound + entry) }
      }
      parts.append(Part(cone: index, tree: tree, starts: starts, maximalCliqueCount: maximalCliqueCount))
    }
    var copyStarts = [Int](repeating: 0, count: program.rowCount + 1)
    for source in sources { copyStarts[source + 1] += 1 }
    for row in 0..<program.rowCount { copyStarts[row + 1] += copyStarts[row] }
    var (next, copies) = (copyStarts, [Int](repeating: 0, count: sources.count))
    for (row, source) in sources.enumerated() {
      copies[next[source]] = row
      next[source] += 1
    }
    self.program = try Self.program(program, cones: cones, sources: sources, copyStarts: copyStarts, copies: copies)
    self.parts = parts
    variableCount = program.variableCount
    ranges = program.ranges
    self.sources = sources
    self.copyStarts = copyStarts
    self.copies = copies
  }

  private static func program(
    _ program: ConicProgram, cones: [Cone], sources: [Int], copyStarts: [Int], copies: [Int]
  ) throws(ConicProgramError) -> ConicProgram {
    let matrix = program.coefficients
    var (starts, rows, values) = ([0], [Int](), [Double]())
    var column: [(row: Int, value: Double)] = []
    func appendColumn() {
      column.sort { $0.row < $1.row }
      for (row, value) in column {
        rows.append(row)
        values.append(value)
      }
      starts.append(rows.count)
      column.removeAll(keepingCapacity: true)
    }
    for j in 0..<program.variableCount {
      for k in matrix.range(j) {
        let own = copies[copyStarts[matrix.rows[k]]..<copyStarts[matrix.rows[k] + 1]]
        for copy in own { column.append((copy, matrix.values[k] / Double(own.count))) }
      }
      appendColumn()
    }
    for row in 0..<program.rowCount where copyStarts[row + 1] - copyStarts[row] > 1 {
      let own = copyStarts[row]..<copyStarts[row + 1]
      for vector in ConsensusBasis.vectors(own.count) {
        for copy in vector.left { column.append((copies[own.lowerBound + copy], vector.leftValue)) }
        for copy in vector.right { column.append((copies[own.lowerBound + copy], vector.rightValue)) }
        appendColumn()
      }
    }
    let columnCount = starts.count - 1
    return try ConicProgram(
      objective: program.objective + [Double](repeating: 0, count: columnCount - program.variableCount),
      coefficients: SparseColumns(rowCount: sources.count, starts: starts, rows: rows, values: values),
      constants: sources.map { program.constants[$0] / Double(copyStarts[$0 + 1] - copyStarts[$0]) }, cones: cones)
  }

  var summary: String {
    let cliques = parts.flatMap { part in part.tree.cliques.map(\.count) }
    return "\(parts.count) semidefinite cones on \(cliques.count) cliques of order at most \(cliques.max() ?? 0)"
  }

  /// (x, Σ Eₗ′ Sₗ Eₗ, the completion of the averaged copies of z).
  ///
  /// The residual of A x + s = b in the original program is the sum of the copies' residuals, and A′z + c is the same as before: averages
  /// are what the equally divided columns see.
  func restore(_ point: ConicPoint) throws -> ConicPoint {
    let rowCount = copyStarts.count - 1
    var (s, z) = ([Double](repeating: 0, count: rowCount), [Double](repeating: 0, count: rowCount))
    for (row, source) in sources.enumerated() {
      s[source] += point.s[row]
      z[source] += point.z[row]
    }
    for row in 0..<rowCount where copyStarts[row + 1] - copyStarts[row] > 1 { z[row] /= Double(copyStarts[row + 1] - copyStarts[row]) }
    for part in parts { try part.tree.complete(&z[ranges[part.cone]]) }
    return ConicPoint(x: Array(point.x[..<variableCount]), s: s, z: z)
  }

  /// z on the cliques; s split into semidefinite parts where it is semidefinite with the cliques' pattern, in equal parts otherwise; the
  /// overlap variables that go with the parts.
  func adapt(_ point: ConicPoint) throws -> ConicPoint {
    var s = sources.map { point.s[$0] }
    for part in parts {
      _ = try part.tree.split(point.s[ranges[part.cone]]) { clique, place, value in s[part.starts[clique] + place] = value }
    }
    var x = point.x
    for row in 0..<copyStarts.count - 1 where copyStarts[row + 1] - copyStarts[row] > 1 {
      let own = copies[copyStarts[row]..<copyStarts[row + 1]]
      // The data's parts are equal and drop out of the products with vectors of sum zero.
      for vector in ConsensusBasis.vectors(own.count) {
        let left = vector.left.reduce(0) { $0 + s[own[own.startIndex + $1]] }
        let right = vector.right.reduce(0) { $0 + s[own[own.startIndex + $1]] }
        x.append(-(vector.leftValue * left + vector.rightValue * right))
      }
    }
    return ConicPoint(x: x, s: s, z: sources.map { point.z[$0] })
  }
}
