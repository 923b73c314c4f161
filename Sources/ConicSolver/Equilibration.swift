import ConicPrograms

/// A program with its rows, columns, constants and objective scaled to similar size.
///
/// With positive diagonal D and E and scalars β, γ, the scaled data are D A E, βDb and γEc, and points correspond by x̂ = βE⁻¹x,
/// ŝ = βDs, ẑ = γD⁻¹z. D is constant on every second order and semidefinite cone, so that cones are kept. The passes are those of Ruiz
/// (RAL-TR-2001-034) in the maximum norm; a last step gives every column of D A E length one.
struct Equilibration: Reformulation {
  let program: ConicProgram
  /// The diagonal of D.
  let rowScales: [Double]
  /// The diagonal of E.
  let columnScales: [Double]
  /// β.
  let constantScale: Double
  /// γ.
  let objectiveScale: Double

  /// Factors of all passes together stay within this range.
  private static let range = 1e-4...1e4

  /// Scales a program. No passes leave everything as it is.
  init(_ original: ConicProgram, passes: Int) throws(ConicProgramError) {
    let a = original.coefficients
    var row = [Double](repeating: 1, count: original.rowCount)
    var column = [Double](repeating: 1, count: original.variableCount)
    for _ in 0..<passes {
      var (rowNorms, columnNorms) = ([Double](repeating: 0, count: row.count), [Double](repeating: 0, count: column.count))
      for j in column.indices {
        for k in a.range(j) {
          let size = row[a.rows[k]] * a.values[k].magnitude * column[j]
          rowNorms[a.rows[k]] = max(rowNorms[a.rows[k]], size)
          columnNorms[j] = max(columnNorms[j], size)
        }
      }
      for (cone, range) in zip(original.cones, original.ranges) {
        switch cone {
        case .zero, .nonnegative: break
        case .secondOrder, .semidefinite:
          let norm = range.reduce(0) { max($0, rowNorms[$1]) }
          for k in range { rowNorms[k] = norm }
        }
      }
      for i in row.indices { row[i] = Self.bounded(row[i] / Self.divisor(rowNorms[i]).squareRoot()) }
      for j in column.indices { column[j] = Self.bounded(column[j] / Self.divisor(columnNorms[j]).squareRoot()) }
    }
    var (constantScale, objectiveScale) = (1.0, 1.0)
    if passes > 0 {
      for j in column.indices {
        var square = 0.0
        for k in a.range(j) { square += (row[a.rows[k]] * a.values[k]) * (row[a.rows[k]] * a.values[k]) }
        if square > 0 { column[j] = Self.bounded(1 / square.squareRoot()) }
      }
      constantScale = 1 / Self.divisor(row.indices.reduce(0) { max($0, (row[$1] * original.constants[$1]).magnitude) })
      objectiveScale = 1 / Self.divisor(column.indices.reduce(0) { max($0, (column[$1] * original.objective[$1]).magnitude) })
    }
    var scaled = a
    for j in column.indices {
      for k in a.range(j) { scaled.values[k] *= row[a.rows[k]] * column[j] }
    }
    program = try ConicProgram(
      objective: column.indices.map { objectiveScale * column[$0] * original.objective[$0] }, coefficients: scaled,
      constants: row.indices.map { constantScale * row[$0] * original.constants[$0] }, cones: original.cones)
    (rowScales, columnScales, self.constantScale, self.objectiveScale) = (row, column, constantScale, objectiveScale)
  }

  var summary: String { "equilibrated" }

  func restore(_ point: ConicPoint) -> ConicPoint {
    ConicPoint(
      x: point.x.indices.map { point.x[$0] * columnScales[$0] / constantScale },
      s: point.s.indices.map { point.s[$0] / (rowScales[$0] * constantScale) },
      z: point.z.indices.map { point.z[$0] * rowScales[$0] / objectiveScale })
  }

  func adapt(_ point: ConicPoint) -> ConicPoint {
    ConicPoint(
      x: point.x.indices.map { point.x[$0] / columnScales[$0] * constantScale },
      s: point.s.indices.map { point.s[$0] * (rowScales[$0] * constantScale) },
      z: point.z.indices.map { point.z[$0] / rowScales[$0] * objectiveScale })
  }

  private static func bounded(_ factor: Double) -> Double { min(max(factor, range.lowerBound), range.upperBound) }

  /// What to divide by for a norm: 1 for what is nearly zero, and not more than 10⁴.
  private static func divisor(_ value: Double) -> Double { value < 1e-4 ? 1 : min(value, 1e4) }
}
