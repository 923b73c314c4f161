import ArgumentParser
import Certificates

/// The argument of `--target`.
enum TargetArgument {
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
