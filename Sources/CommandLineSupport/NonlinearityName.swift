import NetworkFormats
import Networks

/// The words for activation functions on the command line: `relu`, `leakyReLU:0.1`, `clip:-1,1`, `groupSort:2`.
public enum NonlinearityName {
  private static let plain: [Activation] = [
    .relu, .tanh, .sigmoid, .softplus, .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue,
  ]

  /// The words, for help and messages.
  public static let choices =
    plain.map(\.name) + ["leakyReLU:SLOPE", "elu:ALPHA", "clip:LOWER,UPPER", "hardSigmoid:SLOPE,OFFSET", "groupSort:SIZE"]

  /// The word that says it.
  public static func word(for nonlinearity: NPZNonlinearity) -> String {
    switch nonlinearity {
    case .groupSort(let size): "groupSort:\(size)"
    case .activation(let activation):
      activation.name + (activation.parameters.isEmpty ? "" : ":" + activation.parameters.map { "\($0)" }.joined(separator: ","))
    }
  }

  /// What a word says, or `nil` when it says nothing.
  public static func parse(_ text: String) -> NPZNonlinearity? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let word = parts[0].lowercased()
    guard parts.count == 2 else { return plain.first { $0.name.lowercased() == word }.map(NPZNonlinearity.activation) }
    let fields = parts[1].split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Double($0) }.filter(\.isFinite)
    guard numbers.count == fields.count else { return nil }
    switch (word, numbers.count) {
    case ("leakyrelu", 1): return .activation(.leakyReLU(slope: numbers[0]))
    case ("elu", 1): return .activation(.elu(alpha: numbers[0]))
    case ("clip", 2): return numbers[0] <= numbers[1] ? .activation(.clip(lower: numbers[0], upper: numbers[1])) : nil
    case ("hardsigmoid", 2): return .activation(.hardSigmoid(slope: numbers[0], offset: numbers[1]))
    case ("groupsort", 1): return Int(exactly: numbers[0]).flatMap { $0 >= 2 ? .groupSort(size: $0) : nil }
    default: return nil
    }
  }
}
