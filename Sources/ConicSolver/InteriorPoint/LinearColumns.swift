import ConicPrograms
import LinearAlgebra

/// The parts of A that are not semidefinite: rows of inequalities, sparse by rows, and equations, dense.
struct LinearColumns: Sendable {
  /// A₀, one row for each equation.
  let equations: Matrix<Double>
  private let starts: [Int]
  private let variables: [Int]
  private let values: [Double]

  init(_ coefficients: SparseColumns, linearRows: [Int], equationRows: [Int]) {
    var place = [Int](repeating: -1, count: coefficients.rowCount)
    for (k, row) in linearRows.enumerated() { place[row] = k }
    var equationPlace = [Int](repeating: -1, count: equationRows.isEmpty ? 0 : coefficients.rowCount)
    for (k, row) in equationRows.enumerated() { equationPlace[row] = k }
    var lists = [[(Int, Double)]](repeating: [], count: linearRows.count)
    var dense = Matrix<Double>(rows: equationRows.count, columns: coefficients.columnCount)
    for column in 0..<coefficients.columnCount {
      for k in coefficients.range(column) {
        let row = coefficients.rows[k]
        if place[row] >= 0 { lists[place[row]].append((column, coefficients.values[k])) }
        if !equationPlace.isEmpty, equationPlace[row] >= 0 { dense[equationPlace[row], column] = coefficients.values[k] }
      }
    }
    equations = dense
    var starts = [0]
    for list in lists { starts.append(starts[starts.count - 1] + list.count) }
    self.starts = starts
    variables = lists.flatMap { $0.map(\.0) }
    values = lists.flatMap { $0.map(\.1) }
  }

  /// Adds Σ wₖ aₖaₖ′ over the rows of inequalities to the lower triangle.
  func addLinear(to m: inout Matrix<Double>, weights: [Double]) {
    let order = m.columns
    m.elements.withUnsafeMutableBufferPointer { m in
      for row in weights.indices {
        for k in starts[row]..<starts[row + 1] {
          let (i, factor) = (variables[k], weights[row] * values[k])
          for l in starts[row]...k { m[i * order + variables[l]] += factor * values[l] }
        }
      }
    }
  }
}
