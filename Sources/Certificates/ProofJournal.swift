/// What accompanies a long proof: a folder for what it has reached, and somebody who wants to know.
///
/// After each activation node the gain and the multipliers so far are stored. A proof of the same network and multipliers, or the same rule
/// for them, then goes on from there and ends with the same numbers.
public struct ProofJournal {
  /// Where to store, or `nil`.
  public var folder: WorkFolder?
  /// The file's name in it.
  public var name: String
  /// The digest of what chooses the multipliers.
  public var rule: String
  /// Told about the progress on the calling thread, some ten times a second at most.
  public var report: ((ProofProgress) -> Void)?

  /// A journal.
  public init(folder: WorkFolder? = nil, name: String = "proof", rule: String = "", report: ((ProofProgress) -> Void)? = nil) {
    self.folder = folder
    self.name = name
    self.rule = rule
    self.report = report
  }

  /// The digest of numbers that a rule rests on.
  public static func digest(_ lists: [[Double]]) -> String {
    var sha = SHA256()
    for list in lists { sha.update(list: list) }
    return sha.finish()
  }
}
