import Foundation
import Testing

/// What a refusal looks like: one clear sentence that names the file, nothing printed, nothing left behind.
enum Refusal {
  /// Words that people who use the program should never see.
  private static let jargon = [
    "NSCocoa", "Domain", "Foundation", "Optional(", "Error(", "CocoaError", "The operation could", "Fatal", "fatal", "Swift",
    "error: error",
    "lipcert: lipcert", "No such file or directory", "Is a directory",
  ]

  /// Requires that a run ended with one sentence about `place` and did nothing.
  static func expect(
    _ run: Tool.Result, status: Int32, about place: String, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let words: Comment = "\(comment): \(run.status) \(run.errors)"
    #expect(run.status == status, words, sourceLocation: sourceLocation)
    #expect(run.errors.hasPrefix("lipcert: error: \(place): "), words, sourceLocation: sourceLocation)
    #expect(run.errors.hasSuffix("\n") && run.errors.count(where: \.isNewline) == 1, words, sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, words, sourceLocation: sourceLocation)
    isPlain(run.errors, words, sourceLocation: sourceLocation)
  }

  /// Requires that a message has no jargon, says no thing twice and commands no terminal.
  static func isPlain(_ message: String, _ words: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
    for word in jargon { #expect(!message.contains(word), words, sourceLocation: sourceLocation) }
    #expect(
      !message.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || 0x7F..<0xA0 ~= $0.value }, words, sourceLocation: sourceLocation)
    let parts = message.components(separatedBy: ": ")
    for (a, b) in zip(parts, parts.dropFirst()) { #expect(a != b, words, sourceLocation: sourceLocation) }
  }
}

/// Runs as somebody whom permissions stop, which the administrator is not.
enum Unprivileged {
  private static let prefix = geteuid() == 0 ? "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"" : "exec \"$@\""

  /// Whether that can be done here: the program has to be where everybody may start it.
  static let isPossible: Bool = {
    guard Tool.isBuilt, let folder = try? TemporaryFolder() else { return false }
    return (try? run("--version", in: folder).status) == 0
  }()

  /// Runs the program.
  static func run(_ arguments: String, in folder: TemporaryFolder) throws -> Tool.Result {
    try Tool.shell(prefix, arguments, in: folder)
  }
}

extension Trait where Self == ConditionTrait {
  /// Tests about permissions.
  static var needsPermissions: ConditionTrait {
    .enabled(if: Unprivileged.isPossible, "permissions do not stop the administrator, and nobody else can run the program here")
  }
}
