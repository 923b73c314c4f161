import Certificates
import LinearAlgebra
import Networks

/// What is to be bounded: a network's outputs against its inputs, over all inputs.
public struct LipschitzProblem: Sendable {
  /// The model itself, or `nil` when only a lowered network is given.
  public let network: Network?
  /// The lowered form, all outputs: what certificates are about.
  public let lowered: LoweredNetwork
  /// The norm of the input.
  public let inputNorm: InputNorm
  /// The outputs considered, in the Euclidean norm.
  public let output: OutputSelection
  /// The lowered network with the output selection appended.
  public let selected: LoweredNetwork
  /// The units' slope sectors.
  public let sectors: [UnitSectors]
  /// The digest of ``lowered``, once it was computed.
  private(set) var digest: String?

  /// A problem about all inputs of a network.
  ///
  /// - Throws: `NetworkError` when the network cannot be lowered or the selected output does not exist.
  public init(_ network: Network, inputNorm: InputNorm = .l2, output: OutputSelection = .all) throws {
    try self.init(network: network, lowered: network.lowered(), inputNorm: inputNorm, output: output)
  }

  /// A problem about all inputs of a network given in normal form, such as a chain of matrices.
  ///
  /// - Throws: `NetworkError` when the selected output does not exist.
  public init(lowered: LoweredNetwork, inputNorm: InputNorm = .l2, output: OutputSelection = .all) throws {
    try self.init(network: nil, lowered: lowered, inputNorm: inputNorm, output: output)
  }

  private init(
    network: Network?, lowered: LoweredNetwork, inputNorm: InputNorm, output: OutputSelection, sectors known: [UnitSectors]? = nil,
    digest: String? = nil
  ) throws {
    guard output.isValid(outputCount: lowered.outputCount) else {
      throw NetworkError.invalidInput(
        node: "outputs", detail: "\(output) was asked for, but the network has \(lowered.outputCount) outputs, counted from 0")
    }
    self.network = network
    self.lowered = lowered
    self.inputNorm = inputNorm
    self.output = output
    selected = try lowered.selecting(output)
    sectors = known ?? lowered.globalSectors
    self.digest = digest
  }

  /// The same network and norm with another selection of outputs.
  ///
  /// - Throws: `NetworkError` when the selected output does not exist.
  public func selecting(_ output: OutputSelection) throws -> LipschitzProblem {
    try LipschitzProblem(
      network: network, lowered: lowered, inputNorm: inputNorm, output: output, sectors: sectors, digest: digest)
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
