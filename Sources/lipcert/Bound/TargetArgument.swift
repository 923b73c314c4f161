import ArgumentParser
import Certificates
import Lipschitz

/// The argument of `--target`.
enum TargetArgument {
  /// One selection, or a set of them: `each`, `pairs`, or `I,*`.
  static func parseSet(_ text: String) throws -> TargetSet {
    switch text {
    case "each": return .each
    case "pairs": return .pairs
    default:
      guard text.hasSuffix(",*") else { return .one(try parse(text)) }
      guard let output = Int(text.dropLast(2)), output >= 0 else {
        throw ValidationError("'\(text)' is not an output and its rivals, such as 3,*")
      }
      return .rivals(of: output)
    }
  }

  /// One output, or the difference of two.
  static func parse(_ text: String) throws -> OutputSelection {
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }.filter { $0 >= 0 }
    guard numbers.count == fields.count, 1...2 ~= numbers.count else {
      throw ValidationError("'\(text)' is neither an output such as 3 nor a pair such as 3,5")
    }
    guard numbers.count == 2 else { return .output(numbers[0]) }
    guard numbers[0] != numbers[1] else { throw ValidationError("'\(text)' is the difference of an output with itself") }
    return .difference(numbers[0], numbers[1])
  }
}
