import Certificates
import ConicPrograms
import ConicSolver
import Foundation
import LinearAlgebra
import Networks
import TestSupport
import Testing

@testable import Lipschitz

@Suite("Compositional")
struct CompositionalTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.1), .leakyReLU(slope: 1.5), .leakyReLU(slope: 1), .tanh, .sigmoid, .elu(alpha: 1.7), .gelu, .silu, .mish,
    .hardSwish, .absoluteValue, .clip(lower: -1, upper: 1),
  ]

  /// A chain of Gaussian matrices whose activation nodes take the given functions in turn.
  static func chain(_ widths: [Int], _ activations: [Activation], seed: UInt64, gain: Double = 1) -> LoweredNetwork {
    var random = SplitMix64(seed: seed)
    var nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: widths[0])]
    for (layer, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let weight: Matrix<Double> = random.gaussianMatrix(rows: outputs, columns: inputs, deviation: gain / Double(inputs).squareRoot())
      let bias: [Double] = random.gaussianVector(outputs, deviation: 0.5)
      nodes.append(
        .init(
          name: "matrix\(layer)", kind: .affine(terms: [.init(source: nodes.count - 1, map: DenseMap(weight: weight))], bias: bias),
          count: outputs))
      if layer + 2 < widths.count {
        let kind = LoweredNetwork.Kind.activation(source: nodes.count - 1, units: .uniform(activations[layer % activations.count]))
        nodes.append(.init(name: "activation\(layer)", kind: kind, count: outputs))
      }
    }
    return LoweredNetwork(nodes: nodes)
  }

  // MARK: - Bounds

  /// Between LipSDP and ECLipsE-Fast, never below an attained gain, and accepted by the checker.
  @Test(arguments: 0..<5)
  func liesBetweenItsNeighbours(_ seed: Int) throws {
    let network = Self.chain([5, 9, 12, 7, 10, 3], [.relu, .tanh, .softplus], seed: UInt64(seed), gain: 1.5)
    let problem = try LipschitzProblem(lowered: network)
    let estimate = try CompositionalEstimator().estimate(problem)
    let upper = try #require(estimate.upper)
    var budget = Budget()
    budget.tolerance = 1e-7
    let lifted = try LiftedEstimator().estimate(problem, budget: budget)
    let fast = try #require(try ForwardClosedForm.multipliers(network, sectors: problem.sectors, majorant: .spectral))
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    #expect(estimate.isCertified)
    #expect(try #require(lifted.lower) <= upper * (1 + 1e-9))
    #expect(upper <= fast.squaredBound.squareRoot() * (1 + 1e-6))
    #expect(attained <= upper)
    try CertificateChecker.check(try #require(estimate.certificate), of: network)
  }

  /// Any sectors, two different functions in a network, against the search for violations.
  @Test(arguments: activations)
  func mixedSectors(_ activation: Activation) throws {
    for seed in [UInt64(activation.name.utf8.count % 2)] {
      let network = Self.chain([4, 8, 6, 9, 3], [activation, .gelu, .relu], seed: 100 + seed, gain: 1.3)
      let problem = try LipschitzProblem(lowered: network, output: seed == 0 ? .all : .difference(2, 0))
      let estimate = try CompositionalEstimator().estimate(problem)
      let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
      #expect(estimate.isCertified)
      #expect(try SoundnessTests.largestQuotient(problem, pairs: 2000) <= upper)
      #expect(try #require(try AttainedEstimator().estimate(problem).lower) <= upper)
      let lower = try #require(try LiftedEstimator().estimate(problem).lower)
      #expect(lower <= upper * (1 + 1e-9))
      try CertificateChecker.check(try #require(estimate.certificate), of: network)
    }
  }

  /// With one hidden layer it is LipSDP.
  @Test(arguments: [Activation.relu, .leakyReLU(slope: 0.1), .silu, .sigmoid])
  func oneHiddenLayerIsLipSDP(_ activation: Activation) throws {
    let problem = try LipschitzProblem(lowered: Self.chain([6, 12, 4], [activation], seed: 3))
    let upper = try #require(try CompositionalEstimator().estimate(problem).upper)
    var budget = Budget()
    budget.tolerance = 1e-8
    let optimum = try #require(try LiftedEstimator().estimate(problem, budget: budget).upper)
    #expect(abs(upper / optimum - 1) < 3e-8)
  }

  /// Products over- or underflow no scale.
  @Test(arguments: [0.4, 1, 4])
  func deepChains(_ gain: Double) throws {
    let network = Self.chain(Array(repeating: 6, count: 65), [.relu, .tanh], seed: 9, gain: gain)
    let problem = try LipschitzProblem(lowered: network)
    let estimate = try CompositionalEstimator().estimate(problem)
    let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
    let closed = try #require(try ClosedFormEstimator().estimate(problem).upper)
    #expect(estimate.isCertified && upper < closed)
    #expect(estimate.iterations == 63)
  }

  /// Units that nothing reaches, that reach nothing, and outputs that do not depend on the input.
  @Test func deadUnits() throws {
    var weights = [(7, 4), (6, 7), (3, 6)].enumerated().map { layer, shape in
      var random = SplitMix64(seed: UInt64(layer))
      return random.gaussianMatrix(rows: shape.0, columns: shape.1, deviation: 0.6) as Matrix<Double>
    }
    for j in 0..<4 { weights[0][2, j] = 0 }
    for i in 0..<6 { weights[1][i, 5] = 0 }
    for j in 0..<7 { weights[1][3, j] = 0 }
    for i in 0..<3 { weights[2][i, 1] = 0 }
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    let upper = try #require(try CompositionalEstimator().estimate(problem).upper)
    let lower = try #require(try LiftedEstimator().estimate(problem).lower)
    #expect(lower <= upper * (1 + 1e-9))
    weights[2].scale(by: 0)
    let zero = try CompositionalEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered(weights)))
    #expect(try #require(zero.upper) < 1e-50)
  }

  /// Without time the closed form takes over, and the bound is still proved.
  @Test func cancellation() throws {
    let problem = try LipschitzProblem(lowered: Self.chain([5, 9, 9, 3], [.relu], seed: 4))
    var budget = Budget()
    budget.isCancelled = { true }
    let estimate = try CompositionalEstimator().estimate(problem, budget: budget)
    #expect(estimate.isCertified && estimate.stopReason == .cancelled)
    #expect(try #require(estimate.note).contains("closed form in 2"))
    #expect(try #require(try LiftedEstimator().estimate(problem).lower) <= (try #require(estimate.upper)) * (1 + 1e-9))
  }

  /// Out of time it is never above the closed form, whose multipliers it may take; what the pass takes leaves room for them.
  @Test func outOfTime() throws {
    let problem = try LipschitzProblem(lowered: Self.chain([6, 40, 40, 40, 4], [.relu], seed: 8))
    let solved = try SolverNetwork(problem)
    let first = try BackwardClosedForm.proof(solved.network, sectors: solved.sectors, majorant: .spectral, isCancelled: { false })
    let closed = try solved.bound(of: first).bound
    for limit in [1e-3, 0.05, 0.3] {
      var budget = Budget()
      budget.timeLimit = limit
      let estimate = try CompositionalEstimator().estimate(problem, budget: budget)
      #expect(estimate.isCertified)
      // However late it is, the first closed form is reached.
      #expect(try #require(estimate.upper) <= closed * (1 + 1e-6), "\(limit) s")
      try CertificateChecker.check(try #require(estimate.certificate), of: problem.lowered)
    }
  }

  @Test func branchesDoNotApply() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 8, seed: 2)
    let problem = try LipschitzProblem(network)
    #expect(throws: NotApplicable.self) { try CompositionalEstimator().estimate(problem) }
    let chain = try LipschitzProblem(lowered: Self.chain([3, 4, 2], [.relu], seed: 1), inputNorm: .lInfinity)
    #expect(throws: NotApplicable.self) { try CompositionalEstimator().estimate(chain) }
  }

  /// Small convolutions become explicit matrices.
  @Test func convolutionChain() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1))
    let estimate = try CompositionalEstimator().estimate(problem)
    #expect(estimate.isCertified)
    #expect(try #require(try LiftedEstimator().estimate(problem).lower) <= (try #require(estimate.upper)) * (1 + 1e-9))
  }
}

/// The optimum of a layer's program, by other means.
@Suite("Look-ahead program")
struct LookaheadProgramTests {
  struct Layer {
    var map: Matrix<Double>
    var sectors: UnitSectors
    var next: Matrix<Double>
    var shape: Matrix<Double> { map.gram(transposing: true) }

    init(inputs: Int, units: Int, rows: Int, seed: UInt64, isMixed: Bool) {
      var random = SplitMix64(seed: seed)
      map = random.gaussianMatrix(rows: units, columns: inputs, deviation: 1)
      next = random.gaussianMatrix(rows: rows, columns: units, deviation: 1)
      let lower = (0..<units).map { _ in isMixed ? -0.4 + random.nextUniform() : 0 }
      sectors = UnitSectors(lower: lower, upper: lower.map { isMixed ? $0 + 0.2 + random.nextUniform() : 1 })
    }

    /// λ_max(W M⁻¹ W′) with ECLipsE's M = Λ − ¼ Λ(α + β) W₁ X⁻¹ W₁′ (α + β)Λ, X = I + W₁′ αβΛ W₁; infinite where M or X is not positive.
    func value(lambda: [Double]) -> Double {
      let inputs = map.columns
      var x = Matrix<Double>.identity(inputs)
      var scaled = map
      var outer = map
      for i in 0..<map.rows {
        for j in 0..<inputs {
          scaled[i, j] *= sectors.lower[i] * sectors.upper[i] * lambda[i]
          outer[i, j] *= 0.5 * (sectors.lower[i] + sectors.upper[i]) * lambda[i]
        }
      }
      x.add(Matrix.product(map, scaled, transposingLeft: true))
      guard let root = try? x.cholesky() else { return .infinity }
      var y = outer.transposed
      guard (try? root.solveTriangular(.lower, &y)) != nil else { return .infinity }
      var m = Matrix<Double>.diagonal(lambda)
      m.add(y.gram(), times: -1)
      guard let factor = try? m.cholesky() else { return .infinity }
      var z = next.transposed
      guard (try? factor.solveTriangular(.lower, &z)) != nil else { return .infinity }
      return (try? z.gram().symmetricEigenvalues().last) ?? .infinity
    }

    func lambda(_ tau: [Double]) -> [Double] {
      tau.enumerated().map { 4 / (pow(sectors.upper[$0] - sectors.lower[$0], 2) * $1) }
    }
  }

  private func optimum(_ layer: Layer) throws -> (value: Double, lambda: [Double]) {
    let program = try LookaheadProgram(shape: layer.shape, sectors: CentredSectors(layer.sectors), next: layer.next)
    let solution = try program.solve(tolerance: 1e-11) { false }
    #expect(solution.isOptimal)
    return (solution.value, layer.lambda(solution.tau))
  }

  /// The value belongs to the multipliers, in ECLipsE's own formula; more units than inputs included.
  @Test(arguments: 0..<10)
  func valueBelongsToTheMultipliers(_ seed: Int) throws {
    let layer = Layer(inputs: 4 + seed % 3, units: 7, rows: 3 + seed, seed: UInt64(seed), isMixed: seed % 2 == 0)
    let (value, lambda) = try optimum(layer)
    #expect(abs(layer.value(lambda: lambda) / value - 1) < 1e-9)
  }

  /// Two units: nested golden section search over logarithms of the multipliers, eigenvalues only.
  @Test(arguments: 0..<6)
  func goldenSection(_ seed: Int) throws {
    let layer = Layer(inputs: 2, units: 2, rows: 2, seed: 50 + UInt64(seed), isMixed: seed % 2 == 1)
    func least(_ body: (Double) -> Double) -> Double {
      var (a, b) = (-12.0, 12.0)
      // Infeasible ends: first find where the function is finite.
      let samples = (0...240).map { a + Double($0) * 0.1 }
      let values = samples.map(body)
      guard let best = values.indices.min(by: { values[$0] < values[$1] }) else { return .infinity }
      (a, b) = (samples[max(0, best - 1)], samples[min(240, best + 1)])
      let ratio = 0.5 * (5.0.squareRoot() - 1)
      while b - a > 1e-7 {
        let (c, d) = (b - ratio * (b - a), a + ratio * (b - a))
        if body(c) < body(d) { b = d } else { a = c }
      }
      return min(body(0.5 * (a + b)), values[best])
    }
    let scanned = least { first in
      least { layer.value(lambda: [exp(first), exp($0)]) }
    }
    let (value, _) = try optimum(layer)
    #expect(value <= scanned * (1 + 1e-9))
    #expect(value >= scanned * (1 - 1e-6))
  }

  /// The published form of the program, max c with [[Λ − cW′W, ΛK½/2], [·, I]] ≥ 0, through the general conic solver.
  @Test(arguments: 0..<3)
  func conicSolver(_ seed: Int) throws {
    let layer = Layer(inputs: 5, units: 6, rows: 3, seed: 70 + UInt64(seed), isMixed: false)
    let (n, inputs) = (6, 5)
    let g = layer.next.gram()
    // Variables c, λ₁ …: Λ − cG, the coupling −Λ W₁/2 instead of ΛK½/2, which has the same Schur complement.
    var columns: [[LinearMatrixInequality.Entry]] = [[]]
    for i in 0..<n { for j in i..<n { columns[0].append(.init(block: 0, row: i, column: j, value: -g[i, j])) } }
    for i in 0..<n {
      columns.append(
        [.init(block: 0, row: i, column: i, value: 1)]
          + (0..<inputs).map { .init(block: 0, row: i, column: n + $0, value: 0.5 * layer.map[i, $0]) })
    }
    let identity = (0..<inputs).map { LinearMatrixInequality.Entry(block: 0, row: n + $0, column: n + $0, value: -1) }
    let inequality = try LinearMatrixInequality(
      blocks: [.symmetric(n + inputs)], objective: [-1] + [Double](repeating: 0, count: n), constant: identity, coefficients: columns)
    var settings = ConicSettings()
    settings.tolerance = 1e-9
    settings.method = .interiorPoint
    let solution = try ConicProgramSolver(try inequality.program(), settings: settings).solve()
    let (value, _) = try optimum(layer)
    #expect(abs(solution.objective * value + 1) < 1e-6)
  }

  /// Linear units are the limit λ → ∞: a sector of width 10⁻⁷ around the slope gives nearly the same value.
  @Test func linearUnits() throws {
    var layer = Layer(inputs: 5, units: 6, rows: 3, seed: 90, isMixed: true)
    layer.sectors.upper[1] = layer.sectors.lower[1]
    layer.sectors.upper[4] = layer.sectors.lower[4]
    let exact = try LookaheadProgram(shape: layer.shape, sectors: CentredSectors(layer.sectors), next: layer.next)
      .solve(tolerance: 1e-10) { false }
    #expect(exact.tau[1] == 0 && exact.tau[4] == 0)
    for unit in [1, 4] {
      layer.sectors.lower[unit] -= 1e-7
      layer.sectors.upper[unit] += 1e-7
    }
    let near = try optimum(layer).value
    #expect(near >= exact.value * (1 - 1e-9) && near <= exact.value * (1 + 1e-5))
  }

  /// Stopping at once leaves feasible multipliers.
  @Test func stopsAnywhere() throws {
    let layer = Layer(inputs: 5, units: 6, rows: 3, seed: 91, isMixed: true)
    let best = try optimum(layer).value
    for limit in [0, 1, 5] {
      var asked = 0
      let solution = try LookaheadProgram(shape: layer.shape, sectors: CentredSectors(layer.sectors), next: layer.next)
        .solve(tolerance: 1e-10) {
          asked += 1
          return asked > limit
        }
      let value = layer.value(lambda: layer.lambda(solution.tau))
      #expect(value.isFinite && value >= best * (1 - 1e-9))
    }
  }
}

/// A published value of ECLipsE.
struct ECLipsEReference: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let weights: @Sendable () throws -> [Matrix<Double>]
  let value: Double
  /// The published values solve every layer's program to 10⁻⁸ only. An error ε of a value moves the multipliers by √ε, and each layer passes
  /// that on: measured against programs solved to 10⁻⁸, 10⁻¹⁰ and 10⁻¹², which agree with each other to 10⁻⁷, 10⁻⁹ and 10⁻¹⁰.
  let tolerance: Double

  static func file(_ name: String, _ value: Double, _ tolerance: Double) -> ECLipsEReference {
    ECLipsEReference(testDescription: name, weights: { try ChainNetworks.weights(name + ".npz") }, value: value, tolerance: tolerance)
  }

  static func digits(_ name: String, _ value: Double) -> ECLipsEReference {
    ECLipsEReference(
      testDescription: name, weights: { try ChainNetworks.oneOutput("ppauli_GLipSDP/comparison_digits/\(name).npz", row: 7) },
      value: value, tolerance: 1e-6)
  }

  static func deep(_ depth: Int, _ value: Double, _ tolerance: Double) -> ECLipsEReference {
    ECLipsEReference(
      testDescription: "W16 depth \(depth)",
      weights: { try ChainNetworks.transposedChain("ppauli_GLipSDP/scalability_mlp/mlp_L\(depth + 1)_W16.npz", depth: depth) },
      value: value,
      tolerance: tolerance)
  }

  static let quick: [ECLipsEReference] = [
    .file("arobey1_LipSDP/random_weights", 36.504267, 1e-6),
    .digits("fnn2_seed0", 5.1097148),
    .digits("fnn3_seed0", 10.70009),
    .file("YuezhuXu_ECLipsE/random_genlocal/lyr5n10", 6.9345054, 5e-5),
    .file("YuezhuXu_ECLipsE/random_genlocal/lyr5n20", 0.81409780, 5e-5),
    .file("YuezhuXu_ECLipsE/random_genlocal/lyr10n10", 4.5988209, 5e-5),
  ]
  static let long: [ECLipsEReference] = [
    .file("YuezhuXu_ECLipsE/random_genlocal/lyr10n20", 0.55351455, 5e-5),
    .file("arobey1_LipSDP/mnist_weights", 24.3663489, 1e-7),
    .deep(16, 0.0780839, 1e-4), .deep(32, 1.50203e-3, 5e-3), .deep(64, 6.11326e-7, 1e-3),
  ]
}

@Suite("ECLipsE's published values", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct ECLipsEReferenceTests {
  @Test(arguments: ECLipsEReference.quick)
  func published(_ reference: ECLipsEReference) throws { try compare(reference) }

  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["LIPCERT_LONG_TESTS"] != nil, "set LIPCERT_LONG_TESTS to run it"),
    arguments: ECLipsEReference.long)
  func publishedLarge(_ reference: ECLipsEReference) throws { try compare(reference) }

  private func compare(_ reference: ECLipsEReference) throws {
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(try reference.weights()))
    let estimate = try CompositionalEstimator().estimate(problem)
    let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
    #expect(estimate.isCertified)
    #expect(abs(upper / reference.value - 1) <= reference.tolerance, "\(upper)")
  }
}
