import LinearAlgebra
import Training

/// How sparse weights are, layer by layer.
public struct Sparsity: Sendable, Equatable, Codable {
  /// One layer's weight.
  public struct Layer: Sendable, Equatable, Codable {
    /// The weight's full name.
    public var name: String
    /// All weights, and those that are zero.
    public var weights, zeroWeights: Int
    /// All input channels, and those of which the layer takes nothing.
    public var inputChannels, zeroInputChannels: Int
    /// All filters, and those that are zero.
    public var filters, zeroFilters: Int
  }

  /// The layers, in order.
  public var layers: [Layer]

  /// Counts the zeros of a model's weights; a group is zero when its l₂ norm is below 10⁻¹⁵, as the reference counts.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when the scope is empty.
  public init(_ parameters: [Float], of model: Model<Float>, scope: PruningScope) throws(CompressionError) {
    let entries = try WeightGroups(.entries, of: model, scope: scope).layers
    let inputs = try WeightGroups(.inputChannels, of: model, scope: scope).layers
    let filters = try WeightGroups(.filters, of: model, scope: scope).layers
    layers = entries.indices.map { k in
      func zeros(_ layer: WeightGroups.Layer) -> Int { layer.norms(parameters).count { $0 < 1e-15 } }
      return Layer(
        name: entries[k].name, weights: entries[k].count, zeroWeights: entries[k].range.count { parameters[$0] == 0 },
        inputChannels: inputs[k].count, zeroInputChannels: zeros(inputs[k]), filters: filters[k].count, zeroFilters: zeros(filters[k]))
    }
  }

  /// The share of weights that are zero.
  public var weightShare: Double { layers.share(\.zeroWeights, of: \.weights) }
  /// The share of input channels of which nothing is taken: channel sparsity.
  public var channelShare: Double { layers.share(\.zeroInputChannels, of: \.inputChannels) }
  /// The share of filters that are zero.
  public var filterShare: Double { layers.share(\.zeroFilters, of: \.filters) }
}
