import Certificates
import Foundation
import LinearAlgebra
import Networks

/// What is to be bounded: a network's outputs against its inputs, over all inputs or those of a ball.
public struct LipschitzProblem: Sendable {
  /// The model itself, or `nil` when only a lowered network is given.
  public let network: Network?
  /// The lowered form, all outputs: what certificates are about.
  public let lowered: LoweredNetwork
  /// The norm of the input.
  public let inputNorm: InputNorm
  /// The outputs considered, in the Euclidean norm.
  public let output: OutputSelection
  /// The inputs considered.
  public let region: Region
  /// The lowered network with the output selection appended.
  public let selected: LoweredNetwork
  /// The units' slope sectors in the region.
  public private(set) var sectors: [UnitSectors]
  /// For a ball, the forward multipliers that prove ``sectors``; see `ForwardProof`.
  public private(set) var forwardMultipliers: [[Double]]?
  /// The digest of ``lowered``, once it was computed.
  private(set) var digest: String?

  /// A problem about a network, over all inputs or a ball.
  ///
  /// - Throws: `NetworkError` when the network cannot be lowered or the selected output or the region does not fit; `NotProved` when sectors
  ///   for the region cannot be proved.
  public init(_ network: Network, inputNorm: InputNorm = .l2, output: OutputSelection = .all, region: Region = .global) throws {
    try self.init(network: network, lowered: network.lowered(), inputNorm: inputNorm, output: output, region: region)
  }

  /// A problem about a network given in normal form, such as a chain of matrices, over all inputs or a ball.
  ///
  /// - Throws: As ``init(_:inputNorm:output:region:)``.
  public init(
    lowered: LoweredNetwork, inputNorm: InputNorm = .l2, output: OutputSelection = .all, region: Region = .global
  ) throws {
    try self.init(network: nil, lowered: lowered, inputNorm: inputNorm, output: output, region: region)
  }

  private init(
    network: Network?, lowered: LoweredNetwork, inputNorm: InputNorm, output: OutputSelection, region: Region
  ) throws {
    try Self.require(output, of: lowered)
    guard region.fits(inputCount: lowered.inputCount) else {
      throw NetworkError.invalidInput(node: "region", detail: "\(region), but the network has \(lowered.inputCount) inputs")
    }
    if case .box = region {
      throw NetworkError.invalidInput(node: "region", detail: "Lipschitz bounds are over all inputs or those of a ball, not of a box")
    }
    guard region == .global || inputNorm != .l1 else {
      throw NetworkError.invalidInput(node: "region", detail: "the l1 norm, which takes the inputs one by one, is over all inputs only")
    }
    self.network = network
    self.lowered = lowered
    self.inputNorm = inputNorm
    self.output = output
    self.region = region
    selected = try lowered.selecting(output)
    sectors = lowered.globalSectors
    if case .ball = region { try localise() }
  }

  private static func require(_ output: OutputSelection, of lowered: LoweredNetwork) throws {
    guard output.isValid(outputCount: lowered.outputCount) else {
      throw NetworkError.invalidInput(
        node: "outputs", detail: "\(output) was asked for, but the network has \(lowered.outputCount) outputs, counted from 0")
    }
  }

  /// Proves sectors for the ball: with the programs of ECLipsE for a chain of moderate size, else with closed forms.
  private mutating func localise() throws {
    if let layers = try? ChainLayers(selected), layers.cost < 2e10 {
      let budget = Budget()
      var pass = CompositionalPass(rule: LayerRule(.semidefinite, tolerance: 1e-6), budget: budget, clock: budget.start())
      if (try? pass.run(layers, localising: &self) { _ in }) != nil { return }
    }
    let isChain = lowered.isChain
    try localise { _, stage in try ForwardClosedForm.multipliers(stage, isChain: isChain) }
  }

  /// Proves sectors for the ball, going forwards with multipliers τ that are chosen on the way.
  ///
  /// The sectors are 2⁻⁴⁰ wider than proved here, for the sake of checkers whose last bits differ, and 2⁻²⁴ wide at least: multipliers grow like
  /// the inverse of the width, and the rounding of a proof with them.
  ///
  /// - Throws: `NotProved`.
  mutating func localise(
    isCancelled: () -> Bool = { false }, choosing choose: (_ position: Int, _ stage: ForwardStage) throws -> [Double]
  ) throws {
    guard case .ball(let center, let radius) = region else { return }
    let needed = ForwardProof.bytes(of: lowered)
    guard needed <= Int(clamping: ProcessInfo.processInfo.physicalMemory) else {
      throw NotProved("the proof of local sectors needs \(needed >> 20) MiB of memory")
    }
    let global = lowered.globalSectors
    let proof = try ForwardProof(network: lowered, center: center, radius: radius, isCancelled: isCancelled) { position, stage in
      let wider = ForwardStage(
        shape: stage.shape, sectors: stage.sectors.widened(by: 0x1p-40, within: global[position]).withLeastWidth(0x1p-24))
      return (wider.sectors, try choose(position, wider))
    }
    sectors = proof.sectors
    forwardMultipliers = proof.multipliers
  }

  /// The same network, norm and region with another selection of outputs.
  ///
  /// - Throws: `NetworkError` when the selected output does not exist.
  public func selecting(_ output: OutputSelection) throws -> LipschitzProblem {
    try LipschitzProblem(self, output: output)
  }

  private init(_ whole: LipschitzProblem, output: OutputSelection) throws {
    try Self.require(output, of: whole.lowered)
    (network, lowered, inputNorm, region) = (whole.network, whole.lowered, whole.inputNorm, whole.region)
    (sectors, forwardMultipliers, digest) = (whole.sectors, whole.forwardMultipliers, whole.digest)
    self.output = output
    selected = try lowered.selecting(output)
  }

  /// The problem with the digest of its network, so that many certificates compute it once.
  func withDigest() -> LipschitzProblem {
    var result = self
    result.digest = digest ?? NetworkDigest.sha256(of: lowered)
    return result
  }

  /// An evaluator of the selected outputs on the true network.
  func evaluator() throws -> Evaluator<Double> {
    guard let network else { return Evaluator(selected) }
    guard output != .all else { return try Evaluator(network) }
    return Evaluator(selected)
  }
}
