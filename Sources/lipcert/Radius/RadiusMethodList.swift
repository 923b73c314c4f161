import ArgumentParser
import CommandLineSupport
import NetworkFormats
import Robustness

/// The arguments of `--method` and `--attack` of `radius`.
enum RadiusMethodList {
  /// What runs unless something else is asked for.
  static let standard = RadiusMethods.standard

  /// The methods of a comma-separated list, in the order of tables.
  static func parse(_ text: String) throws -> [String] {
    let known = RadiusMethods.names
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    switch names {
    case ["all"]: return known
    case ["none"]: return []
    default: break
    }
    for name in names where !known.contains(name) {
      let hint =
        Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
        ?? "choose from \(known.joined(separator: ", ")), all or none"
      throw ValidationError("unknown method '\(name)'; \(hint)")
    }
    return known.filter(names.contains)
  }

  /// An attack, or none.
  static func parseAttack(_ text: String) throws -> String {
    guard text == "none" || Attacks.named(text) != nil else {
      throw ValidationError("unknown attack '\(text)'; choose from \(Attacks.all.map(\.name).joined(separator: ", ")) or none")
    }
    return text
  }

  /// What each method and attack does and where it comes from, for people.
  static var lines: [String] {
    RadiusMethods.facts.flatMap { [$0.name, "    \($0.summary)", "    \($0.reference)"] }
      + ["Attacks: \(Attacks.all.map(\.name).joined(separator: ", "))"]
  }

  /// The same for machines.
  static var json: JSONValue {
    .object([
      (
        "methods",
        .array(
          RadiusMethods.facts.map {
            .object([("method", .string($0.name)), ("summary", .string($0.summary)), ("reference", .string($0.reference))])
          })
      ),
      ("attacks", .array(Attacks.all.map { .string($0.name) })),
    ])
  }
}
