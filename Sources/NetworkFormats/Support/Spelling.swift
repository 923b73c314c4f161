/// Words that were meant where another one stands.
public enum Spelling {
  /// The word nearest to one that is not known, if it is so near that it may have been meant.
  public static func nearest(to word: String, among known: [String]) -> String? {
    known.map { (word: $0, distance: distance($0, word)) }.min { $0.distance < $1.distance }
      .flatMap { $0.distance <= 2 && $0.distance < max($0.word.count, word.count) ? $0.word : nil }
  }

  /// How many letters have to be added, left out or changed to make one word of another.
  private static func distance(_ first: String, _ second: String) -> Int {
    var row = Array(0...second.count)
    for (i, a) in first.enumerated() {
      var previous = row[0]
      row[0] = i + 1
      for (j, b) in second.enumerated() {
        let change = previous + (a == b ? 0 : 1)
        previous = row[j + 1]
        row[j + 1] = min(change, previous + 1, row[j] + 1)
      }
    }
    return row[second.count]
  }
}
