import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Lipschitz

@Suite("Partition")
struct PartitionEstimatorTests {
  private static func chain(
    _ size: Int, channels: [Int] = [2, 2], isPadded: Bool = true, seed: UInt64 = 3
  ) throws -> LipschitzProblem {
    try LipschitzProblem(
      NetworkBuilders.convolutionChain(image: [1, size, size], channels: channels, isPadded: isPadded, seed: seed))
  }

  private static func upper(
    _ problem: LipschitzProblem, factor: Int?, layers: Int? = nil, method: PartitionEstimator.Method = .joint
  ) throws -> Double {
    let estimate = try PartitionEstimator(factor: factor, layers: layers, method: method).estimate(problem)
    #expect(estimate.isCertified, "\(estimate.note ?? "")")
    if let certificate = estimate.certificate { try CertificateChecker.check(certificate, of: problem.lowered) }
    return try #require(estimate.upper, "\(estimate.note ?? "")")
  }

  // MARK: - Bounds

  /// Nested tilings: every bound holds, the fewer pieces the less it is, and one piece is LipSDP itself.
  @Test(arguments: [true, false])
  func boundsTightenAsTheFactorFalls(isPadded: Bool) throws {
    let problem = try Self.chain(isPadded ? 8 : 12, isPadded: isPadded)
    let optimum = try #require(try LiftedEstimator().estimate(problem).lower)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    var last = max(attained, optimum * (1 - 1e-9))
    for factor in [1, 2, 4, 8] {
      let upper = try Self.upper(problem, factor: factor)
      #expect(upper > last, "factor \(factor)")
      if factor == 1 { #expect(upper <= optimum * 1.005) }
      last = upper
    }
    // Choosing the weights of all tiles jointly is what keeps large tiles from losing.
    let coverage = try Self.upper(problem, factor: 2, method: .single("lifted"))
    #expect(try Self.upper(problem, factor: 2) < 0.9 * coverage)
  }

  /// Cuts between layers cost something too, and less than the product of the layers' norms.
  @Test func fewerCutsAreTighter() throws {
    let problem = try Self.chain(6, channels: [2, 3, 2, 2])
    let one = try Self.upper(problem, factor: 1, layers: 1)
    let two = try Self.upper(problem, factor: 1, layers: 2)
    let all = try Self.upper(problem, factor: 1, layers: 3)
    #expect(all < two && two < one)
    let product = try #require(try ProductEstimator().estimate(problem).upper)
    #expect(one <= product * 1.001)
  }

  /// The coverage rule: on an image without borders all tiles are equal, and a pixel lies in (⌈window/tile⌉)² windows. The sum over all
  /// tiles, the published rule, is larger by √(tiles / coverage).
  @Test(arguments: [(4, 4), (8, 9), (16, 25)])
  func coverage(factor: Int, windows: Int) throws {
    let problem = try Self.chain(20, isPadded: false)
    let estimate = try PartitionEstimator(factor: factor, method: .single("closed-form")).estimate(problem)
    let upper = try #require(estimate.upper)
    guard case .composition(let composition)? = estimate.certificate?.derivation else {
      Issue.record("no composition")
      return
    }
    let block = try #require(composition.blocks.first)
    #expect(composition.blocks.count == 1 && block.proofs.count == 1 && block.tiles.count == factor * factor)
    let square = try #require(block.proofs[0].inputWeights.first)
    #expect((upper * upper / square / Double(windows) - 1).magnitude < 1e-12)
  }

  @Test(arguments: PartitionEstimator.tileMethods)
  func tileMethods(_ method: String) throws {
    let problem = try Self.chain(4)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    let single = try Self.upper(problem, factor: 2, method: .single(method))
    #expect(single >= attained)
    #expect(try Self.upper(problem, factor: 2) <= single * 1.002)
  }

  /// Residual blocks are cut after their sum and after the activation that follows, never within the branch: 1 + 3 · 2 stages.
  @Test func residualBlocks() throws {
    let cuts = PartitionCuts(try NetworkBuilders.residual(blocks: 1, width: 1, size: 8, seed: 2).lowered())
    let problem = try LipschitzProblem(NetworkBuilders.residual(blocks: 1, width: 1, size: 4, seed: 2))
    #expect(cuts.hasImages && cuts.stages.count == 7 && !cuts.tail.isEmpty)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    #expect(try Self.upper(problem, factor: 2, layers: 1) >= attained)
    #expect(try Self.upper(problem, factor: 2, layers: 2) >= attained)
  }

  /// Dense networks: groups of outputs; whole, the bound is LipSDP's.
  @Test func perceptrons() throws {
    let problem = try LipschitzProblem(NetworkBuilders.multilayerPerceptron(widths: [6, 9, 8, 7, 4], seed: 5))
    let optimum = try #require(try LiftedEstimator().estimate(problem).lower)
    let whole = try Self.upper(problem, factor: 1)
    #expect(whole >= optimum * (1 - 1e-9) && whole <= optimum * 1.005)
    let cut = try Self.upper(problem, factor: 1, layers: 1)
    #expect(try Self.upper(problem, factor: 3, layers: 1) > cut && cut > whole)
  }

  @Test func constantNetwork() throws {
    let zero = DenseMap(weight: Matrix<Double>(rows: 3, columns: 2))
    let one = DenseMap(weight: Matrix<Double>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6]))
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: 2),
      .init(name: "zero", kind: .affine(terms: [.init(source: 0, map: zero)], bias: nil), count: 3),
      .init(name: "relu", kind: .activation(source: 1, units: .uniform(.relu)), count: 3),
      .init(name: "one", kind: .affine(terms: [.init(source: 2, map: one)], bias: nil), count: 2),
    ])
    #expect(try Self.upper(try LipschitzProblem(lowered: network), factor: 1) < 1e-100)
  }

  // MARK: - Tiles

  @Test func atMostNineTypes() throws {
    let problem = try Self.chain(16, channels: [1, 2, 1])
    for factor in [1, 2, 4, 5] {
      let plan = PartitionPlan(PartitionCuts(problem.selected), layers: 2, layersInTail: nil, factor: factor)
      let partition = try PartitionedNetwork(problem.selected, plan: plan)
      #expect(partition.tileCount == (factor == 5 ? 16 : factor * factor))
      #expect(partition.distinctCount <= 9)
    }
    #expect(try Self.upper(problem, factor: 4) > 0)
  }

  /// Every coordinate of every block's output lies in exactly one tile.
  @Test(arguments: StructuredNetworks.all)
  func plansCover(_ sample: StructuredNetworks.Sample) throws {
    let network = try sample.build().lowered()
    let cuts = PartitionCuts(network)
    for layers in 1...3 {
      for factor in [1, 2, 3, 7] {
        let plan = PartitionPlan(cuts, layers: layers, layersInTail: layers, factor: factor)
        #expect(plan.blocks.last?.end == network.nodes.count - 1)
        #expect(zip(plan.blocks, plan.blocks.dropFirst()).allSatisfy { $0.end == $1.start } && plan.blocks[0].start == 0)
        for block in plan.blocks { #expect(block.tiles.joined().sorted() == Array(0..<network.nodes[block.end].count)) }
        _ = try PartitionedNetwork(network, plan: plan)
      }
    }
  }

  // MARK: - Budgets

  @Test func smallerMemoryMeansSmallerTiles() throws {
    let problem = try Self.chain(12)
    var budget = Budget()
    var last = 0
    for limit in [1 << 30, 1 << 20, 1 << 17] {
      budget.memoryLimit = limit
      let choice = PartitionChoice(problem.selected, factor: nil, layers: nil)
      guard case .plan(let plan) = try choice.plan(budget: budget, clock: budget.start()) else {
        Issue.record("nothing fits into \(limit) bytes")
        return
      }
      #expect(plan.factor > last)
      let bytes = try PartitionedNetwork.costs(problem.selected, plan: plan).map(\.proof.bytes).max() ?? .max
      #expect(bytes <= limit)
      last = plan.factor
    }
    budget.memoryLimit = 1000
    let estimate = try PartitionEstimator().estimate(problem, budget: budget)
    #expect(estimate.upper == nil && estimate.note?.contains("memory") == true)
  }

  @Test func cancelledAtOnceItStillConcludes() throws {
    var budget = Budget()
    budget.timeLimit = 0.01
    let problem = try Self.chain(6)
    let estimate = try PartitionEstimator(factor: 2).estimate(problem, budget: budget)
    #expect(estimate.isCertified && estimate.stopReason == .timeLimit)
  }

  @Test func studies() throws {
    let study = try PartitionStudy(try Self.chain(6), factors: [1, 2, 3])
    #expect(study.rows.map(\.factor) == [1, 2, 3] && study.rows.map(\.tiles) == [1, 4, 9])
    let bounds = study.rows.compactMap(\.bound)
    #expect(bounds.count == 3 && bounds == bounds.sorted())
  }
}
