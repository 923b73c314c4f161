import LinearAlgebra
import Networks

/// A series of layers that maps pixels of channels, as the recursion over directional gains sees it.
///
/// Biases, image sizes and the amount of zero padding do not matter to it. The recursion finds matrices Q₀ = ρI, Q₁, … such that layer k
/// never turns an increment u of its input into a v of its output with Σ v′Q_k v > Σ u′Q_{k−1}u, sums over pixels; the last gain is the
/// identity, so √ρ bounds the gain of the whole.
public struct GainChain: Sendable {
  /// The channels of the input.
  public var inputChannels: Int
  /// The layers, first to last.
  public var layers: [GainLayer]

  /// Collects the parts.
  public init(inputChannels: Int, layers: [GainLayer]) {
    self.inputChannels = inputChannels
    self.layers = layers
  }
}
