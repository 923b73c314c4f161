import Certificates
import LinearAlgebra
import Networks

/// Chooses the blocks and tiles for a memory and time budget: the largest that fit.
///
/// The time is predicted from the multiplications of the proofs (`CostEstimate`, from the middle tile of each block) and the measured speed of a
/// small one. A given factor leaves only the memory to decide about the blocks.
struct PartitionChoice {
  /// What is chosen, or why nothing is.
  enum Answer {
    case plan(PartitionPlan)
    case refusal(String)
  }

  /// Seconds that are aimed for when there is no time limit.
  private static let patience = 60.0
  /// The proofs of a tile, about: the search's and the concluding one.
  private static let proofsOfTile = 4.0
  /// The most tiles over a coordinate of a block's input, on average, before smaller blocks are preferred.
  private static let largestOverlap = 6.0

  private let network: LoweredNetwork
  private let cuts: PartitionCuts
  private let factor: Int?
  private let layers: Int?

  init(_ network: LoweredNetwork, factor: Int?, layers: Int?) {
    self.network = network
    cuts = PartitionCuts(network)
    self.factor = factor
    self.layers = layers
  }

  func plan(budget: Budget, clock: Stopwatch) throws -> Answer {
    let largest = cuts.stages.compactMap { cuts.hasImages ? cuts.layouts[$0].map { max($0.height, $0.width) } : cuts.counts[$0] }.max() ?? 1
    let factors = factor.map { [$0] } ?? Self.factors(upTo: largest)
    // With the factor the person has decided about the time.
    let limit = factor == nil ? min(0.8 * clock.remaining, Self.patience) * (try rate()) : .infinity
    var best: (overlap: Double, plan: PartitionPlan)?
    var small: (need: Need, plan: PartitionPlan)?
    // Costs grow with the layers and fall with the factor, so small tiles are tried first and nothing is built that is far too large.
    for own in layers.map({ [$0] }) ?? Array(1...max(1, cuts.stages.count)) {
      var fitting: PartitionPlan?
      for factor in factors.reversed() {
        let plan = PartitionPlan(cuts, layers: own, layersInTail: layers, factor: factor)
        let need = try need(of: plan)
        if small == nil || need.bytes < small?.need.bytes ?? 0 { small = (need, plan) }
        guard need.bytes <= Double(budget.memoryLimit), need.multiplications <= limit else { break }
        fitting = plan
      }
      guard let fitting else { break }
      let overlap = factor == nil ? try overlap(fitting) : 0
      if overlap <= max(Self.largestOverlap, best?.overlap ?? .infinity) { best = (overlap, fitting) }
    }
    if let best { return .plan(best.plan) }
    // Nothing is fast enough: the smallest, if there is memory for it.
    if let small, small.need.bytes <= Double(budget.memoryLimit) { return .plan(small.plan) }
    return .refusal(
      """
      no certificate was attempted: the tiles' proofs would take \(Int(((small?.need.bytes ?? 0) / 0x1p20).rounded(.up))) MiB of memory, more \
      than the limit of \(budget.memoryLimit >> 20) MiB
      """)
  }

  /// What a plan's proofs take.
  private struct Need {
    var bytes: Double
    var multiplications: Double
  }

  private func need(of plan: PartitionPlan) throws -> Need {
    let costs = try PartitionedNetwork.costs(network, plan: plan)
    let types = plan.blocks.map { Double(min($0.tiles.count, 9)) }
    // Proofs run on all threads; the gains of all types are kept until their weights are balanced, and scaled on every thread.
    let bytes = zip(costs, types).map { cost, types in
      let threads = min(types, Double(Threads.count))
      return Double(cost.proof.bytes) * threads + 8 * Double(cost.inputCount) * Double(cost.inputCount) * (types + threads)
    }
    return Need(
      bytes: bytes.max() ?? 0,
      multiplications: Self.proofsOfTile * zip(costs, types).reduce(0) { $0 + $1.0.proof.multiplications * $1.1 })
  }

  /// 1, 2, 3, 4, 6, 8, 12, 16, … up to one pixel a tile.
  private static func factors(upTo largest: Int) -> [Int] {
    var result = [1, 2]
    while let last = result.last, last < largest { result.append(result.count.isMultiple(of: 2) ? last * 3 / 2 : last * 4 / 3) }
    return result.filter { $0 <= largest || $0 == 1 }
  }

  /// Coordinates of all windows together over those of the blocks' inputs: the worst block, as the middle tile shows it.
  private func overlap(_ plan: PartitionPlan) throws -> Double {
    try plan.blocks.map { block in
      guard block.tiles.count > 1 else { return 1 }
      let tile = try TileNetwork(of: network, from: block.start, to: block.end, outputs: block.tiles[block.tiles.count / 2])
      return Double(tile.window.count * block.tiles.count) / Double(max(1, cuts.counts[block.start]))
    }.max() ?? 1
  }

  /// Multiplications of a proof in a second, measured on a small dense network.
  private func rate() throws -> Double {
    let order = 160
    var random = SplitMix64(seed: 1)
    let weight: Matrix<Double> = random.gaussianMatrix(rows: order, columns: order, deviation: 1 / Double(order).squareRoot())
    let term = LoweredNetwork.Term(source: 0, map: DenseMap(weight: weight))
    let small = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: order),
      .init(name: "dense", kind: .affine(terms: [term], bias: nil), count: order),
      .init(name: "relu", kind: .activation(source: 1, units: .uniform(.relu)), count: order),
      .init(name: "output", kind: .affine(terms: [.init(source: 2, map: DenseMap(weight: weight))], bias: nil), count: order),
    ])
    let work = CostEstimate(of: small).multiplications
    let began = ContinuousClock.now
    _ = try GainProof(network: small, sectors: small.globalSectors, multipliers: [Array(repeating: 100, count: order)])
    return work / max(1e-6, began.duration(to: .now) / .seconds(1))
  }
}
