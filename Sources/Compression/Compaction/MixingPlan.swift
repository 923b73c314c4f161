import LinearAlgebra
import Networks

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
