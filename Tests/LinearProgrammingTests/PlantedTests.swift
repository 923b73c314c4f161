import LinearAlgebra
import LinearProgramming
import Testing

@Suite("Planted optima")
struct PlantedTests {
  @Test("Random programs at many scales", arguments: [1e-6, 1e-3, 1, 1e3, 1e6], [1e-6, 1, 1e6])
  func scales(_ rows: Double, _ costs: Double) throws {
    for seed in 0..<12 as Range<UInt64> {
      let planted = try Programs.planted(
        seed: seed, rows: 4 + Int(seed), columns: 6 + Int(seed), sense: seed % 2 == 0 ? .minimise : .maximise,
        scales: (rows, seed % 3 == 0 ? 1e3 : 1, costs))
      for method in [LinearSettings.Method.dual, .primal] {
        let solution = try planted.program.solve(settings: LinearSettings(method: method))
        #expect(solution.termination == .optimal)
        Oracle.verify(solution, of: planted.program)
        let tolerance = 1e-9 * (planted.scale + costs)
        #expect(
          ((solution.objective ?? .nan) - planted.value).magnitude <= tolerance, "\(seed) \(solution.objective ?? .nan) \(planted.value)")
        #expect(((solution.safeBound?.value ?? .nan) - planted.value).magnitude <= 100 * tolerance, "\(seed) \(solution.termination)")
      }
    }
  }

  /// All numbers are small integers, so the optimal value is known without rounding, and no tolerance is needed.
  @Test("Safe bounds never pass the exact optimum", arguments: 0..<60 as Range<UInt64>)
  func exact(seed: UInt64) throws {
    let sense: LinearProgram.Sense = seed % 2 == 0 ? .minimise : .maximise
    let planted = try Programs.planted(seed: seed, rows: 3 + Int(seed % 13), columns: 3 + Int(seed % 17), sense: sense, isExact: true)
    func check(_ bound: SafeBound?, within gap: Double = .infinity) {
      guard let bound else { return }
      let distance = sense == .minimise ? planted.value - bound.value : bound.value - planted.value
      #expect(distance >= 0 && distance <= gap, "\(bound) \(planted.value)")
    }
    // The planted multipliers are exact, and so is what they prove.
    let direct = try #require(SafeBound(of: planted.program, rowDuals: planted.y))
    #expect(direct.value == planted.value)
    let solution = try planted.program.solve()
    Oracle.verify(solution, of: planted.program)
    #expect(solution.safeBound != nil)
    check(solution.safeBound, within: 1e-7 * (1 + planted.scale))
    // Anything goes for multipliers: perturbed, random, huge.
    var random = SplitMix64(seed: seed)
    for size in [1e-12, 1e-6, 1, 1e6, 1e30, 1e200] {
      check(SafeBound(of: planted.program, rowDuals: planted.y.map { $0 + size * random.nextGaussian() }))
      check(SafeBound(of: planted.program, rowDuals: planted.y.map { _ in size * random.nextGaussian() }))
    }
    for value in [Double.nan, .infinity, -.infinity] {
      check(SafeBound(of: planted.program, rowDuals: planted.y.map { _ in value }))
    }
    // The program is feasible, so nothing proves the contrary.
    for size in [1e-300, 1e-12, 1, 1e12] {
      #expect(!planted.program.isInfeasible(provedBy: planted.y.map { $0 + size * random.nextGaussian() }))
    }
    #expect(!planted.program.isInfeasible(provedBy: planted.y))
  }

  @Test("A reduced cost on the wrong side of an infinite bound is repaired")
  func repair() throws {
    // min x − z with x ≥ 0, z free, x/3 − z/3 = 1: the value is 3, with the multiplier 3 up to the rounding of 1/3.
    var program = LinearProgram()
    let x = try program.addColumn(cost: 1)
    let z = try program.addColumn(lower: -.infinity, cost: -1)
    try program.addEquation([(x, 1.0 / 3), (z, -1.0 / 3)], equals: 1)
    let exact = 1 / (1.0 / 3)
    for y in [exact, exact.nextUp, exact.nextDown, exact * (1 + 1e-9)] {
      let bound = try #require(SafeBound(of: program, rowDuals: [y]))
      #expect(bound.value <= exact.nextUp && bound.value >= exact * (1 - 1e-8))
    }
    // With costs 1 and −2 there is no dual point, the program is unbounded, and nothing may be proved.
    try program.setCost(ofColumn: z, -2)
    #expect(SafeBound(of: program, rowDuals: [exact]) == nil)
    #expect(try program.solve().termination == .unbounded)
  }

  @Test("Infeasibility by one unit in the last place is proved; equality is not infeasible")
  func edge() throws {
    var program = LinearProgram()
    let x = try program.addColumn(lower: -.infinity)
    try program.addRow(lower: 1.nextUp, [(x, 1)])
    try program.addRow(upper: 1, [(x, 1)])
    #expect(program.isInfeasible(provedBy: [1, -1]))
    #expect(!program.isInfeasible(provedBy: [-1, 1]))
    try program.setBounds(ofRow: 0, lower: 1, upper: .infinity)
    #expect(!program.isInfeasible(provedBy: [1, -1]))
  }
}
