import ConicPrograms

/// The program with second-order cones rewritten as semidefinite ones.
///
/// t ≥ |u| if and only if the arrow matrix with t on its diagonal and u in its first row is positive semidefinite. The dual goes back by the
/// adjoint, Z ↦ (tr Z, 2 Z₀₁, 2 Z₀₂, …), which maps semidefinite matrices into the cone.
struct ArrowForm: Reformulation {
  let program: ConicProgram
  private let original: ConicProgram
  /// For each row of the rewritten program its row of the original one and the factor, or `nil` for entries that are zero.
  private let sources: [(row: Int, factor: Double)?]

  /// The rewritten program; `nil` when there is no second-order cone.
  init?(_ original: ConicProgram) throws(ConicProgramError) {
    guard original.cones.contains(where: { if case .secondOrder = $0 { true } else { false } }) else { return nil }
    var cones: [Cone] = []
    var sources: [(row: Int, factor: Double)?] = []
    for (cone, range) in zip(original.cones, original.ranges) {
      guard case .secondOrder(let dimension) = cone else {
        cones.append(cone)
        sources += range.map { ($0, 1) }
        continue
      }
      cones.append(.semidefinite(order: dimension))
      for column in 0..<dimension {
        for row in 0...column {
          if row == column {
            sources.append((range.lowerBound, 1))
          } else {
            sources.append(row == 0 ? (range.lowerBound + column, 2.0.squareRoot()) : nil)
          }
        }
      }
    }
    var copies = [[(row: Int, factor: Double)]](repeating: [], count: original.rowCount)
    for (row, source) in sources.enumerated() { if let source { copies[source.row].append((row, source.factor)) } }
    let a = original.coefficients
    let columns = (0..<a.columnCount).map { column in
      a.range(column).flatMap { k in copies[a.rows[k]].map { (row: $0.row, value: $0.factor * a.values[k]) } }
    }
    program = try ConicProgram(
      objective: original.objective, coefficients: SparseColumns(rowCount: sources.count, columns: columns),
      constants: sources.map { $0.map { $0.factor * original.constants[$0.row] } ?? 0 }, cones: cones)
    self.original = original
    self.sources = sources
  }

  var summary: String { "second-order cones as arrow matrices" }

  func restore(_ point: ConicPoint) -> ConicPoint {
    var result = ConicPoint(zeroOf: original)
    result.x = point.x
    for (row, source) in sources.enumerated() { if let source { result.z[source.row] += source.factor * point.z[row] } }
    var row = 0
    for (cone, range) in zip(original.cones, original.ranges) {
      guard case .secondOrder(let dimension) = cone else {
        for k in range {
          result.s[k] = point.s[row]
          row += 1
        }
        continue
      }
      guard dimension > 0 else { continue }
      // A matrix near an arrow: the mean diagonal, raised to the length of the first row where that is longer.
      var (diagonal, square) = (0.0, 0.0)
      for column in 0..<dimension {
        if column > 0 {
          result.s[range.lowerBound + column] = point.s[row] * 0.5.squareRoot()
          square += point.s[row] * point.s[row] / 2
        }
        diagonal += point.s[row + column]
        row += column + 1
      }
      result.s[range.lowerBound] = max(diagonal / Double(dimension), square.squareRoot())
    }
    return result
  }

  func adapt(_ point: ConicPoint) -> ConicPoint {
    var result = ConicPoint(zeroOf: program)
    result.x = point.x
    for (row, source) in sources.enumerated() { if let source { result.s[row] = source.factor * point.s[source.row] } }
    var row = 0
    for (cone, range) in zip(original.cones, original.ranges) {
      guard case .secondOrder(let dimension) = cone else {
        for k in range {
          result.z[row] = point.z[k]
          row += 1
        }
        continue
      }
      // [[a, v′/2], [v/2, vv′/4a]] has trace a + |v|²/4a = t for the larger root a.
      let z = Array(point.z[range])
      let square = z.dropFirst().reduce(0) { $0 + $1 * $1 }
      let a = dimension == 0 ? 0 : (z[0] + max(0, z[0] * z[0] - square).squareRoot()) / 2
      let w = z.indices.map { $0 == 0 ? a : z[$0] / 2 }
      for column in 0..<dimension {
        for i in 0...column {
          result.z[row] = a > 0 ? w[i] * w[column] / a * (i == column ? 1 : 2.0.squareRoot()) : 0
          row += 1
        }
      }
    }
    return result
  }
}
