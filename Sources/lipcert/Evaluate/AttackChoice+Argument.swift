import ArgumentParser
import Training

extension AttackChoice {
  /// Reads a list such as `fgsm,pgd20`; `none` is an empty one.
  static func parse(_ text: String) throws -> [AttackChoice] {
    if text == "none" { return [] }
    var choices: [AttackChoice] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let choice = AttackChoice(word) else { throw ValidationError("unknown attack '\(word)'; choose from \(names), or none") }
      guard !choices.contains(choice) else { throw ValidationError("attack '\(word)' is named twice") }
      choices.append(choice)
    }
    return choices
  }
}
