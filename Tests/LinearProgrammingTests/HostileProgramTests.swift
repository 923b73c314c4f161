import LinearAlgebra
import Testing

@testable import LinearProgramming

#if canImport(Glibc) && arch(x86_64)
  import Glibc
#endif

/// Exact optima at scales near the ends of the number range, and multipliers that are wrong by the last bit.
@Suite("Hostile programs")
struct HostileProgramTests {
  private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// A planted program in small integers after an exact change of the units of rows, columns and objective, with some free columns written as
  /// differences, some columns whole, and a constant.
  private struct Rescaled {
    var program: LinearProgram
    var x: [Double]
    var y: [Double]
    var value: Double

    init(seed: UInt64, range: Int, sense: LinearProgram.Sense) throws {
      var random = SplitMix64(seed: seed &* 71 &+ UInt64(range))
      func exponent() -> Int { Int.random(in: -range...range, using: &random) }
      let (rows, columns) = (2 + Int(seed % 6), 2 + Int(seed % 7))
      let planted = try Programs.planted(seed: seed, rows: rows, columns: columns, sense: sense, isExact: true)
      let (r, k, s) = ((0..<rows).map { _ in exponent() }, (0..<columns).map { _ in exponent() }, exponent())
      program = LinearProgram(sense)
      let constant = Double(Int.random(in: -9...9, using: &random)) * power(s)
      try program.setObjectiveConstant(constant)
      x = []
      var halves: [Int: Int] = [:]
      for (j, column) in planted.program.columns.enumerated() {
        let unit = power(-k[j])
        let (lower, upper, cost) = (column.lower * unit, column.upper * unit, column.cost * power(k[j] + s))
        let value = planted.x[j] * unit
        if lower.isInfinite && upper.isInfinite && Bool.random(using: &random) {
          try program.addColumn(cost: cost)
          x.append(max(0, value))
          halves[j] = try program.addColumn(cost: -cost)
          x.append(max(0, -value))
        } else {
          try program.addColumn(lower: lower, upper: upper, cost: cost, isInteger: value == value.rounded() && Bool.random(using: &random))
          x.append(value)
        }
      }
      let places = (0..<columns).map { j in j + halves.keys.count { $0 < j } }
      for (i, row) in planted.program.rows.enumerated() {
        let unit = power(r[i])
        var entries: [(column: Int, value: Double)] = []
        for (j, a) in planted.program.entries(ofRow: i) {
          entries.append((places[j], a * power(r[i] + k[j])))
          if let half = halves[j] { entries.append((half, -a * power(r[i] + k[j]))) }
        }
        try program.addRow(lower: row.lower * unit, upper: row.upper * unit, entries)
      }
      y = zip(planted.y, r).map { $0 * power(s - $1) }
      value = planted.value * power(s) + constant
    }
  }

  @Test("Nothing false is proved at any scale", arguments: [0, 20, 100, 160], [LinearProgram.Sense.minimise, .maximise])
  func scales(range: Int, sense: LinearProgram.Sense) throws {
    var proved = 0
    for seed in 0..<40 as Range<UInt64> {
      let planted = try Rescaled(seed: seed, range: range, sense: sense)
      var random = SplitMix64(seed: seed)
      let sign = sense == .minimise ? 1.0 : -1.0
      // Bounds that rows imply hold for every feasible point.
      for (bounds, x) in zip(BoundPropagation(planted.program).columns, planted.x) { #expect(bounds.lower <= x && x <= bounds.upper) }
      for size in [0, 1e-16, 1e-12, 1e-6, 1, 1e9] {
        let y = planted.y.map { value in
          switch random.next() % 4 {
          case 0: value.nextUp
          case 1: value.nextDown
          case 2: value * (1 + size * random.nextGaussian())
          default: value
          }
        }
        if let bound = SafeBound(of: planted.program, rowDuals: y) {
          proved += 1
          #expect(sign * bound.value <= sign * planted.value, "\(seed) \(size) \(bound) \(planted.value)")
        }
        for factor in [1.0, -1, 1e-200, 1e100] {
          #expect(!planted.program.isInfeasible(provedBy: y.map { factor * $0 }))
          #expect(!planted.program.isInfeasible(provedBy: y.map { factor * $0 * random.nextGaussian() }))
        }
      }
    }
    #expect(proved > 100, "\(proved)")
  }

  @Test("A direction without a change that stands out is no ray")
  func rays() throws {
    // c'r = 0 exactly, but the sum in floating point is −1.
    var program = LinearProgram()
    for cost in [1e16, 1, -1e16, -1] { try program.addColumn(lower: -.infinity, cost: cost) }
    try program.addEquation([(0, 1), (1, -1)], equals: 0)
    #expect(program.linearObjective([1, 1, 1, 1]) != 0)
    #expect(RayCheck(program, [1, 1, 1, 1])?.isAccepted != true)
    #expect(RayCheck(program, [1, 1, 2, 1])?.isAccepted == true)
    // The change overflows: nothing is left of the direction.
    var large = LinearProgram()
    try large.addColumn(upper: 1, cost: -1e150)
    #expect(RayCheck(large, [1e200])?.isAccepted != true)
    #expect(RayCheck(large, [1])?.isAccepted != true)
    // The row overflows: x ≤ 1 in hiding.
    var steep = LinearProgram()
    try steep.addColumn(cost: -1e-250)
    try steep.addRow(upper: 1e150, [(0, 1e150)])
    #expect(RayCheck(steep, [1])?.isAccepted != true)
    try steep.addColumn(cost: 0)
    try steep.addRow(upper: 1, [(0, 1e150), (1, -1e150)])
    #expect(RayCheck(steep, [1, 1])?.isAccepted != true)
    for value in [Double.nan, .infinity, 0] { #expect(RayCheck(program, [value, 0, 0, 0])?.isAccepted != true) }
  }

  #if canImport(Glibc) && arch(x86_64)
    /// Rounding down, up and towards zero; results flushed to zero; operands read as zero. The register belongs to the thread.
    @Test("Other arithmetic proves nothing", arguments: [0x2000, 0x4000, 0x6000, 0x8000, 0x0040] as [UInt32])
    func arithmetic(flags: UInt32) throws {
      let program = try Programs.small()
      var infeasible = LinearProgram()
      try infeasible.addColumn(lower: 1)
      try infeasible.addRow(upper: 0, [(0, 1)])
      func proves() -> (Bool, Bool) { (SafeBound(of: program, rowDuals: [2, 0]) != nil, infeasible.isInfeasible(provedBy: [-1])) }
      #expect(proves() == (true, true))
      var standard = fenv_t()
      fegetenv(&standard)
      var changed = standard
      changed.__mxcsr |= flags
      fesetenv(&changed)
      let now = proves()
      fesetenv(&standard)
      #expect(now == (false, false))
    }
  #endif
}
