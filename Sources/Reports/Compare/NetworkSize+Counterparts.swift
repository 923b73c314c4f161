import Compression

extension NetworkSize.Layer {
  /// The weights that are not zero.
  var nonZeroWeights: Int { weights - zeroWeights }
  /// The input channels of which something is taken.
  var liveInputChannels: Int { inputChannels - zeroInputChannels }
}

extension NetworkSize {
  /// For each layer of a reference, the layer that stands in its place, or `nil`: by name, or by order where names differ and the layers are
  /// as many.
  func counterparts(of reference: NetworkSize) -> [Layer?] {
    let named = Dictionary(layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let found = reference.layers.map { named[$0.name] }
    guard found.contains(where: { $0 == nil }), layers.count == reference.layers.count else { return found }
    return layers
  }
}
