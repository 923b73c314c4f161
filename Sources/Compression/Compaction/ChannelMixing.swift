import LinearAlgebra
import Networks

/// A dense layer or a convolution as a sum over input channels.
struct ChannelMixing: Sendable {
  /// Filters × (input channels of a group · kernel elements).
  let weight: Matrix<Double>
  /// One value for each filter.
  let bias: [Double]?
  /// The elements of a kernel.
  let kernel: Int
  /// The number of groups.
  let groups: Int
  /// Whether zeros are added around the input, so that a constant channel does not yield a constant.
  let isPadded: Bool
  /// Whether a filter takes anything of a channel of its group: filters × input channels of a group.
  private let takes: [Bool]

  /// The view of an operation on a tensor of so many axes; `nil` for a dense layer along another axis than that of channels.
  init?(_ operation: Operation, rank: Int) {
    switch operation {
    case .dense(let weight, let bias) where rank == 2:
      (self.weight, self.bias, kernel, groups, isPadded) = (weight, bias, 1, 1, false)
    case .convolution(let convolution):
      (weight, bias, groups) = (convolution.weight, convolution.bias, convolution.groups)
      kernel = convolution.kernel.reduce(1, *)
      isPadded = (convolution.padBefore + convolution.padAfter).contains { $0 != 0 }
    default: return nil
    }
    var takes = [Bool](repeating: false, count: weight.elements.count / kernel)
    for (place, value) in weight.elements.enumerated() where value != 0 { takes[place / kernel] = true }
    self.takes = takes
  }

  /// The filters, and the input channels and filters of one group.
  var filters: Int { weight.rows }
  var channelsOfGroup: Int { weight.columns / kernel }
  var filtersOfGroup: Int { weight.rows / groups }

  /// Whether a filter takes anything of channel `place` of its group.
  func takes(_ filter: Int, _ place: Int) -> Bool { takes[filter * channelsOfGroup + place] }

  /// The coefficients of a filter on channel `place` of its group.
  func coefficients(_ filter: Int, _ place: Int) -> ArraySlice<Double> {
    let start = filter * weight.columns + place * kernel
    return weight.elements[start..<start + kernel]
  }

  /// What is known of a filter's channel of the result.
  func value(of filter: Int, _ input: [ChannelValue]) -> ChannelValue {
    let first = filter / filtersOfGroup * channelsOfGroup
    var (result, isFixed) = (bias?[filter] ?? 0, false)
    for place in 0..<channelsOfGroup where takes(filter, place) {
      switch input[first + place] {
      case .varying: return .varying
      case .known(let number) where number == 0 || !isPadded: result += number * coefficients(filter, place).reduce(0, +)
      case .known, .fixed: isFixed = true
      }
    }
    return isFixed ? .fixed : .known(result)
  }
}

extension Operation.Convolution {
  /// The same geometry with other weights.
  func with(_ weight: Matrix<Double>, _ bias: [Double]?, groups: Int) -> Self {
    Self(
      weight: weight, bias: bias, kernel: kernel, strides: strides, dilations: dilations, padBefore: padBefore, padAfter: padAfter,
      groups: groups)
  }
}
