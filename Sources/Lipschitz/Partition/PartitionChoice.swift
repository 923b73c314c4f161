import Certificates
import LinearAlgebra
import Networks

/// Chooses the blocks and tiles for a memory and time budget: the largest that fit.
struct PartitionChoice {
  /// What is chosen, or why nothing is.
  enum Answer {
    case plan(PartitionPlan)
    case refusal(String)
  }

  /// Seconds that are aimed for when there is no time limit.
  private static let patience = 60.0
  /// The proofs of a tile, about: the search's and the concluding one.
  private static let proofsOfTile = 3.0
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
    let all = max(1, cuts.stages.count, cuts.hasImages ? 0 : cuts.stages.count)
    let layerChoices = layers.map { [min($0, max(all, cuts.tail.count))] } ?? Array((1...all).reversed())
    let largest = cuts.stages.compactMap { cuts.hasImages ? cuts.layouts[$0].map { max($0.height, $0.width) } : cuts.counts[$0] }.max() ?? 1
    let factors = factor.map { [$0] } ?? Self.factors(upTo: largest)
    let limit = min(0.8 * clock.remaining, Self.patience)
    let rate = try self.rate()
    var leastNeeded: (bytes: Double, plan: PartitionPlan)?
    var fallback: (seconds: Double, plan: PartitionPlan)?
    for own in layerChoices {
      for factor in factors {
        let plan = PartitionPlan(cuts, layers: own, layersInTail: layers, factor: factor)
        let costs = try PartitionedNetwork.costs(network, plan: plan)
        let types = plan.blocks.map { Double(min($0.tiles.count, 9)) }
        let bytes = zip(costs, types).map { Double($0.bytes) * min($1, Double(Threads.count)) }.max() ?? 0
        if bytes < leastNeeded?.bytes ?? .infinity { leastNeeded = (bytes, plan) }
        guard bytes <= Double(budget.memoryLimit) else { continue }
        let work = zip(costs, types).reduce(0) { $0 + $1.0.multiplications * $1.1 }
        let seconds = Self.proofsOfTile * work / rate
        // Nothing to choose: the person decides about the time.
        if factor == self.factor, own == layers.map({ min($0, max(all, cuts.tail.count)) }) { return .plan(plan) }
        if seconds < fallback?.seconds ?? .infinity { fallback = (seconds, plan) }
        if seconds <= limit, try overlap(plan) <= Self.largestOverlap { return .plan(plan) }
      }
    }
    if let fallback { return .plan(fallback.plan) }
    return .refusal(
      """
      no certificate was attempted: the tiles' proofs would take \(Int((leastNeeded?.bytes ?? 0) / 0x1p20)) MiB of memory, more than the \
      limit of \(budget.memoryLimit >> 20) MiB
      """)
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
