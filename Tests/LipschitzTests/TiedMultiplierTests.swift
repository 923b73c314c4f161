import Certificates
import LinearAlgebra
import Networks
import TestSupport
import Testing

@testable import Lipschitz

/// Multipliers that groups of units share, through the lifted iteration.
@Suite("Tied multipliers")
struct TiedMultiplierTests {
  private static var conicLayer: LipSDPEstimator {
    var estimator = LipSDPEstimator(mode: .layer)
    estimator.route = .conic
    return estimator
  }

  /// The optimum of LipSDP-Layer is the conic solver's, for every kind of graph and unit, and both norms.
  @Test(arguments: StructuredNetworks.all.filter { $0.testDescription != "residual with batch normalisation" })
  func structuresAgreeWithTheConicProgram(_ sample: StructuredNetworks.Sample) throws {
    let network = try sample.build()
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm, output: .output(1))
      guard norm == .l2 || InequalitySize(problem).order <= 100 else { continue }
      try compare(problem)
    }
  }

  @Test(arguments: SoundnessTests.activations)
  func activationsAgreeWithTheConicProgram(_ activation: Activation) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 8, 8, 3], activation: activation, seed: 11)
    try compare(try LipschitzProblem(network))
    try compare(try LipschitzProblem(network, inputNorm: .lInfinity, output: .difference(2, 0)))
  }

  private func compare(_ problem: LipschitzProblem) throws {
    var budget = Budget()
    budget.tolerance = 1e-4
    let conic = try Self.conicLayer.estimate(problem, budget: budget)
    let lifted = try LiftedEstimator(tying: .layer).estimate(problem, budget: budget)
    let (upper, other) = (try #require(lifted.upper, "\(lifted.note ?? "")"), try #require(conic.upper))
    #expect(lifted.isCertified)
    #expect(lifted.stopReason == .tolerance, "\(lifted.gap ?? 1)")
    #expect(abs(upper / other - 1) <= 2e-4)
    #expect((lifted.lower ?? .infinity) <= upper * (1 + 1e-12) && (lifted.lower ?? .infinity) <= other * (1 + 1e-12))
    #expect((conic.lower ?? .infinity) <= upper * (1 + 1e-12))
    let certificate = try #require(lifted.certificate)
    try CertificateChecker.check(certificate, of: problem.lowered)
    for node in certificate.nodes {
      let positive = node.multipliers.filter { $0 > 0 }
      // Units that stay alone are linear (t = 0) or cannot matter; the others share.
      if node.alpha.count == 1, node.alpha != node.beta, let least = positive.min(), let largest = positive.max() {
        let shared = positive.filter { $0 <= least * (1 + 1e-12) || $0 >= largest * (1 - 1e-12) }
        #expect(shared.count == positive.count)
      }
    }
  }

  /// A group for every unit is no restriction: the kernels for groups take the same steps as those for units.
  @Test func groupsOfOneAreUnits() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [7, 140, 30, 4], activation: .gelu, seed: 5))
    let network = problem.selected
    let alone = network.activationNodes.map { UnitGroups(labels: Array(0..<network.nodes[$0].count)) }
    for memory in [0, 5] {
      var units = LiftedIteration<Double>(network, sectors: problem.sectors, norm: .l2, rank: 6, seed: 3, memory: memory)
      var groups = LiftedIteration<Double>(
        network, sectors: problem.sectors, groups: alone, norm: .l2, rank: 6, seed: 3, memory: memory)
      for _ in 0..<25 {
        let (a, b) = (units.step(), groups.step())
        #expect(abs(a / b - 1) < 1e-9)
        #expect(abs(units.movement - groups.movement) <= 1e-6 * units.movement)
      }
      for (a, b) in zip(units.multipliers.joined(), groups.multipliers.joined()) { #expect(abs(a - b) <= 1e-6 * abs(a)) }
    }
  }

  /// Every iterate is a feasible point of the dual of the *shared* program: its vectors satisfy each group's constraint with equality.
  @Test func iteratesLieOnTheGroupsSpheres() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1))
    for tying in [MultiplierTying.channel, .layer] {
      let groups = try #require(try tying.groups(of: problem))
      var iteration = LiftedIteration<Double>(
        problem.selected, sectors: problem.sectors, groups: groups, norm: .l2, rank: 5, seed: 1, memory: 5)
      for _ in 0..<12 { _ = iteration.step() }
      let values = iteration.snapshot()
      for (position, index) in problem.selected.activationNodes.enumerated() {
        guard case .activation(let source, _) = problem.selected.nodes[index].kind else { continue }
        let (h, p, sector) = (values[index], values[source], problem.sectors[position])
        var sums = [Double](repeating: 0, count: groups[position].count)
        var sizes = sums
        for i in 0..<h.columns {
          for k in 0..<h.rows {
            sums[groups[position].group[i]] += (h[k, i] - sector.lower[i] * p[k, i]) * (sector.upper[i] * p[k, i] - h[k, i])
            sizes[groups[position].group[i]] += p[k, i] * p[k, i]
          }
        }
        for (sum, size) in zip(sums, sizes) { #expect(abs(sum) <= 1e-10 * size) }
      }
    }
  }

  /// Sharing restricts: neuron ≤ channel ≤ layer; a channel's pixels have equal multipliers.
  @Test func orderOfTheTyings() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1))
    var budget = Budget()
    budget.tolerance = 1e-4
    let estimates = try MultiplierTying.allCases.map { try LiftedEstimator(tying: $0).estimate(problem, budget: budget) }
    for estimate in estimates { #expect(estimate.isCertified && estimate.stopReason == .tolerance, "\(estimate.gap ?? 1)") }
    for (tighter, looser) in zip(estimates, estimates.dropFirst()) {
      #expect((tighter.lower ?? .infinity) <= (looser.upper ?? 0))
      #expect((tighter.upper ?? .infinity) <= (looser.upper ?? 0) * (1 + 2e-4))
    }
    #expect((estimates[2].lower ?? 0) > (estimates[0].upper ?? .infinity))
    let groups = try #require(try MultiplierTying.channel.groups(of: problem))
    #expect(groups.map(\.count) == [3, 4])
    for (node, own) in zip(try #require(estimates[1].certificate).nodes, groups) {
      var shared: [Int: Double] = [:]
      for (t, group) in zip(node.multipliers, own.group) {
        #expect(abs(t - shared[group, default: t]) <= 1e-12 * t)
        shared[group] = t
      }
    }
  }

  /// The published Layer value of LipSDP's example, MOSEK: 39.839, and six digits of ours.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func publishedValue() throws {
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(try ChainNetworks.weights("arobey1_LipSDP/random_weights.npz")))
    var budget = Budget()
    budget.tolerance = 1e-6
    let layer = try LipSDPEstimator(mode: .layer).estimate(problem, budget: budget)
    #expect(layer.method == "lipsdp-layer" && layer.isCertified && layer.stopReason == .tolerance)
    #expect(abs((layer.upper ?? 0) - 39.839) <= 1e-3 && abs((layer.lower ?? 0) - 39.839) <= 1e-3)
  }

  /// 64 layers, beyond any conic solver's accuracy.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func deepChain() throws {
    let weights = try ChainNetworks.transposedChain("ppauli_GLipSDP/scalability_mlp/mlp_L33_W16.npz", depth: 32)
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    let layer = try LipSDPEstimator(mode: .layer).estimate(problem)
    #expect(layer.isCertified && layer.stopReason == .tolerance)
    #expect((layer.upper ?? 0) >= 2.349158675e-4)
  }
}
