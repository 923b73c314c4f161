import ArgumentParser
import NetworkFormats

/// The first word of a command line.
enum CommandName {
  /// Refuses a word that no command has, also after `help`, and says what may have been meant.
  ///
  /// - Parameter arguments: of the process, its name first.
  /// - Throws: ``CommandError``.
  static func require(in arguments: [String]) throws {
    let words = arguments.dropFirst()
    guard let name = words.first == "help" ? words.dropFirst().first : words.first, !name.hasPrefix("-") else { return }
    let known = Lipcert.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !known.contains(name) else { return }
    let hint = Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" } ?? "'lipcert --help' lists them"
    throw CommandError(.usage, "there is no command '\(name)'; \(hint)")
  }
}
