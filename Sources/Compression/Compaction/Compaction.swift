import LinearAlgebra
import Networks

/// A network without the channels that pruning has made superfluous, and what was removed.
public struct Compaction: Sendable {
  /// One dense layer or convolution before and after.
  public struct Layer: Sendable, Equatable, Codable {
    /// The layer as it was.
    public var before: NetworkSize.Layer
    /// The layer as it is; `nil` when all of it is gone.
    public var after: NetworkSize.Layer?

    /// The layer's name.
    public var name: String { before.name }
    /// The parameters that are gone.
    public var removedParameters: Int { before.parameters - (after?.parameters ?? 0) }
    /// The input channels that are gone.
    public var removedInputChannels: Int { before.inputChannels - (after?.inputChannels ?? 0) }
    /// The filters that are gone.
    public var removedFilters: Int { before.filters - (after?.filters ?? 0) }
  }

  /// The smaller network.
  public let network: Network
  /// The size of the network that was given.
  public let before: NetworkSize
  /// The size of the smaller network.
  public let after: NetworkSize
  /// All layers of the network that was given, in order.
  public let layers: [Layer]

  /// The layers of which something was removed.
  public var changed: [Layer] { layers.filter { $0.before.weightShape != $0.after?.weightShape } }
}

extension Network {
  /// The network without channels that nothing takes and without those that are constant: pruning by masks made physical.
  ///
  /// Two passes find out what can go. Forwards: a channel is known when it is one number at every place for every input, as that of a filter of
  /// zeros is after its bias, normalisation and activation. Backwards: a channel is live when something that reaches the output takes it with a
  /// coefficient that is not zero. What is then left out:
  /// - filters that nothing reads, and input channels that a layer takes nothing of. Where others still need them, as the channels of a
  ///   residual stream, a gather in front of the layer (and of the normalisation and activation before it) leaves them out;
  /// - known channels: they become part of the biases of what reads them. A convolution with zero padding sees a constant that ends at the
  ///   border; all such channels of its input are one channel together;
  /// - known channels of a sum's terms, which are then spread out with zeros again, and terms that are known altogether, such as a residual
  ///   branch whose last filters are all pruned.
  ///
  /// Groups of a convolution and blocks of a sort go or stay as a whole; around an operation that treats channels in a way that is not
  /// understood everything stays. Inputs and outputs keep their shapes, nodes their names. The function is the same up to the rounding of
  /// sums of constants, and the same up to the order of summation where none is folded.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` with the layer that lets nothing of the input through, when no output depends on the input any
  ///   more; `NetworkError` when a folded bias overflows.
  /// - Complexity: two passes over the weights, and a copy of those that are kept.
  public func compacted() throws -> Compaction {
    let liveness = try ChannelLiveness(self)
    var builder = CompactNetworkBuilder(self, liveness)
    let network = try builder.build()
    let (before, after) = (NetworkSize(self), NetworkSize(network))
    // Layers that stay keep their order.
    var next = after.layers.makeIterator()
    let kept = nodes.indices.filter { nodes[$0].operation.isLayer }.map { !liveness.live[$0].isEmpty }
    let layers = zip(before.layers, kept).map { Compaction.Layer(before: $0, after: $1 ? next.next() : nil) }
    return Compaction(network: network, before: before, after: after, layers: layers)
  }
}

extension Operation {
  /// Whether it is a dense layer or a convolution.
  fileprivate var isLayer: Bool {
    switch self {
    case .dense, .convolution: true
    default: false
    }
  }
}
