import LinearAlgebra
import LinearProgramming

/// Programs whose answers are known.
enum Programs {
  /// max 3x + 2y with x + y ≤ 4, x + 3y ≤ 7, 0 ≤ x ≤ 3, y ≥ 0: the optimum is 11 at (3, 1).
  static func small() throws -> LinearProgram {
    var program = LinearProgram(.maximise)
    try program.addColumn(upper: 3, cost: 3, name: "x")
    try program.addColumn(cost: 2, name: "y")
    try program.addRow(upper: 4, [(0, 1), (1, 1)], name: "sum")
    try program.addRow(upper: 7, [(0, 1), (1, 3)], name: "mix")
    return program
  }

  /// A program with a planted optimum.
  struct Planted {
    var program: LinearProgram
    var x: [Double]
    var y: [Double]
    /// c'x.
    var value: Double
    /// Σ |c_j x_j|, the scale of its rounding errors.
    var scale: Double
  }

  /// Bounds of every kind, and multipliers that are strictly complementary: a multiplier is nonzero exactly where a bound is active.
  ///
  /// Then x is optimal by weak duality, whatever the coefficients are. With `isExact` all numbers are small integers, and so is the value.
  static func planted(
    seed: UInt64, rows: Int, columns: Int, sense: LinearProgram.Sense, scales: (rows: Double, columns: Double, costs: Double) = (1, 1, 1),
    isExact: Bool = false, hasFree: Bool = true
  ) throws -> Planted {
    var random = SplitMix64(seed: seed)
    let sign = sense == .minimise ? 1.0 : -1.0
    func number(_ scale: Double) -> Double {
      let value = isExact ? Double(random.next() % 9) - 4 : scale * random.nextGaussian()
      return value == 0 ? scale : value
    }
    func positive(_ scale: Double) -> Double { number(scale).magnitude }
    /// Bounds around a value, and a multiplier of the sign that belongs to the active bound.
    func bounds(_ value: Double, _ scale: Double, _ cost: Double, kinds: UInt64) -> (Double, Double, Double) {
      switch random.next() % kinds {
      case 0: return (value, .infinity, sign * positive(cost))
      case 1: return (-.infinity, value, -sign * positive(cost))
      case 2: return (value, value + positive(scale), sign * positive(cost))
      case 3: return (value - positive(scale), value, -sign * positive(cost))
      case 4: return (value, value, (random.next() % 2 == 0 ? 1 : -1) * positive(cost))
      case 5: return (value - positive(scale), .infinity, 0)
      case 6: return (value - positive(scale), value + positive(scale), 0)
      default: return (-.infinity, .infinity, 0)
      }
    }
    var entries: [[(column: Int, value: Double)]] = []
    for _ in 0..<rows {
      entries.append((0..<columns).compactMap { random.nextUniform() < 0.4 ? ($0, number(scales.rows)) : nil })
    }
    let x = (0..<columns).map { _ in number(scales.columns) }
    var rowBounds: [(Double, Double, Double)] = []
    for row in entries {
      let activity = row.reduce(0) { $0 + $1.value * x[$1.column] }
      let size = isExact ? 1 : max(scales.rows * scales.columns, activity.magnitude)
      rowBounds.append(bounds(activity, size, scales.costs / scales.rows, kinds: 7))
    }
    let columnBounds = x.map { bounds($0, scales.columns, scales.costs, kinds: hasFree ? 8 : 7) }
    var costs = columnBounds.map(\.2)
    for (row, bound) in zip(entries, rowBounds) { for (column, a) in row { costs[column] += a * bound.2 } }
    var program = LinearProgram(sense)
    for (bound, cost) in zip(columnBounds, costs) { try program.addColumn(lower: bound.0, upper: bound.1, cost: cost) }
    for (row, bound) in zip(entries, rowBounds) { try program.addRow(lower: bound.0, upper: bound.1, row) }
    let value = program.linearObjective(x)
    let scale = zip(costs, x).reduce(0) { $0 + ($1.0 * $1.1).magnitude }
    return Planted(program: program, x: x, y: rowBounds.map(\.2), value: value, scale: scale)
  }
}
