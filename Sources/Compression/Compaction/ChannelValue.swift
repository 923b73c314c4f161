/// What is known of one channel of a tensor for every input of the network.
enum ChannelValue: Sendable, Equatable {
  /// Every element is this number.
  case known(Double)
  /// The elements do not depend on the input, but differ from place to place.
  case fixed
  /// The elements may depend on the input.
  case varying

  /// The number that every element is.
  var number: Double? { if case .known(let number) = self { number } else { nil } }

  /// What a function of several channels is when nothing but their dependence on the input is known.
  static func joined(_ values: some Sequence<ChannelValue>) -> ChannelValue { values.contains(.varying) ? .varying : .fixed }

  /// A function of one number, applied to every element.
  func map(_ function: (Double) -> Double) -> ChannelValue { number.map { .known(function($0)) } ?? self }
}
