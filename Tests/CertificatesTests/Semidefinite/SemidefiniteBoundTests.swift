import ConicPrograms
import Foundation
import LinearAlgebra
import Testing

@testable import Certificates

@Suite struct SemidefiniteBoundTests {
  private static let noises = [0, 1e-15, 1e-10, 1e-6, 1e-3]

  @Test(arguments: 1...12) func upperBoundsAreAboveTheOptimumAndNear(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 31)
    let known = try KnownOptimum(seed: UInt64(seed), order: 1 + seed % 9, variables: 1 + seed % 4)
    let prover = SemidefiniteProver(known.problem)
    // The optimal point itself has a singular matrix and must not pass.
    #expect(throws: NotProved.self) { try prover.upperBound(at: known.x) }
    for noise in Self.noises {
      let bound = try prover.upperBound(near: KnownOptimum.noisy(known.x, noise, &generator))
      #expect(bound.side == .upper && bound.assumptions.isEmpty)
      #expect(bound.value >= known.value)
      #expect(bound.value < known.value + 1e4 * (noise + 1e-13), "noise \(noise)")
      let point = try #require(bound.point)
      #expect(KnownOptimum.isExactlyDefinite(known.problem, point))
      let objective = zip(known.problem.objective, point).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * Dyadic($1.1) }
      #expect(!(Dyadic(bound.value) + -objective).isNegative)
      #expect(try prover.upperBound(at: point).value == bound.value)
    }
  }

  @Test func directionsOfTheCallerAreUsed() throws {
    let known = try KnownOptimum(seed: 5, order: 5, variables: 3)
    let prover = SemidefiniteProver(known.problem)
    // x₁ has the identity.
    let bound = try prover.upperBound(near: known.x, directions: [[1, 0, 0], [-1, 0, 0]])
    #expect(bound.method == .repairedPoint && bound.repair > 0)
    #expect(bound.value >= known.value && bound.value < known.value + 1e-9)
  }

  @Test(arguments: 1...12) func traceBoundsNeedNoFeasiblePoint(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 37)
    let known = try KnownOptimum(seed: UInt64(seed), order: 1 + seed % 9, variables: 1 + seed % 4, hasIdentity: seed % 2 == 0)
    let prover = SemidefiniteProver(known.problem)
    for noise in Self.noises {
      let x = KnownOptimum.noisy(known.x, noise, &generator)
      let bound = try prover.upperBound(at: x, dualTraceBounds: known.traces)
      #expect(bound.value >= known.value && bound.value < known.value + 1e4 * (noise + 1e-13))
      #expect(bound.assumptions == [.dualTraceBounds(known.traces), .noDualityGap])
    }
  }

  @Test(arguments: 1...12) func variableBoundsGiveLowerBounds(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 41)
    let known = try KnownOptimum(seed: UInt64(seed), order: 1 + seed % 9, variables: 1 + seed % 4, hasIdentity: seed % 2 == 0)
    let prover = SemidefiniteProver(known.problem)
    let bounds = known.x.map(\.magnitude)
    for noise in Self.noises {
      let z = KnownOptimum.noisy(known.z, noise, &generator)
      let bound = try prover.lowerBound(at: z, variableBounds: bounds)
      #expect(bound.side == .lower && bound.assumptions == [.variableBounds(bounds)])
      #expect(bound.value <= known.value && bound.value > known.value - 1e4 * (noise + 1e-13))
    }
  }

  @Test func dualMatricesGiveLowerBounds() throws {
    var generator = SplitMix64(seed: 43)
    var proved = 0
    for seed in 1...12 {
      let known = try KnownOptimum(seed: UInt64(seed), order: 3 + seed % 6, variables: 1 + seed % 3, hasIdentity: seed % 2 == 0)
      let prover = SemidefiniteProver(known.problem)
      for noise in Self.noises {
        guard let bound = try? prover.lowerBound(near: KnownOptimum.noisy(known.z, noise, &generator)) else { continue }
        #expect(bound.assumptions.isEmpty && bound.method == .feasibleDual)
        #expect(bound.value <= known.value)
        if bound.value > known.value - 1e4 * (noise + 1e-12) { proved += 1 }
      }
    }
    #expect(proved >= 30, "\(proved) of 60")
  }

  @Test(arguments: 1...8) func enclosuresHoldTheOptimum(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed) * 47)
    let known = try KnownOptimum(seed: UInt64(seed), order: 3 + seed % 6, variables: 1 + seed % 3)
    for noise in [1e-9, 1e-4, 1e-2] {
      let x = KnownOptimum.noisy(known.x, noise, &generator)
      let enclosure = try SemidefiniteProver(known.problem).enclosure(near: x, KnownOptimum.noisy(known.z, noise, &generator))
      let upper = try #require(enclosure.upper)
      #expect(upper.value >= known.value)
      if let point = upper.point { #expect(KnownOptimum.isExactlyDefinite(known.problem, point)) }
      if let lower = enclosure.lower {
        #expect(lower.value <= known.value)
        #expect(upper.value - lower.value < 1e-4 * (1 + known.value.magnitude), "\(noise) \(known.value) \(enclosure)")
      }
      #expect(try JSONDecoder().decode(SemidefiniteEnclosure.self, from: JSONEncoder().encode(enclosure)) == enclosure)
    }
  }

  /// min p²x₁ + q²x₂ with [[x₁, a], [a, x₂]] ⪰ 0 has the optimum 2apq, at x₁ = aq/p, x₂ = ap/q.
  @Test func twoByTwoClosedForm() throws {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<20 {
      let (p, q, a) = (
        Double(Int.random(in: 1...8, using: &generator)), Double(Int.random(in: 1...8, using: &generator)),
        Double(Int.random(in: 1...100, using: &generator)) / 4
      )
      let problem = try LinearMatrixInequality(
        blocks: [.symmetric(2)], objective: [p * p, q * q], constant: [.init(block: 0, row: 0, column: 1, value: -a)],
        coefficients: [[.init(block: 0, row: 0, column: 0, value: 1)], [.init(block: 0, row: 1, column: 1, value: 1)]])
      let prover = SemidefiniteProver(problem)
      let optimum = 2 * a * p * q
      let upper = try prover.upperBound(near: [a * q / p, a * p / q])
      let lower = try prover.lowerBound(near: [p * p, -2.0.squareRoot() * p * q, q * q])
      #expect(lower.value <= optimum && optimum <= upper.value)
      #expect(upper.value - lower.value < 1e-11 * optimum)
    }
  }

  /// A linear program: min x₁ + x₂ with x₁ ≥ 1/3 (as a double), x₂ ≥ 2, x₁ + x₂ ≥ 1.
  @Test func linearPrograms() throws {
    let third = 1.0 / 3
    let problem = try LinearMatrixInequality(
      blocks: [.diagonal(3)], objective: [1, 1],
      constant: [
        .init(block: 0, row: 0, column: 0, value: third), .init(block: 0, row: 1, column: 1, value: 2),
        .init(block: 0, row: 2, column: 2, value: 1),
      ],
      coefficients: [
        [.init(block: 0, row: 0, column: 0, value: 1), .init(block: 0, row: 2, column: 2, value: 1)],
        [.init(block: 0, row: 1, column: 1, value: 1), .init(block: 0, row: 2, column: 2, value: 1)],
      ])
    let prover = SemidefiniteProver(problem)
    let optimum = Dyadic(third) + Dyadic(2)
    let upper = try prover.upperBound(near: [third, 2])
    #expect(!(Dyadic(upper.value) + -optimum).isNegative && upper.value < 2 + third + 1e-12)
    let lower = try prover.lowerBound(near: [1, 1, 0])
    #expect(!(optimum + -Dyadic(lower.value)).isNegative && lower.value > 2 + third - 1e-9)
    #expect(try prover.upperBound(near: [0, 0]).value >= 2 + third)
  }

  @Test func wrongVectorsProveNothingWrong() throws {
    let known = try KnownOptimum(seed: 9, order: 6, variables: 3)
    let prover = SemidefiniteProver(known.problem)
    // x₁ has the identity: one millionth of a millionth below the optimum is infeasible.
    var x = known.x
    x[0] -= 1e-12
    #expect(throws: NotProved.self) { try prover.upperBound(at: x) }
    x[0] = .nan
    #expect(throws: NotProved.self) { try prover.upperBound(near: x) }
    var generator = SplitMix64(seed: 10)
    for _ in 0..<5 {
      let random = KnownOptimum.noisy(known.x, 100, &generator)
      if let bound = try? prover.upperBound(near: random) { #expect(bound.value >= known.value) }
      let z = KnownOptimum.noisy(known.z, 100, &generator)
      if let bound = try? prover.lowerBound(near: z) { #expect(bound.value <= known.value) }
      #expect(try prover.lowerBound(at: z, variableBounds: known.x.map(\.magnitude)).value <= known.value)
      #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: z) }
      #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: random) }
      #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: z, variableBounds: known.x.map(\.magnitude)) }
      if let magnitude = try? prover.leastMagnitudeOfFeasiblePoints(ray: z) { #expect(magnitude <= known.x.reduce(0) { max($0, abs($1)) }) }
    }
    for bad in [-1, Double.nan, .infinity] {
      #expect(throws: NotProved.self) { try prover.lowerBound(at: known.z, variableBounds: [1, bad, 1]) }
      #expect(throws: NotProved.self) { try prover.upperBound(at: known.x, dualTraceBounds: [bad, 1]) }
    }
    #expect(throws: NotProved.self) { try prover.lowerBound(near: known.z.map { _ in .infinity }) }
  }

  @Test func vectorsThatDoNotFitAreRefused() throws {
    let known = try KnownOptimum(seed: 9, order: 6, variables: 3)
    let prover = SemidefiniteProver(known.problem)
    #expect(throws: NotProved.self) { try prover.upperBound(at: [1, 2]) }
    #expect(throws: NotProved.self) { try prover.upperBound(near: known.x, directions: [[1]]) }
    #expect(throws: NotProved.self) { try prover.upperBound(at: known.x, dualTraceBounds: [1]) }
    #expect(throws: NotProved.self) { try prover.lowerBound(near: known.z + [0]) }
    #expect(throws: NotProved.self) { try prover.lowerBound(near: known.z, interior: [[1, 2]]) }
    #expect(throws: NotProved.self) { try prover.lowerBound(at: known.z, variableBounds: [1]) }
    // Blocks that no memory holds.
    let huge = try LinearMatrixInequality(
      blocks: [.symmetric(1_000_000)], objective: [1], constant: [], coefficients: [[.init(block: 0, row: 0, column: 0, value: 1)]])
    #expect(throws: NotProved.self) { try SemidefiniteProver(huge).upperBound(near: [1]) }
    #expect(throws: NotProved.self) { try SemidefiniteProver(huge).lowerBound(near: [1]) }
  }

  @Test func dependentConstraintsAreRefused() throws {
    let entry = LinearMatrixInequality.Entry(block: 0, row: 0, column: 0, value: 1)
    let problem = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1, 2], constant: [], coefficients: [[entry], [entry]])
    #expect(throws: NotProved.self) { try SemidefiniteProver(problem).lowerBound(near: [1, 0, 1]) }
    let empty = try LinearMatrixInequality(blocks: [.symmetric(2)], objective: [1, 2], constant: [], coefficients: [[entry], []])
    #expect(throws: NotProved.self) { try SemidefiniteProver(empty).lowerBound(near: [1, 0, 1]) }
  }

  @Test func proofsCanBeCancelled() throws {
    let known = try KnownOptimum(seed: 9, order: 6, variables: 3)
    let prover = SemidefiniteProver(known.problem) { true }
    #expect(throws: Interruptible.cancelled) { try prover.upperBound(near: known.x) }
    #expect(throws: Interruptible.cancelled) { try prover.lowerBound(near: known.z) }
  }

  @Test func resultsAreEncoded() throws {
    let known = try KnownOptimum(seed: 4, order: 4, variables: 2)
    let prover = SemidefiniteProver(known.problem)
    for bound in [
      try prover.upperBound(near: known.x), try prover.upperBound(at: known.x, dualTraceBounds: known.traces),
      try prover.lowerBound(at: known.z, variableBounds: [5, 5]),
    ] {
      #expect(try JSONDecoder().decode(SemidefiniteBound.self, from: JSONEncoder().encode(bound)) == bound)
      #expect(bound.assumptions.allSatisfy { !$0.description.isEmpty })
    }
  }
}

@Suite struct SemidefiniteInfeasibilityTests {
  private typealias Entry = LinearMatrixInequality.Entry

  /// [[x₁, 1], [1, 0]] + x₂ diag(0, −1) … with x₂ ≥ 1 required by a diagonal block: no point is feasible.
  private static func infeasible() throws -> LinearMatrixInequality {
    try LinearMatrixInequality(
      blocks: [.symmetric(2), .diagonal(1)], objective: [1, 1],
      constant: [Entry(block: 0, row: 0, column: 1, value: -1), Entry(block: 1, row: 0, column: 0, value: 1)],
      coefficients: [
        [Entry(block: 0, row: 0, column: 0, value: 1)],
        [Entry(block: 0, row: 1, column: 1, value: -1), Entry(block: 1, row: 0, column: 0, value: 1)],
      ])
  }

  @Test func noPointIsFeasible() throws {
    let prover = SemidefiniteProver(try Self.infeasible())
    // Y = diag(0, 1) and 1: ⟨F₁, Y⟩ = 0, ⟨F₂, Y⟩ = −1 + 1 = 0, ⟨F₀, Y⟩ = 1. Y is singular, and every exact ray is: only bounded points are excluded.
    let ray = [0.0, 0, 1, 1]
    let proof = try prover.provePrimalInfeasible(ray: ray, variableBounds: [1e6, 1e6])
    #expect(proof.claim == .noPointWithinBounds && proof.margin > 0.9)
    #expect(proof.assumptions == [.variableBounds([1e6, 1e6])])
    #expect(try prover.leastMagnitudeOfFeasiblePoints(ray: ray) > 1e6)
    #expect(throws: NotProved.self) { try prover.upperBound(near: [1, 1]) }
  }

  @Test func noPointIsFeasibleWithInterior() throws {
    // x ≥ 1 and −x ≥ 1, with a matrix block [[x, 0], [0, −x]] besides.
    let problem = try LinearMatrixInequality(
      blocks: [.symmetric(2), .diagonal(2)], objective: [0],
      constant: [Entry(block: 1, row: 0, column: 0, value: 1), Entry(block: 1, row: 1, column: 1, value: 1)],
      coefficients: [
        [
          Entry(block: 0, row: 0, column: 0, value: 1), Entry(block: 0, row: 1, column: 1, value: -1),
          Entry(block: 1, row: 0, column: 0, value: 1),
          Entry(block: 1, row: 1, column: 1, value: -1),
        ]
      ])
    let prover = SemidefiniteProver(problem)
    for ray: [Double] in [[1, 0, 1, 1, 1], [0.3, 0.1, 0.4, 1.001, 0.9], [0, 0, 0, 1, 1]] {
      let proof = try prover.provePrimalInfeasible(ray: ray)
      #expect(proof.claim == .noPoint && proof.margin > 0.5 && proof.assumptions.isEmpty)
    }
    #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: [1]) }
  }

  @Test func noDualMatrixIsFeasible() throws {
    // min −x₁ with [[x₁, x₂], [x₂, x₁]] ⪰ F₀ is unbounded along (1, 0).
    let problem = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [-1, 0], constant: [Entry(block: 0, row: 0, column: 0, value: 5)],
      coefficients: [
        [Entry(block: 0, row: 0, column: 0, value: 1), Entry(block: 0, row: 1, column: 1, value: 1)],
        [Entry(block: 0, row: 0, column: 1, value: 1)],
      ])
    let prover = SemidefiniteProver(problem)
    for ray: [Double] in [[1, 0], [1, 0.999], [1, 1], [1, 1 + 1e-9]] {
      let proof = try prover.proveDualInfeasible(ray: ray)
      #expect(proof.claim == .noDualMatrix && proof.margin > 0.9)
      #expect(KnownOptimum.isExactlyDefinite(problem, try #require(proof.ray), withConstant: false))
      #expect(try JSONDecoder().decode(SemidefiniteInfeasibility.self, from: JSONEncoder().encode(proof)) == proof)
    }
    #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: [-1, 0]) }
    #expect(throws: NotProved.self) { try prover.proveDualInfeasible(ray: [0, 1]) }
    #expect(throws: NotProved.self) { try prover.provePrimalInfeasible(ray: [1, 0, 1]) }
  }
}
