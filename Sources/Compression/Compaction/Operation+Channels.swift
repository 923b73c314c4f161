import LinearAlgebra
import Networks

extension Operation {
  /// What is known of channel `channel` of the result of an operation that treats channels one by one.
  ///
  /// - Parameter inputs: that channel of every input, and the inputs' shapes.
  func value(of channel: Int, _ inputs: [ChannelValue], shapes: [Shape]) -> ChannelValue {
    guard let x = inputs.first, let shape = shapes.first else { return .fixed }
    switch self {
    case .batchNormalization(let values):
      let factor = values.scale[channel] / (values.variance[channel] + values.epsilon).squareRoot()
      return factor == 0 ? .known(values.shift[channel]) : x.map { factor * ($0 - values.mean[channel]) + values.shift[channel] }
    case .activation(let activation): return x.map(activation.value)
    case .addConstant(let constant, let sign):
      guard let number = constant.number(of: channel, rank: shape.rank) else { return .joined(inputs) }
      return x.map { sign * $0 + number }
    case .multiplyConstant(let constant):
      guard let number = constant.number(of: channel, rank: shape.rank) else { return x.unlessZero }
      return number == 0 ? .known(0) : x.map { number * $0 }
    case .divideConstant(let constant):
      guard let number = constant.number(of: channel, rank: shape.rank) else { return x.unlessZero }
      return x.map { $0 / number }
    case .parametricReLU(let slopes):
      guard let slope = slopes.number(of: channel, rank: shape.rank) else { return x.unlessZero }
      return x.map { $0 < 0 ? slope * $0 : $0 }
    case .averagePool(let pooling):
      let isPadded = pooling.countsPadding && (pooling.padBefore + pooling.padAfter).contains { $0 != 0 }
      return isPadded ? x.unlessZero : x
    case .pad(_, _, let value): return x == .known(value) ? x : .joined(inputs)
    case .reduction(let axes, _, isMean: false):
      let count = axes.reduce(1) { $0 * shape[$1] }
      return x.map { Double(count) * $0 }
    case .maximum, .minimum:
      guard let a = x.number, let b = inputs[1].number else { return .joined(inputs) }
      if case .maximum = self { return .known(max(a, b)) }
      return .known(min(a, b))
    case .concatenation: return inputs.allSatisfy { $0 == x } ? x : .joined(inputs)
    // Elements of one channel are only moved, averaged or compared with each other.
    default: return x
    }
  }

  /// The operation on some channels only, for one that treats channels one by one.
  func restricted(to channels: [Int], rank: Int) -> Operation {
    switch self {
    case .batchNormalization(let values):
      func part(_ all: [Double]) -> [Double] { channels.map { all[$0] } }
      return .batchNormalization(
        BatchNormalization(
          scale: part(values.scale), shift: part(values.shift), mean: part(values.mean), variance: part(values.variance),
          epsilon: values.epsilon))
    case .addConstant(let constant, let sign): return .addConstant(constant.restricted(to: channels, rank: rank), sign: sign)
    case .multiplyConstant(let constant): return .multiplyConstant(constant.restricted(to: channels, rank: rank))
    case .divideConstant(let constant): return .divideConstant(constant.restricted(to: channels, rank: rank))
    case .parametricReLU(let slopes): return .parametricReLU(slopes: slopes.restricted(to: channels, rank: rank))
    case .slice(let starts, var ends, let steps):
      ends[1] = channels.count
      return .slice(starts: starts, ends: ends, steps: steps)
    default: return self
    }
  }
}

extension ChannelValue {
  /// What becomes of a channel whose elements are each multiplied by another number.
  fileprivate var unlessZero: ChannelValue {
    if case .known(let number) = self, number != 0 { .fixed } else { self }
  }
}

extension Operation.Constant {
  /// The lengths of the axes, with ones in front.
  private func dimensions(rank: Int) -> [Int] { [Int](repeating: 1, count: rank - shape.rank) + shape.dimensions }

  /// The constants of one channel of a tensor with `rank` axes, where they are all the same number.
  fileprivate func number(of channel: Int, rank: Int) -> Double? {
    let part = restricted(to: [channel], rank: rank).values
    return part.allSatisfy { $0 == part[0] } ? part.first : nil
  }

  /// The constants of some channels of a tensor with `rank` axes.
  fileprivate func restricted(to channels: [Int], rank: Int) -> Operation.Constant {
    var lengths = dimensions(rank: rank)
    guard lengths[1] > 1 else { return self }
    let inner = lengths[2...].reduce(1, *)
    let outer = lengths[1] * inner
    lengths[1] = channels.count
    var part: [Double] = []
    for sample in 0..<lengths[0] {
      for channel in channels {
        let start = sample * outer + channel * inner
        part += values[start..<start + inner]
      }
    }
    return Operation.Constant(shape: Shape(lengths), values: part)
  }
}
