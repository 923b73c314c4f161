/// Why a question about robustness cannot be asked.
public enum RobustnessError: Error, Equatable, CustomStringConvertible {
  /// The input has another length than the network takes.
  case wrongInputLength(expected: Int, found: Int)
  /// The input has a value that is not finite, or too large.
  case invalidInput(String)
  /// The label is no class of the network.
  case wrongLabel(Int, classCount: Int)
  /// Radii are in the norms l₂ and l_∞.
  case unsupportedNorm(String)

  /// One line for people.
  public var description: String {
    switch self {
    case .wrongInputLength(let expected, let found): "an input has \(found) values, but the network takes \(expected)"
    case .invalidInput(let detail): "an input cannot be used: \(detail)"
    case .wrongLabel(let label, let count): "the label \(label) is not one of the \(count) classes, counted from 0"
    case .unsupportedNorm(let name): "radii are in the norms l2 and linf, not \(name)"
    }
  }
}
