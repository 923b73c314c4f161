import Certificates
import Networks

/// Which functions of a network's outputs are bounded in one run.
public enum TargetSet: Sendable, Equatable {
  /// One selection.
  case one(OutputSelection)
  /// Every output by itself.
  case each
  /// The difference of every two outputs i > j. A difference and its negative have the same constant.
  case pairs
  /// The differences of one output with every other: what certifies that a class stays in front.
  case rivals(of: Int)

  /// The selections, in the order of tables.
  ///
  /// - Throws: `NetworkError` when an output does not exist, or when there is nothing to compare.
  public func selections(outputCount count: Int) throws -> [OutputSelection] {
    let result: [OutputSelection] =
      switch self {
      case .one(let selection): [selection]
      case .each: (0..<count).map { .output($0) }
      case .pairs: (0..<count).flatMap { i in (0..<i).map { .difference(i, $0) } }
      case .rivals(let i): (0..<count).filter { $0 != i }.map { .difference(i, $0) }
      }
    guard !result.isEmpty, result.allSatisfy({ $0.isValid(outputCount: count) }) else {
      throw NetworkError.invalidInput(
        node: "outputs", detail: "\(self) was asked for, but the network has \(count) output\(count == 1 ? "" : "s"), counted from 0")
    }
    return result
  }
}

extension TargetSet: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .one(let selection): selection.description
    case .each: "every output"
    case .pairs: "every pair of outputs"
    case .rivals(let i): "output \(i) against every other"
    }
  }
}
