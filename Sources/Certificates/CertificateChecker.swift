import Foundation
import LinearAlgebra
import Networks

/// Decides whether a certificate proves its statement about a network.
///
/// The checker recomputes everything from the network and the multipliers; it trusts neither the solver nor any number in the certificate.
/// See the article on soundness for the trusted base.
public enum CertificateChecker {
  /// Proves the certificate's statement or throws.
  ///
  /// - Parameters:
  ///   - certificate: the claim and its multipliers.
  ///   - network: the lowered form of the model, all outputs.
  ///   - memoryLimit: bytes; a proof that needs more is refused. The machine's memory unless given.
  ///   - journal: where to store what is reached, and who is told.
  ///   - isCancelled: asked now and then; a cancelled check throws.
  /// - Throws: ``NotProved`` with the reason.
  public static func check(
    _ certificate: Certificate, of network: LoweredNetwork, memoryLimit: Int? = nil, journal: ProofJournal = ProofJournal(),
    isCancelled: () -> Bool = { false }
  ) throws {
    try certificate.require(about: network)
    let statement = certificate.statement
    guard statement.region.fits(inputCount: network.inputCount) else { throw NotProved("the region does not fit the network's input") }
    guard statement.output.isValid(outputCount: network.outputCount) else { throw NotProved("the selected output does not exist") }

    let memory = memoryLimit ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if let derivation = certificate.derivation {
      guard statement.region == .global else { throw NotProved("derivations are about all inputs") }
      guard certificate.nodes.isEmpty, certificate.inputWeights.isEmpty else {
        throw NotProved("it has a derivation and multipliers besides; one of them is not what proves it")
      }
      let bound = try derivation.prove(network, statement: statement, memoryLimit: memory, isCancelled: isCancelled)
      guard bound <= statement.bound else {
        throw NotProved("the derivation proves \(bound), which is more than the stated \(statement.bound)")
      }
      return
    }
    let sectors = try provedSectors(certificate, of: network, memoryLimit: memory, isCancelled: isCancelled)
    try CostEstimate(of: network, hasLocalSectors: statement.region != .global).require(memoryLimit: memory)
    let bound = try prove(
      network, selecting: statement.output, inputNorm: statement.inputNorm, sectors: sectors,
      multipliers: certificate.nodes.map(\.multipliers), inputWeights: certificate.inputWeights, journal: journal,
      isCancelled: isCancelled)
    guard bound <= statement.bound else {
      throw NotProved("the multipliers prove \(bound), which is more than the stated \(statement.bound)")
    }
  }

  /// Proves a Lipschitz bound from multipliers and input weights, and returns it, rounded up.
  ///
  /// - Throws: ``NotProved``.
  public static func prove(
    _ network: LoweredNetwork, selecting output: OutputSelection, inputNorm: InputNorm, sectors: [UnitSectors], multipliers: [[Double]],
    inputWeights: [Double], journal: ProofJournal = ProofJournal(), isCancelled: () -> Bool = { false }
  ) throws -> Double {
    let proof = try GainProof(
      network: try network.selecting(output), sectors: sectors, multipliers: multipliers, journal: journal, isCancelled: isCancelled)
    return try proof.bound(inputNorm: inputNorm, weights: inputWeights, isCancelled: isCancelled)
  }

  /// The certificate's sectors, once they are proved: global ones must be those of the activation functions, those of a ball must contain what
  /// the forward recursion derives.
  private static func provedSectors(
    _ certificate: Certificate, of network: LoweredNetwork, memoryLimit: Int, isCancelled: () -> Bool
  ) throws -> [UnitSectors] {
    switch certificate.statement.region {
    case .global:
      let sectors = network.globalSectors
      guard certificate.nodes.count == sectors.count else { throw NotProved("the number of activation nodes differs") }
      for (index, (node, own)) in zip(network.activationNodes, zip(certificate.nodes, sectors)) {
        guard matches(node.alpha, own.lower), matches(node.beta, own.upper) else {
          throw NotProved("the sectors of '\(network.nodes[index].name)' are not those of its activation function")
        }
        guard node.forwardMultipliers == nil else { throw NotProved("forward multipliers are for balls") }
      }
      return sectors
    case .ball(let center, let radius):
      guard let stated = certificate.sectors(of: network) else { throw NotProved("the sectors do not fit the network") }
      let forward = certificate.nodes.compactMap(\.forwardMultipliers)
      guard forward.count == stated.count else { throw NotProved("a ball needs forward multipliers") }
      let needed = ForwardProof.bytes(of: network)
      guard needed <= memoryLimit else { throw NotProved("the proof of the sectors needs \(needed >> 20) MiB of memory") }
      return try ForwardProof(
        network: network, center: center, radius: radius, sectors: stated, multipliers: forward, isCancelled: isCancelled
      ).sectors
    case .box: throw NotProved("a Lipschitz bound on a box is not proved; take a ball around it")
    }
  }

  private static func matches(_ stated: [Double], _ own: [Double]) -> Bool {
    stated == own || (stated.count == 1 && own.allSatisfy { $0 == stated[0] })
  }
}

extension LoweredNetwork {
  /// The network followed by the selection of outputs, with exact coefficients 0 and ±1.
  ///
  /// - Throws: ``NotProved`` when the selected outputs do not exist.
  public func selecting(_ output: OutputSelection) throws -> LoweredNetwork {
    guard output.isValid(outputCount: outputCount) else { throw NotProved("the selected output does not exist") }
    var rows: Matrix<Double>
    switch output {
    case .all:
      return self
    case .output(let i):
      rows = Matrix(rows: 1, columns: outputCount)
      rows[0, i] = 1
    case .difference(let i, let j):
      rows = Matrix(rows: 1, columns: outputCount)
      rows[0, i] = 1
      rows[0, j] = -1
    }
    return try targeting(rows: rows)
  }
}
