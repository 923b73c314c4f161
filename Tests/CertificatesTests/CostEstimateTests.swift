import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct CostEstimateTests {
  /// The greatest order among the gains and stages that a proof really meets.
  private func largestOrder(_ network: LoweredNetwork) throws -> Int {
    let sources = network.activationNodes.map { index in
      if case .activation(let source, _) = network.nodes[index].kind { source } else { -1 }
    }
    var largest = network.inputCount
    let sectors = network.globalSectors
    _ = try GainProof(network: network, sectors: sectors) { position, stage in
      let live = stage.value.q.rows
      let units = stage.units
      let source = sources[position]
      let after = live - units.rows + (stage.value.isLive(source) ? 0 : network.nodes[source].count)
      largest = max(largest, live, units.rows + after)
      return (0..<units.rows).map { i in (0..<units.rows).reduce(0.0) { $0 + 3 * units[i, $1].magnitude } }
    }
    return largest
  }

  @Test(arguments: try TestNetworks.structures().filter { !$0.name.contains("slack") } + TestNetworks.perceptrons())
  func ordersAreThoseMet(_ test: TestCase) throws {
    let network = try test.lowered
    #expect(CostEstimate(of: network).largestOrder == (try largestOrder(network)))
  }

  @Test func perceptron() throws {
    let estimate = CostEstimate(of: try NetworkBuilders.multilayerPerceptron(widths: [7, 20, 10, 3], seed: 1).lowered())
    // The widest stage has 20 units and their 20 pre-activations.
    #expect(estimate.largestOrder == 40)
    // P′Q and P′QP of the widest stage, were some of its 20 units dead, and the sparse map that leaves them out.
    #expect(estimate.bytes == 8 * (20 * 20 + 20 * 20) + 80 * 20)
    // n³/2 for each elimination; b² a + b a²/2 for each affine map of b outputs and a inputs.
    let eliminations = (20.0 * 20 * 20 + 10 * 10 * 10) / 2
    let maps: [(b: Double, a: Double)] = [(3, 10), (10, 20), (20, 7)]
    var products = 0.0
    for map in maps { products += map.b * map.a * (map.b + map.a / 2) }
    #expect(abs(estimate.multiplications / (eliminations + products) - 1) < 1e-12)
  }

  /// No proof holds more than estimated.
  @Test(arguments: try TestNetworks.all() + TestNetworks.uncertain())
  func bytesAreAnUpperEstimate(_ test: TestCase) throws {
    let network = try test.lowered
    let peak = try ProvedBound.proof(network, sectors: network.globalSectors).peakBytes
    let estimate = CostEstimate(of: network).bytes
    #expect(peak > 0 && peak <= estimate)
  }

  @Test func bytesAreThoseHeld() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [30, 60, 60, 10], seed: 1).lowered()
    let peak = try ProvedBound.proof(network, sectors: network.globalSectors).peakBytes
    #expect(peak == 8 * (60 * 60 + 60 * 60))
    #expect(CostEstimate(of: network).bytes == peak + 8 * 60 * 60)
  }

  @Test func residualNetwork() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: 3).lowered()
    #expect(CostEstimate(of: network).largestOrder == (try largestOrder(network)))
  }

  /// Sizes far beyond memory are numbers like others.
  @Test func hugeNetworks() throws {
    let count = 1 << 40
    let nodes: [LoweredNetwork.Node] = [
      .init(name: "input", kind: .input, count: count),
      .init(name: "relu", kind: .activation(source: 0, units: .uniform(.relu)), count: count),
      .init(name: "output", kind: .affine(terms: [.init(source: 1, map: nil)], bias: nil), count: count),
    ]
    #expect(CostEstimate(of: LoweredNetwork(nodes: nodes)).bytes == .max)
  }
}
