import ConicPrograms
import LinearAlgebra
import Testing

@testable import Certificates

/// Problems at scales near the ends of the number range, degenerate shapes, and vectors that are wrong by the last bit: whatever is proved
/// must hold against the optimum in exact arithmetic.
@Suite struct HostileProblemTests {
  private typealias Entry = LinearMatrixInequality.Entry

  /// A known optimum after an exact change of units: congruences by 2^k in every coordinate, multiples of every variable and of the objective.
  private struct Rescaled {
    let problem: LinearMatrixInequality
    let x: [Double]
    let z: [Double]
    /// A step of one in the unit of the first variable.
    let unit: [Double]
    let value: Dyadic
    let isExact: Bool

    init(_ known: KnownOptimum, range: Int, _ generator: inout SplitMix64) throws {
      func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
      func exponents(_ count: Int) -> [Int] { (0..<count).map { _ in Int.random(in: -range...range, using: &generator) } }
      let coordinates = known.problem.blocks.map { exponents($0.order) }
      let variables = exponents(known.problem.variableCount)
      let objective = Int.random(in: -range...range, using: &generator)
      var isExact = true
      func product(_ value: Double, _ exponent: Int) -> Double {
        let result = value * power(exponent / 2) * power(exponent - exponent / 2)
        if value != 0 && !result.isNormal { isExact = false }
        return result.isFinite ? result : 0
      }
      func scaled(_ entries: [Entry], _ factor: Int) -> [Entry] {
        entries.map {
          Entry(
            block: $0.block, row: $0.row, column: $0.column,
            value: product($0.value, coordinates[$0.block][$0.row] + coordinates[$0.block][$0.column] + factor))
        }
      }
      problem = try LinearMatrixInequality(
        blocks: known.problem.blocks, objective: zip(known.problem.objective, variables).map { product($0, $1 + objective) },
        constant: scaled(known.problem.constant, 0), coefficients: zip(known.problem.coefficients, variables).map { scaled($0, $1) })
      x = zip(known.x, variables).map { product($0, -$1) }
      unit = variables.enumerated().map { $0 == 0 ? power(-$1) : 0 }
      var z: [Double] = []
      var place = 0
      for (block, own) in zip(known.problem.blocks, coordinates) {
        for column in 0..<block.order {
          var first = 0
          if case .diagonal = block { first = column }
          for row in first...column {
            z.append(product(known.z[place], objective - own[row] - own[column]))
            place += 1
          }
        }
      }
      self.z = z
      value = Dyadic(known.value) * Dyadic(power(objective))
      self.isExact = isExact
    }
  }

  private static func isAtLeast(_ a: Dyadic, _ b: Dyadic) -> Bool { !(a + -b).isNegative }

  /// The vector with some elements moved by a few units in the last place, or relatively by `size`.
  private static func nudged(_ vector: [Double], _ size: Double, _ generator: inout SplitMix64) -> [Double] {
    vector.map { value in
      switch Int.random(in: 0...3, using: &generator) {
      case 0: value.nextUp
      case 1: value.nextDown
      case 2: value * (1 + size * Double.random(in: -1...1, using: &generator))
      default: value
      }
    }
  }

  @Test(arguments: [3, 30, 120, 240, 330], 1...6) func nothingFalseIsProvedAtAnyScale(range: Int, seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(1000 * range + seed))
    let known = try KnownOptimum(seed: UInt64(seed), order: 1 + seed % 5, variables: 1 + seed % 3, hasIdentity: seed % 2 == 0)
    let scaled = try Rescaled(known, range: range, &generator)
    guard scaled.isExact else { return }
    let prover = SemidefiniteProver(scaled.problem)
    let sizes = scaled.x.map(\.magnitude)
    for size in [0, 1e-15, 1e-9, 1e-3] {
      let x = Self.nudged(scaled.x, size, &generator)
      let z = Self.nudged(scaled.z, size, &generator)
      for bound in [try? prover.upperBound(at: x), try? prover.upperBound(near: x, directions: [scaled.unit])] {
        guard let bound else { continue }
        #expect(Self.isAtLeast(Dyadic(bound.value), scaled.value), "\(bound)")
        let point = try #require(bound.point)
        #expect(KnownOptimum.isExactlyDefinite(scaled.problem, point))
      }
      for bound in [try? prover.lowerBound(near: z), try? prover.lowerBound(at: z, variableBounds: sizes)] {
        if let bound { #expect(Self.isAtLeast(scaled.value, Dyadic(bound.value)), "\(bound)") }
      }
      // Both problems have feasible points.
      for sign in [1.0, -1] {
        #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: z.map { sign * $0 }) }
        #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: z.map { sign * $0 }, variableBounds: sizes) }
        #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: x.map { sign * $0 }) }
        if let magnitude = try? prover.leastMagnitudeOfFeasiblePoints(ray: z.map { sign * $0 }) {
          #expect(magnitude <= sizes.reduce(0, max))
        }
      }
    }
  }

  /// The enclosure's point is the one its value belongs to.
  @Test(arguments: 1...30) func enclosuresCarryTheirOwnPoints(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 53)
    let known = try KnownOptimum(seed: UInt64(seed), order: 2 + seed % 4, variables: 1 + seed % 3)
    let x = KnownOptimum.noisy(known.x, [1e-9, 1e-5, 1e-2][seed % 3], &generator)
    let upper = try #require(try SemidefiniteProver(known.problem).enclosure(near: x, known.z).upper)
    let point = try #require(upper.point)
    #expect(KnownOptimum.isExactlyDefinite(known.problem, point))
    let objective = zip(known.problem.objective, point).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * Dyadic($1.1) }
    #expect(Self.isAtLeast(Dyadic(upper.value), objective))
    #expect(upper.value - zip(known.problem.objective, point).reduce(0) { $0 + $1.0 * $1.1 } <= 1e-12 * (1 + upper.value.magnitude))
  }

  // MARK: - Shapes

  /// min x with x ≥ 0, from the boundary, where every matrix in sight is zero.
  @Test(.timeLimit(.minutes(1))) func zeroMatricesAreRepaired() throws {
    for block in [LinearMatrixInequality.Block.symmetric(1), .diagonal(1)] {
      let problem = try LinearMatrixInequality(
        blocks: [block], objective: [1], constant: [], coefficients: [[Entry(block: 0, row: 0, column: 0, value: 1)]])
      let prover = SemidefiniteProver(problem)
      let upper = try prover.upperBound(near: [0])
      #expect(upper.value >= 0 && upper.value < 1e-6)
      let lower = try prover.lowerBound(near: [0], interior: [[1]])
      #expect(lower.value <= 0)
      let enclosure = try prover.enclosure(near: [0], [0])
      #expect(enclosure.upper != nil && (enclosure.lower?.value ?? 0) <= 0)
      // With the objective zero, the given dual matrix is the zero matrix exactly.
      let idle = try LinearMatrixInequality(blocks: [block], objective: [0], constant: [], coefficients: problem.coefficients)
      if let bound = try? SemidefiniteProver(idle).lowerBound(near: [0], interior: [[1]]) { #expect(bound.value <= 0) }
    }
  }

  /// Matrices so large that the greatest step overflows.
  @Test(.timeLimit(.minutes(1))) func searchesEndAtTheEndOfTheRange() throws {
    let problem = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1], constant: [Entry(block: 0, row: 0, column: 1, value: 1.7e308)],
      coefficients: [[Entry(block: 0, row: 0, column: 0, value: 1), Entry(block: 0, row: 1, column: 1, value: -1)]])
    // [[x, a], [a, −x]] is never definite.
    #expect(throws: NotProved.self) { try SemidefiniteProver(problem).upperBound(near: [1e308]) }
    #expect(throws: NotProved.self) { try SemidefiniteProver(problem).upperBound(near: [0], directions: [[1e308]]) }
  }

  @Test func emptyBlocksAndNoVariables() throws {
    // Nothing to satisfy: the optimum of min 3x is −∞, and no lower bound may be proved.
    let empty = try LinearMatrixInequality(blocks: [.symmetric(0), .diagonal(0)], objective: [3], constant: [], coefficients: [[]])
    #expect(try SemidefiniteProver(empty).upperBound(at: [-1e300]).value >= -3e300)
    #expect(throws: NotProved.self) { try SemidefiniteProver(empty).lowerBound(near: []) }
    #expect(throws: NotProved.self) { try SemidefiniteProver(empty).provePrimalInfeasible(ray: []) }
    #expect(try SemidefiniteProver(empty).proveDualInfeasible(ray: [-1]).claim == .noDualMatrix)
    #expect(throws: NotProved.self) { try SemidefiniteProver(empty).proveDualInfeasible(ray: [1]) }
    let nothing = try LinearMatrixInequality(blocks: [], objective: [], constant: [], coefficients: [])
    let enclosure = try SemidefiniteProver(nothing).enclosure(near: [], [])
    #expect((enclosure.upper?.value ?? 0) >= 0 && (enclosure.lower?.value ?? 0) <= 0)
    #expect(throws: NotProved.self) { try SemidefiniteProver(nothing).provePrimalInfeasible(ray: []) }
    // Constants alone: −F₀ ⪰ 0 or not.
    for (value, isFeasible) in [(-1.0, true), (1.0, false)] {
      let constant = try LinearMatrixInequality(
        blocks: [.symmetric(1)], objective: [], constant: [Entry(block: 0, row: 0, column: 0, value: value)], coefficients: [])
      let prover = SemidefiniteProver(constant)
      #expect(((try? prover.upperBound(at: [])) != nil) == isFeasible)
      #expect(((try? prover.provePrimalInfeasible(ray: [1])) == nil) == isFeasible)
      if isFeasible { #expect(try prover.lowerBound(near: [1]).value <= 0) }
    }
  }

  /// Entries of one place add up everywhere: in X, in ⟨F, Y⟩, in the Gram matrix and in the norm of F₀.
  @Test(arguments: 1...6) func entriesListedTwiceCountTwice(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 59)
    let known = try KnownOptimum(seed: UInt64(seed), order: 3, variables: 2)
    func split(_ entries: [Entry]) -> [Entry] {
      entries.flatMap { entry -> [Entry] in
        let part = Double(Int.random(in: -1_000_000...1_000_000, using: &generator))
        var (a, b) = (entry, entry)
        (a.value, b.value) = (part, entry.value - part)
        return [b, a]
      }.shuffled(using: &generator)
    }
    let problem = try LinearMatrixInequality(
      blocks: known.problem.blocks, objective: known.problem.objective, constant: split(known.problem.constant),
      coefficients: known.problem.coefficients.map(split))
    let prover = SemidefiniteProver(problem)
    let upper = try prover.upperBound(near: known.x)
    #expect(upper.value >= known.value && upper.value < known.value + 1e-3)
    #expect(KnownOptimum.isExactlyDefinite(known.problem, try #require(upper.point)))
    if let lower = try? prover.lowerBound(near: known.z) { #expect(lower.value <= known.value && lower.value > known.value - 1e-3) }
    let lower = try prover.lowerBound(at: known.z, variableBounds: known.x.map(\.magnitude))
    #expect(lower.value <= known.value && lower.value > known.value - 1e-3)
    #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: known.z) }
    #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: known.x) }
  }

  // MARK: - What is not a number

  @Test func infiniteEntriesAreNotProvedWithAnyShift() {
    for shift in [-1e300, -1, 1, 1e300] {
      for value in [Double.nan, .infinity, -.infinity] {
        for place in 0..<3 {
          var matrix = Matrix<Double>.identity(3)
          matrix[place, place] = value
          #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix, leastEigenvalue: shift) }
          #expect(throws: NotProved.self) { try SymmetricEnclosure(.diagonal([1, value])).prove(leastEigenvalue: shift) }
        }
      }
    }
  }

  @Test func magnitudesBeyondTheRangeAreNotNumbers() throws {
    // ⟨F₁, Y⟩ overflows: R would be NaN.
    let problem = try LinearMatrixInequality(
      blocks: [.diagonal(2)], objective: [1], constant: [Entry(block: 0, row: 0, column: 0, value: 1)],
      coefficients: [[Entry(block: 0, row: 0, column: 0, value: 1e300), Entry(block: 0, row: 1, column: 1, value: 1e300)]])
    #expect(throws: NotProved.self) { try SemidefiniteProver(problem).leastMagnitudeOfFeasiblePoints(ray: [1e300, 1e300]) }
  }
}
