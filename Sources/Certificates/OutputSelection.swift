/// Which function of the network's outputs a bound is about.
public enum OutputSelection: Codable, Sendable, Equatable, CustomStringConvertible {
  /// All outputs, in the Euclidean norm.
  case all
  /// One output.
  case output(Int)
  /// One output minus another: the margin between two classes.
  case difference(Int, Int)

  /// One line for people.
  public var description: String {
    switch self {
    case .all: "all outputs"
    case .output(let i): "output \(i)"
    case .difference(let i, let j): "output \(i) − output \(j)"
    }
  }

  /// Whether the selected outputs exist in a network with `count` outputs.
  public func isValid(outputCount count: Int) -> Bool {
    switch self {
    case .all: true
    case .output(let i): (0..<count).contains(i)
    case .difference(let i, let j): (0..<count).contains(i) && (0..<count).contains(j) && i != j
    }
  }
}
