import LinearAlgebra
import Networks

/// How the channels of an operation's result come from those of its inputs. Channels are axis 1; after flattening every element is one.
enum ChannelFlow: Sendable {
  /// The network's input.
  case input
  /// Channel c of the result is made of channel c of every input.
  case pointwise
  /// Likewise, by addition.
  case sum(signs: [Double])
  /// Every channel of the result is a sum over channels of the input: a dense layer or a convolution.
  case mixing(ChannelMixing)
  /// Channel c of the result is the listed channel of the input, or a constant where there is none.
  case selection([Int?], constant: Double)
  /// Consecutive channels in blocks: each block of the result is made of the same block of the input.
  case blocks(Int)
  /// A reshape by which every channel becomes so many consecutive ones: flattening.
  case split(Int)
  /// A reshape by which so many consecutive channels become one.
  case merge(Int)
  /// The inputs' channels one after the other.
  case concatenation
  /// Any channel of the result may be made of any channels of the inputs.
  case opaque

  /// How a node of a network treats channels.
  init(_ node: Network.Node, in network: Network) {
    if case .input = node.operation {
      self = .input
      return
    }
    let inputs = node.inputs.map { network.nodes[$0].shape }
    guard node.shape.rank >= 2, inputs.allSatisfy({ $0.rank >= 2 }), let x = inputs.first else {
      self = .opaque
      return
    }
    self = node.operation.channelFlow(x, inputs, node.shape)
  }
}

extension Operation {
  /// How the operation treats channels of tensors that have a channel axis.
  fileprivate func channelFlow(_ x: Shape, _ inputs: [Shape], _ y: Shape) -> ChannelFlow {
    switch self {
    case .input: .input
    case .dense, .convolution: ChannelMixing(self, rank: x.rank).map { .mixing($0) } ?? .opaque
    case .batchNormalization, .activation, .averagePool, .globalAveragePool, .maxPool, .maximum, .minimum: .pointwise
    case .addConstant(let constant, _), .multiplyConstant(let constant), .divideConstant(let constant), .parametricReLU(let constant):
      x == y && constant.shape.rank <= x.rank ? .pointwise : .opaque
    case .sum(let signs): inputs.allSatisfy { $0 == y } ? .sum(signs: signs) : .opaque
    case .concatenation(let axis): axis == 1 ? .concatenation : .pointwise
    case .slice(let starts, _, let steps):
      Self.flow(
        .selection((0..<y[1]).map { starts[1] + $0 * (y[1] == 1 ? 0 : steps[1]) }, constant: 0),
        isChannelwise: x[1] != y[1] || steps[1] != 1,
        isElsewhere: (0..<x.rank).contains { $0 != 1 && (x[$0] != y[$0] || steps[$0] != 1) })
    case .pad(let before, let after, let value):
      Self.flow(
        .selection((0..<y[1]).map { (0..<x[1]).contains($0 - before[1]) ? $0 - before[1] : nil }, constant: value),
        isChannelwise: before[1] != 0 || after[1] != 0,
        isElsewhere: (0..<x.rank).contains { $0 != 1 && (before[$0] != 0 || after[$0] != 0) })
    case .gather(1, let indices, true): .selection(indices, constant: 0)
    case .gather(let axis, _, _): axis >= 2 ? .pointwise : .opaque
    case .reduction(let axes, _, _): axes.allSatisfy { $0 >= 2 } ? .pointwise : .opaque
    case .transpose(let permutation): permutation[0] == 0 && permutation[1] == 1 ? .pointwise : .opaque
    case .groupSort(let size, let axis): axis == 1 ? .blocks(size) : axis >= 2 ? .pointwise : .opaque
    case .reshape: Self.reshapeFlow(x, y)
    }
  }

  /// Element e of a sample belongs to channel ⌊e / inner⌋ before and after, where one inner length divides the other.
  private static func reshapeFlow(_ x: Shape, _ y: Shape) -> ChannelFlow {
    guard x[0] == y[0] else { return .opaque }
    return y[1].isMultiple(of: x[1]) ? .split(y[1] / x[1]) : x[1].isMultiple(of: y[1]) ? .merge(x[1] / y[1]) : .opaque
  }

  private static func flow(_ selection: ChannelFlow, isChannelwise: Bool, isElsewhere: Bool) -> ChannelFlow {
    isChannelwise ? isElsewhere ? .opaque : selection : .pointwise
  }
}

extension Shape {
  /// The length of the channel axis; a tensor without one counts as one channel.
  var channels: Int { rank >= 2 ? self[1] : 1 }
}
