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

/// Which input channels a dense layer or a convolution reads after compaction, and with what coefficients, where the filters that stay are of
/// one group.
///
/// Channels that are known need not be read. Without padding their contribution Σ c w is a bias. With zero padding it depends on the place,
/// but in the same way for all of them: the contributions of channels with the constants cᵢ are together that of one of them, j, with the
/// coefficients Σ (cᵢ / cⱼ) wᵢ.
struct MixingPlan: Sendable {
  /// A channel that is read; its coefficients are the sum of those of the listed channels, each times its factor.
  struct Column: Sendable {
    var channel: Int
    var terms: [(channel: Int, factor: Double)]
  }

  /// The channels that are read, ascending.
  var columns: [Column] = []
  /// The channels that become part of the bias, with their constants.
  var folded: [(channel: Int, number: Double)] = []

  /// The first input channel of the filters' group.
  private let first: Int

  /// The plan for some filters; `anchor` is read with zero coefficients where nothing else is, as a layer has at least one input channel.
  ///
  /// `nil` when they are of several groups.
  init?(_ mixing: ChannelMixing, filters: [Int], input: [ChannelValue], anchor: Int) {
    let groups = Set(filters.map { $0 / mixing.filtersOfGroup })
    guard groups.count == 1, let group = groups.first else { return nil }
    first = group * mixing.channelsOfGroup
    var known: [(channel: Int, number: Double)] = []
    for place in 0..<mixing.channelsOfGroup where filters.contains(where: { mixing.takes($0, place) }) {
      let channel = first + place
      switch input[channel] {
      case .known(let number): if number != 0 { known.append((channel, number)) }
      case .fixed, .varying: columns.append(Column(channel: channel, terms: [(channel, 1)]))
      }
    }
    // A layer that would read nothing else keeps one of them: no bias is needed then.
    let isFolded = !mixing.isPadded && !columns.isEmpty
    if isFolded { folded = known }
    // Factors are at most one in magnitude: rounding errors do not grow.
    if !isFolded, let representative = known.max(by: { $0.number.magnitude < $1.number.magnitude }) {
      columns.append(
        Column(channel: representative.channel, terms: known.map { ($0.channel, $0.number / representative.number) }))
      columns.sort { $0.channel < $1.channel }
    }
    if columns.isEmpty { columns = [Column(channel: anchor, terms: [])] }
  }

  /// The operation that reads only the planned channels, for some filters.
  func applied(to operation: Operation, _ mixing: ChannelMixing, filters: [Int]) -> Operation {
    var elements: [Double] = []
    elements.reserveCapacity(filters.count * columns.count * mixing.kernel)
    for filter in filters {
      for column in columns {
        if column.terms.count == 1, column.terms[0].factor == 1 {
          elements += mixing.coefficients(filter, column.terms[0].channel - first)
          continue
        }
        var sum = [Double](repeating: 0, count: mixing.kernel)
        for term in column.terms {
          for (place, value) in mixing.coefficients(filter, term.channel - first).enumerated() { sum[place] += term.factor * value }
        }
        elements += sum
      }
    }
    var bias = mixing.bias.map { bias in filters.map { bias[$0] } }
    if !folded.isEmpty {
      bias = filters.enumerated().map { place, filter in
        folded.reduce(bias?[place] ?? 0) { $0 + $1.number * mixing.coefficients(filter, $1.channel - first).reduce(0, +) }
      }
    }
    let weight = Matrix(rows: filters.count, columns: columns.count * mixing.kernel, elements: elements)
    if case .convolution(let convolution) = operation { return .convolution(convolution.with(weight, bias, groups: 1)) }
    return .dense(weight: weight, bias: bias)
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
