import Certificates
import Networks

/// What is to be bounded: a network's outputs against its inputs, over all inputs.
public struct LipschitzProblem: Sendable {
  /// The model itself, for attained lower bounds.
  public let network: Network
  /// Its lowered form, all outputs: what certificates are about.
  public let lowered: LoweredNetwork
  /// The norm of the input.
  public let inputNorm: InputNorm
  /// The outputs considered, in the Euclidean norm.
  public let output: OutputSelection
  /// The lowered network with the output selection appended.
  public let selected: LoweredNetwork
  /// The units' slope sectors.
  public let sectors: [UnitSectors]

  /// A problem about all inputs of a network.
  ///
  /// - Throws: ``NetworkError`` when the network cannot be lowered or the selected output does not exist.
  public init(_ network: Network, inputNorm: InputNorm = .l2, output: OutputSelection = .all) throws {
    self.network = network
    lowered = try network.lowered()
    guard output.isValid(outputCount: lowered.outputCount) else {
      throw NetworkError.invalidInput(
        node: "outputs", detail: "\(output) was asked for, but the network has \(lowered.outputCount) outputs, counted from 0")
    }
    self.inputNorm = inputNorm
    self.output = output
    selected = try lowered.selecting(output)
    sectors = lowered.globalSectors
  }
}
