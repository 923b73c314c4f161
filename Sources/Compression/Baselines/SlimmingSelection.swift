import LinearAlgebra
import Networks
import Training

/// Prunes the normalised channels with the smallest |γ|, all layers of batch normalisation compared with each other.
///
/// Of n channels exactly round(share · n) are pruned, those of an earlier mask counted; of equal ones those that stand first are kept.
/// A pruned channel loses its scale γ and its shift β, so that it is zero, and every layer that reads it loses the weights it reads it with.
/// Liu et al.: Learning efficient convolutional networks through network slimming, ICCV 2017.
public struct SlimmingSelection: MaskSelection, Hashable {
  /// The share of channels that are pruned, from 0 to below 1.
  public var share: Double

  /// Prunes a share of the normalised channels.
  public init(share: Double) { self.share = share }

  /// Names the share.
  public var identity: String { "\(share) of the normalised channels by scale" }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) { try CompressionError.check(share: share, key: "share") }

  /// What is kept.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` when all channels of a normalisation go, or of a layer's input; an error of the settings, or
  ///   that there is no normalisation.
  public func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask {
    try check()
    let layers = try ChannelScales.layers(of: model)
    let places = layers.flatMap { layer in zip(layer.scale, layer.shift).map { (scale: $0, shift: $1) } }
    let scores = places.map { earlier?.isKept[$0.scale] == false ? -1 : Double(state.parameters[$0.scale].magnitude) }
    var mask = PruningMask(count: state.parameters.count)
    for index in SmallestGroups.smallest((share * Double(places.count)).roundedCount, of: scores) {
      mask.isKept[places[index].scale] = false
      mask.isKept[places[index].shift] = false
    }
    if let earlier { mask.formIntersection(earlier) }
    for layer in layers where !layer.scale.contains(where: { mask.isKept[$0] }) { throw CompressionError.emptyLayer(layer.name) }
    mask.removeReaders(ofDeadChannelsIn: model)
    try mask.check(try WeightGroups(.entries, of: model, scope: .all))
    return mask
  }
}

extension PruningMask {
  /// Prunes the weights by which layers read channels that are zero whatever the input: those whose scale and shift are pruned, and what
  /// activations with φ(0) = 0, pools and sums make of nothing but such.
  mutating func removeReaders(ofDeadChannelsIn model: Model<Float>) {
    // One entry for each channel of each node; noise is left out of the deployed network, so it does not bring a channel to life.
    var isDead: [[Bool]] = []
    for node in model.nodes {
      let inputs = node.inputs.map { isDead[$0] }
      var dead = [Bool](repeating: false, count: node.shape.channels)
      switch node.layer {
      case let layer as BatchNormalizationLayer<Float>:
        for channel in 0..<layer.channels {
          let scale = node.parameters.lowerBound + channel
          dead[channel] = !isKept[scale] && !isKept[scale + layer.channels]
        }
      case let layer as ActivationLayer<Float> where layer.activation.value(Double.zero) == 0: dead = inputs[0]
      case is MaximumPoolLayer<Float>, is AveragePoolLayer<Float>, is GaussianNoiseLayer<Float>, is FeynmanKacNoiseLayer<Float>,
        is DropoutLayer<Float>:
        dead = inputs[0]
      case is SumLayer<Float>, is MeanLayer<Float>:
        for channel in dead.indices { dead[channel] = inputs.allSatisfy { $0[channel] } }
      case is FlattenLayer<Float>:
        let pixels = model.nodes[node.inputs[0]].shape.pixels
        dead = inputs[0].flatMap { [Bool](repeating: $0, count: pixels) }
      case let layer as DenseLayer<Float>:
        for input in inputs[0].indices where inputs[0][input] {
          for output in 0..<layer.outputCount { isKept[node.parameters.lowerBound + output * layer.inputCount + input] = false }
        }
      case let layer as ConvolutionLayer<Float>:
        let (taken, made) = (layer.inputChannels / layer.groups, layer.outputChannels / layer.groups)
        let kernel = layer.kernel.height * layer.kernel.width
        for input in inputs[0].indices where inputs[0][input] {
          let group = input / taken
          for output in group * made..<(group + 1) * made {
            let first = node.parameters.lowerBound + (output * taken + input % taken) * kernel
            for place in first..<first + kernel { isKept[place] = false }
          }
        }
      default: break
      }
      isDead.append(dead)
    }
  }
}
