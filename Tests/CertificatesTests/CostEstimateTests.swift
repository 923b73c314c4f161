import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct CostEstimateTests {
  /// No gain has more coordinates than estimated.
  @Test(arguments: try TestNetworks.structures() + TestNetworks.perceptrons()) func ordersAreAnUpperEstimate(_ test: TestCase) throws {
    let network = try test.lowered
    let estimate = CostEstimate(of: network).largestOrder
    _ = try GainProof(network: network, sectors: network.globalSectors) { _, stage in
      #expect(stage.value.gain.order <= estimate)
      let units = stage.units
      return (0..<units.rows).map { i in (0..<units.rows).reduce(0.0) { $0 + 3 * units[i, $1].magnitude } }
    }
  }

  @Test func perceptron() throws {
    let estimate = CostEstimate(of: try NetworkBuilders.multilayerPerceptron(widths: [7, 20, 10, 3], seed: 1).lowered())
    // The stage of 10 units, eliminated in favour of the 20 before them: their gain and Y.
    #expect(estimate.largestOrder == 30)
    #expect(estimate.bytes == 8 * (20 * 20 + 20 * 10))
    // Σ e³/6 + e²r/2 + er²/2 + er for e units computed from r others, and b a (b + a/2) for the last map.
    let stages = [(e: 10.0, r: 20.0), (e: 20, r: 7)]
    var products: Double = 3 * 10 * (3 + 5)
    for (e, r) in stages {
      let factor: Double = e * e * e / 6
      products += factor + e * e * r / 2 + e * r * r / 2 + e * r
    }
    #expect(abs(estimate.multiplications / products - 1) < 1e-12)
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
    #expect(CostEstimate(of: network).bytes == peak)
  }

  /// A residual stage of n units holds Q over the trunk, X, and n² of coupling: 2n² and not the 4n² of two live nodes held in full.
  @Test func residualNetwork() throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 8, size: 8, seed: 3).lowered()
    let n = 8 * 8 * 8
    let estimate = CostEstimate(of: network).bytes
    // Besides, a map with 72 entries a row.
    #expect(estimate < 8 * 2 * n * (n + 64) + 40 * 72 * n + 64 * n)
    #expect(CostEstimate(of: network).largestOrder == 2 * n)
    #expect(try ProvedBound.proof(network, sectors: network.globalSectors).peakBytes <= estimate)
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
