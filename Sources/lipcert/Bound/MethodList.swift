import ArgumentParser
import CommandLineSupport
import Lipschitz
import NetworkFormats

/// The argument of `--method`.
enum MethodList {
  /// What runs unless something else is asked for.
  static let standard = ["lifted", "attained"]

  /// The methods of a comma-separated list, in the order of tables.
  static func parse(_ text: String) throws -> [String] {
    let known = Estimators.names
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names == ["all"] { return known }
    for name in names where !known.contains(name) {
      let hint =
        Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" } ?? "choose from \(known.joined(separator: ", ")) or all"
      throw ValidationError("unknown method '\(name)'; \(hint)")
    }
    return known.filter(names.contains)
  }

  /// What each method does and where it comes from, for people.
  static var lines: [String] {
    Estimators.names.flatMap { name -> [String] in
      let facts = MethodFacts.named(name)
      return [name] + [facts?.summary, facts?.reference].compactMap { $0 }.map { "    \($0)" }
    }
  }

  /// The same for machines.
  static var json: JSONValue {
    .array(
      Estimators.names.map { name in
        let facts = MethodFacts.named(name)
        return .object([("method", .string(name)), ("summary", .text(facts?.summary)), ("reference", .text(facts?.reference))])
      })
  }
}
