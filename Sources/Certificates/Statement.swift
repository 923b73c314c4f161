/// What a certificate proves: |g(x) − g(x′)|₂ ≤ bound · |x − x′| for all x, x′ of a region, in real arithmetic with the stored weights.
public struct Statement: Codable, Sendable, Equatable {
  /// The norm of x − x′.
  public var inputNorm: InputNorm
  /// g: the network's selected outputs.
  public var output: OutputSelection
  /// The inputs considered.
  public var region: Region
  /// The Lipschitz bound.
  public var bound: Double

  /// A statement about all inputs, or those of a region.
  public init(inputNorm: InputNorm, output: OutputSelection, region: Region = .global, bound: Double) {
    self.inputNorm = inputNorm
    self.output = output
    self.region = region
    self.bound = bound
  }
}
