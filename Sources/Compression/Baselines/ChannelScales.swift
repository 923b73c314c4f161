import LinearAlgebra
import Training

/// The scales and shifts of a model's normalised channels.
struct ChannelScales: Sendable {
  /// The layer's name.
  let name: String
  /// Its node.
  let node: Int
  /// γ's place among the model's parameters.
  let scale: Range<Int>
  /// β's place.
  let shift: Range<Int>

  /// The layers of batch normalisation in their order.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when there are none.
  static func layers(of model: Model<Float>) throws(CompressionError) -> [ChannelScales] {
    var result: [ChannelScales] = []
    for (node, entry) in model.nodes.enumerated() {
      guard let layer = entry.layer as? BatchNormalizationLayer<Float> else { continue }
      let middle = entry.parameters.lowerBound + layer.channels
      result.append(
        ChannelScales(
          name: layer.name, node: node, scale: entry.parameters.lowerBound..<middle, shift: middle..<entry.parameters.upperBound))
    }
    guard !result.isEmpty else { throw .setting(key: "method", detail: "slimming wants batch normalisation, of which the model has none") }
    return result
  }
}
