import Certificates
import ConicPrograms
import ConicSolver
import LinearAlgebra
import Networks
import Synchronization
import Testing

@testable import Lipschitz

/// The norms l₁ and l_∞ of the inputs.
@Suite("Input norms")
struct InputNormTests {
  private static let estimators: [any LipschitzEstimator] = [
    ProductEstimator(), ClosedFormEstimator(), LipSDPEstimator(mode: .layer), LipSDPEstimator(), LiftedEstimator(),
  ]

  /// A linear map from l₁ to l₂ has the largest norm of its columns, and every method finds it.
  @Test func linearMapsInOneNorm() throws {
    var random = SplitMix64(seed: 21)
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 4, columns: 9)
    let exact = weight.columnNorms().max() ?? 0
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([weight]), inputNorm: .l1)
    for estimator in Self.estimators {
      let estimate = try estimator.estimate(problem)
      let upper = try #require(estimate.upper, "\(estimator.name)")
      #expect(estimate.isCertified)
      #expect(upper >= exact && upper <= exact * (1 + 1e-9), "\(estimator.name)")
      if let certificate = estimate.certificate { try CertificateChecker.check(certificate, of: problem.lowered) }
    }
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    #expect(attained <= exact && attained >= exact * (1 - 1e-6))
  }

  /// From l_∞ to l₂ the norm of a linear map is a maximum over signs; bounds lie above it, the product within its factor.
  @Test func linearMapsInTheLargestMagnitude() throws {
    var random = SplitMix64(seed: 22)
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: 8)
    var exact = 0.0
    for signs in 0..<256 {
      var squares = 0.0
      for i in 0..<3 {
        let sum = (0..<8).reduce(0.0) { $0 + (signs >> $1 & 1 == 1 ? weight[i, $1] : -weight[i, $1]) }
        squares += sum * sum
      }
      exact = max(exact, squares.squareRoot())
    }
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([weight]), inputNorm: .lInfinity)
    for estimator in Self.estimators {
      let upper = try #require(try estimator.estimate(problem).upper)
      // √(π/2): what the semidefinite relaxation of such a maximum can lose (Nesterov).
      #expect(upper >= exact && upper <= exact * 1.2534 * 1.1, "\(estimator.name)")
    }
    let row = try LipschitzProblem(lowered: ChainNetworks.lowered([weight]), inputNorm: .lInfinity, output: .difference(2, 0))
    let sum = (0..<8).reduce(0) { $0 + (weight[2, $1] - weight[0, $1]).magnitude }
    let product = try #require(try ProductEstimator().estimate(row).upper)
    #expect(product >= sum && product <= sum * (1 + 1e-12))
  }

  /// The l₁ bound of a perceptron: the largest over inputs of the bounds with that input alone, to the tolerance.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func oneNormIsTheWorstSingleInput(_ seed: UInt64) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 14, 14, 3], seed: seed)
    let problem = try LipschitzProblem(network, inputNorm: .l1)
    var largest = (lower: 0.0, upper: 0.0)
    for j in 0..<6 {
      let own = try LiftedEstimator().estimate(try problem.column(j))
      largest.lower = max(largest.lower, own.lower ?? 0)
      largest.upper = max(largest.upper, own.upper ?? .infinity)
    }
    for estimator in [LiftedEstimator(), LipSDPEstimator()] as [any LipschitzEstimator] {
      let estimate = try estimator.estimate(problem)
      let upper = try #require(estimate.upper)
      #expect(estimate.isCertified && estimate.stopReason == .tolerance)
      #expect(upper >= largest.lower && upper <= largest.upper * (1 + 2e-3))
      #expect((estimate.lower ?? .infinity) <= largest.upper)
      try CertificateChecker.check(try #require(estimate.certificate), of: problem.lowered)
    }
    // l₁ ≤ l₂ ≤ l_∞ as constants, because |z|_∞ ≤ |z|₂ ≤ |z|₁.
    let uppers = try [InputNorm.l1, .l2, .lInfinity].map { norm in
      try LiftedEstimator().estimate(try LipschitzProblem(network, inputNorm: norm))
    }
    #expect((uppers[0].lower ?? .infinity) <= (uppers[1].upper ?? 0) && (uppers[1].lower ?? .infinity) <= (uppers[2].upper ?? 0))
  }

  /// Time limits and cancellation leave a certified bound.
  @Test func budgets() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [30, 40, 40, 5], seed: 3), inputNorm: .l1)
    var budget = Budget()
    budget.tolerance = 1e-9
    budget.iterationLimit = 40
    let limited = try LiftedEstimator().estimate(problem, budget: budget)
    #expect(limited.isCertified && limited.stopReason == .iterationLimit)
    budget.iterationLimit = nil
    let isStopped = Atomic<Bool>(false)
    budget.isCancelled = { isStopped.load(ordering: .relaxed) }
    let cancelled = try LiftedEstimator().estimate(problem, budget: budget) { _ in isStopped.store(true, ordering: .relaxed) }
    #expect(cancelled.isCertified && cancelled.stopReason == .cancelled)
  }

  /// The bordered program for l_∞ and one output, min ζ/2 over [[ζ − 1′τ, −w′], [−w, diag(τ) …]] ≥ 0 (GeoLIP; reference, A.9), and the
  /// quadratic one, min √(Σ d), have the same value.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func borderedProgramHasTheSameValue(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (inputs, units) = (4, 6)
    let first: Matrix<Double> = random.gaussianMatrix(rows: units, columns: inputs)
    let last: Matrix<Double> = random.gaussianMatrix(rows: 1, columns: units)
    let program = try Self.bordered(first: first, last: last.row(0)).program()
    let solution = try ConicProgramSolver(program, settings: ConicSettings()).solve { _ in true }
    let zeta = solution.point.x[0]
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([first, last]), inputNorm: .lInfinity)
    var budget = Budget()
    budget.tolerance = 1e-5
    let estimate = try LiftedEstimator().estimate(problem, budget: budget)
    let (upper, lower) = (try #require(estimate.upper), try #require(estimate.lower))
    #expect(zeta / 2 >= lower * (1 - 1e-4) && zeta / 2 <= upper * (1 + 1e-4))
  }

  /// One hidden layer: coordinates (1 | x | h), variables ζ, τ, λ.
  private static func bordered(first: Matrix<Double>, last: [Double]) throws -> LinearMatrixInequality {
    let (n, m) = (first.columns, first.rows)
    typealias Entry = LinearMatrixInequality.Entry
    // F(x) = Σ xᵢ Fᵢ − F₀ ≥ 0, as in the estimator's own programs.
    let constant = (0..<m).map { Entry(block: 0, row: 0, column: 1 + n + $0, value: last[$0]) }
    var coefficients: [[Entry]] = [[Entry(block: 0, row: 0, column: 0, value: 1)]]
    for j in 0..<n {
      coefficients.append([
        Entry(block: 0, row: 0, column: 0, value: -1), Entry(block: 0, row: 1 + j, column: 1 + j, value: 1),
      ])
    }
    for i in 0..<m {
      let own = 1 + n + i
      coefficients.append(
        (0..<n).map { Entry(block: 0, row: 1 + $0, column: own, value: -first[i, $0]) } + [Entry(block: 0, row: own, column: own, value: 2)]
      )
    }
    return try LinearMatrixInequality(
      blocks: [.symmetric(1 + n + m)], objective: [1] + Array(repeating: 0, count: n + m), constant: constant, coefficients: coefficients)
  }

  // MARK: - Proofs by columns

  @Test func tamperedColumnProofsAreRefused() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 8, 8, 2], seed: 4)
    let problem = try LipschitzProblem(network, inputNorm: .l1)
    let estimator = LiftedEstimator()
    let sets = try [0, 3].map { try #require(try estimator.estimate(problem.column($0)).certificate).nodes.map(\.multipliers) }
    func certificate(_ sets: [[[Double]]], bound: Double, norm: InputNorm = .l1) -> Certificate {
      Certificate(
        generator: "", modelName: "", network: problem.lowered, statement: Statement(inputNorm: norm, output: .all, bound: bound),
        derivation: .columns(ColumnProof(multipliers: sets)))
    }
    let gains = try sets.map { try GainProof(network: problem.selected, sectors: problem.sectors, multipliers: $0).columnGains }
    let least = (0..<5).map { min(gains[0][$0], gains[1][$0]) }
    let bound = try ColumnProof.bound(columnGains: least)
    let good = certificate(sets, bound: bound)
    try CertificateChecker.check(good, of: problem.lowered)
    try CertificateChecker.check(try Certificate(decoding: good.encoded()), of: problem.lowered)
    var broken = sets
    broken[1][0][2] = -1
    var missing = sets
    missing[0].removeLast()
    var infinite = sets
    infinite[0][1][0] = .nan
    for bad in [
      certificate(sets, bound: bound.nextDown), certificate(sets, bound: bound, norm: .l2), certificate([], bound: bound),
      certificate(broken, bound: bound), certificate(missing, bound: bound), certificate(infinite, bound: bound),
      certificate(sets, bound: .nan),
    ] {
      #expect(throws: NotProved.self) { try CertificateChecker.check(bad, of: problem.lowered) }
    }
    var altered = good
    altered.derivation = .columns(ColumnProof(multipliers: [sets[0]]))
    #expect(throws: NotProved.self) { try CertificateChecker.check(altered, of: problem.lowered) }
  }
}
