import Certificates

extension SHA256 {
  /// The digest of words in order, each with its length, so that no two lists are one.
  static func digest(ofWords words: [String]) -> String {
    var sha = SHA256()
    for word in words {
      sha.update(UInt64(word.utf8.count))
      sha.update(word.utf8)
    }
    return sha.finish()
  }
}
