import Certificates
import LinearAlgebra
import Networks

/// The joint layer- and width-wise partition: blocks of layers, their outputs in tiles, every tile a small network of its own.
///
/// Sulehman and Mu, "Scalable Lipschitz estimation for CNNs", arXiv 2403.18613, with a sharper rule of combination, one proof for all tiles
/// with the same network, and weights of the tiles' inputs chosen jointly. Cost and memory are those of the tiles, so that networks too large
/// for one recursion get certified bounds; the fewer and larger the pieces, the tighter. See the article on partitions.
public struct PartitionEstimator: LipschitzEstimator {
  /// How the tiles are bounded.
  public enum Method: Sendable, Equatable {
    /// All tiles together: multipliers and input weights by one lifted iteration.
    case joint
    /// Each type of tile on its own, with one gain L: by the estimator with this id.
    case single(String)
  }

  /// `partition`.
  public let name = "partition"
  /// Pieces along each axis of each block's output image; 1 leaves blocks whole. `nil` chooses for the budget.
  public var factor: Int?
  /// Activation layers in a block, the branch of a residual block or a pooling counting as one; `nil` chooses for the budget.
  public var layers: Int?
  /// How the tiles are bounded.
  public var method: Method
  /// The rank of the lifted vectors.
  public var rank: Int

  /// The estimator.
  public init(factor: Int? = nil, layers: Int? = nil, method: Method = .joint, rank: Int? = nil) {
    self.factor = factor
    self.layers = layers
    self.method = method
    self.rank = rank ?? 12
  }

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    try partitioned(problem, budget: budget, progress: progress).estimate
  }

  /// The estimate, and how the network was cut.
  func partitioned(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> (estimate: LipschitzEstimate, partition: PartitionedNetwork?, plan: PartitionPlan?) {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    let choice = PartitionChoice(problem.selected, factor: factor, layers: layers)
    let plan: PartitionPlan
    switch try choice.plan(budget: budget, clock: clock) {
    case .plan(let chosen): plan = chosen
    case .refusal(let reason):
      result.note = reason
      result.seconds = clock.seconds
      return (result, nil, nil)
    }
    let partition = try PartitionedNetwork(problem.selected, plan: plan, isCancelled: budget.isCancelled)
    result.note = Self.description(plan, partition) + (problem.region == .global ? "" : "; holds for all inputs, the region was not used")
    do {
      switch method {
      case .joint: try solveJointly(partition, problem, budget: budget, clock: clock, result: &result, progress: progress)
      case .single(let method):
        try solveSingly(partition, problem, method: method, budget: budget, clock: clock, result: &result)
      }
    } catch let error as NotProved {
      result.note = "no bound could be proved: \(error); " + Self.description(plan, partition)
    }
    result.seconds = clock.seconds
    record(&result, progress, seconds: result.seconds)
    return (result, partition, plan)
  }

  private func record(
    _ result: inout LipschitzEstimate, _ progress: (LipschitzEstimate.Progress) -> Void, seconds: Double
  ) {
    let moment = LipschitzEstimate.Progress(
      iteration: result.iterations, lower: result.lower ?? 0, upper: result.upper, seconds: seconds)
    result.history.append(moment)
    progress(moment)
  }

  private static func description(_ plan: PartitionPlan, _ partition: PartitionedNetwork) -> String {
    func count(_ n: Int, _ word: String) -> String { "\(n) \(word)\(n == 1 ? "" : "s")" }
    return """
      factor \(plan.factor), \(count(plan.layers, "layer")) a block: \(count(partition.blocks.count, "block")), \
      \(count(partition.tileCount, "tile")), \(partition.distinctCount) of them different
      """
  }

  // MARK: - All tiles together

  private func solveJointly(
    _ partition: PartitionedNetwork, _ problem: LipschitzProblem, budget: Budget, clock: Stopwatch, result: inout LipschitzEstimate,
    progress: (LipschitzEstimate.Progress) -> Void
  ) throws {
    var iteration = PartitionIteration(partition, norm: problem.inputNorm, rank: rank, seed: budget.seed)
    let limit = budget.iterationLimit ?? 300
    // Proofs take the rest of the time.
    let share = 0.4 * clock.remaining
    let began = clock.seconds
    result.stopReason = .iterationLimit
    while result.iterations < limit {
      result.iterations += 1
      iteration.step()
      // Prices have floors, so a little is left off.
      let lower = iteration.value.squareRoot() * (1 - 1e-7)
      result.lower = max(result.lower ?? 0, lower)
      // Iterations are cheap beside the proofs.
      if !(1 - (iteration.value / iteration.suggested).squareRoot() > 0.3 * budget.tolerance) {
        result.stopReason = .tolerance
        break
      }
      if budget.isCancelled() || clock.seconds - began > share {
        result.stopReason = clock.reason
        break
      }
      record(&result, progress, seconds: clock.seconds)
    }
    var weights = Array(repeating: 1.0, count: problem.selected.outputCount)
    var blocks: [Composition.Block] = []
    for (place, block) in partition.blocks.enumerated().reversed() {
      let proofs = try prove(
        block, iteration.snapshot(block: place), weights: weights, prices: iteration.prices[place],
        isInput: place == 0 && problem.inputNorm.hasOneWeight, budget: budget)
      weights = block.weights(proofs.map(\.inputWeights))
      blocks.insert(block.composition(proofs), at: 0)
    }
    try conclude(&result, problem, Composition(blocks: blocks), isCancelled: budget.isCancelled)
  }

  /// Proofs of a block's types from their lifted vectors.
  private func prove(
    _ block: PartitionedNetwork.Block, _ values: [[Matrix<Double>]], weights: [Double], prices: [Double], isInput: Bool, budget: Budget
  ) throws -> [Composition.TileProof] {
    let outputWeights = block.types.map { $0.largestWeights(weights) }
    // A tile that depends on nothing has no increments.
    let moving = block.types.indices.filter { block.types[$0].network.inputCount > 0 }
    var part = block
    part.types = moving.map { block.types[$0] }
    let found = try BlockProofSearch(
      block: part, outputWeights: moving.map { outputWeights[$0] }, values: moving.map { values[$0] }, prices: prices,
      movesPrices: isInput, budget: budget
    ).best()
    var proofs = zip(block.types, outputWeights).map { $0.constantProof(outputWeights: $1) }
    for (number, proof) in zip(moving, found) { proofs[number] = proof }
    return proofs
  }

  // MARK: - Each type on its own

  private func solveSingly(
    _ partition: PartitionedNetwork, _ problem: LipschitzProblem, method: String, budget: Budget, clock: Stopwatch,
    result: inout LipschitzEstimate
  ) throws {
    guard let estimator = Self.tileEstimator(method) else {
      throw NotApplicable("\(method) gives no bounds of single tiles")
    }
    let tileBudget = budget.limited(to: 0.5 * clock.remaining)
    let places = partition.blocks.indices.flatMap { block in partition.blocks[block].types.indices.map { (block, $0) } }
    var estimates = try ParallelFor.map(places.count) { index in
      let (block, number) = places[index]
      let network = partition.blocks[block].types[number].network
      // A tile that depends on nothing has no increments.
      return network.inputCount == 0 ? nil : try estimator.estimate(LipschitzProblem(lowered: network), budget: tileBudget)
    }[...]
    var weights = Array(repeating: 1.0, count: problem.selected.outputCount)
    var blocks: [Composition.Block] = []
    var hasCertificates = true
    for block in partition.blocks.reversed() {
      let own = estimates.suffix(block.types.count)
      estimates = estimates.dropLast(block.types.count)
      let proofs = try zip(block.types, own).map { type, estimate in
        guard let estimate else { return type.constantProof(outputWeights: [type.largestWeights(weights).max() ?? 0]) }
        guard let upper = estimate.upper, estimate.isCertified else {
          throw NotProved("\(method) has no certified bound of a tile\(estimate.note.map { ": " + $0 } ?? "")")
        }
        let largest = type.largestWeights(weights).max() ?? 0
        // The certificate's numbers, for outputs weighted by the largest weight; products round.
        guard let certificate = estimate.certificate, let rho = certificate.inputWeights.first else {
          hasCertificates = false
          let square = ErrorBounds.multiplyUp(largest, ErrorBounds.multiplyUp(upper, upper))
          return Composition.TileProof(
            outputWeights: [largest], multipliers: [], inputWeights: Array(repeating: square, count: type.network.inputCount))
        }
        return Composition.TileProof(
          outputWeights: [largest], multipliers: certificate.nodes.map { node in node.multipliers.map { $0 * largest } },
          inputWeights: Array(repeating: max(rho * largest * (1 + 1e-9), 0x1p-900), count: type.network.inputCount))
      }
      weights = block.weights(proofs.map(\.inputWeights))
      blocks.insert(block.composition(proofs), at: 0)
    }
    guard hasCertificates else {
      let square = problem.inputNorm.hasOneWeight ? weights.max() ?? 0 : weights.reduce(0) { ErrorBounds.addUp($0, $1) }
      result.upper = ErrorBounds.sqrtUp(square)
      result.isCertified = true
      return
    }
    try conclude(&result, problem, Composition(blocks: blocks), isCancelled: budget.isCancelled)
  }

  private static func tileEstimator(_ name: String) -> (any LipschitzEstimator)? {
    switch name {
    case "product": ProductEstimator()
    case "closed-form": ClosedFormEstimator()
    case "lipsdp": LipSDPEstimator()
    case "lipsdp-layer": LipSDPEstimator(mode: .layer)
    case "lifted": LiftedEstimator()
    default: nil
    }
  }

  /// The ids that ``Method/single(_:)`` takes.
  public static let tileMethods = ["product", "closed-form", "lipsdp-layer", "lipsdp", "lifted"]

  // MARK: - The certificate

  /// Has the checker prove the composition, and records its bound.
  private func conclude(
    _ result: inout LipschitzEstimate, _ problem: LipschitzProblem, _ composition: Composition, isCancelled: () -> Bool
  ) throws {
    let upper = try composition.prove(problem.selected, inputNorm: problem.inputNorm)
    result.upper = upper
    result.isCertified = true
    result.certificate = Certificate(
      generator: "lipcert \(Version.current)", modelName: "", network: problem.lowered,
      statement: Statement(inputNorm: problem.inputNorm, output: problem.output, bound: upper), derivation: .composition(composition))
  }
}

extension PartitionedNetwork.TileType {
  /// The data of a tile that depends on nothing.
  func constantProof(outputWeights: [Double]) -> Composition.TileProof {
    .init(outputWeights: outputWeights, multipliers: sectors.map { $0.lower.map { _ in 0 } }, inputWeights: [])
  }
}

extension Budget {
  /// The same with another time limit; none when it is infinite.
  fileprivate func limited(to seconds: Double) -> Budget {
    var result = self
    result.timeLimit = seconds.isFinite ? seconds : nil
    return result
  }
}

extension PartitionedNetwork.Block {
  /// The block for a certificate: the tiles in the order of their types.
  func composition(_ proofs: [Composition.TileProof]) -> Composition.Block {
    let tiles = types.enumerated().flatMap { number, type in
      type.outputs.map { Composition.Tile(outputs: IndexRuns($0), proof: number) }
    }
    return Composition.Block(output: end, tiles: tiles, proofs: proofs)
  }
}
