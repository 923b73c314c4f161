/// Widths of layers as people write them: `10,20,20,5`, or `10,20x25,5` with 25 layers of 20.
public enum WidthList {
  /// The most layers a list may have.
  public static let limit = 10_000

  /// The widths, or `nil` when the text is no list of at least two widths between 1 and a million.
  public static func parse(_ text: String) -> [Int]? {
    widths(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
  }

  /// The widths of parts such as `20` and `20x25`, or `nil` when they are none, or fewer than `least`.
  public static func widths(_ parts: [String], least: Int = 2) -> [Int]? {
    var widths: [Int] = []
    for part in parts {
      let factors = part.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard 1...2 ~= factors.count, 1...1_000_000 ~= factors[0], factors.count == 1 || 1...limit ~= factors[1] else { return nil }
      widths += Array(repeating: factors[0], count: factors.count == 2 ? factors[1] : 1)
      guard widths.count <= limit else { return nil }
    }
    return widths.count >= least ? widths : nil
  }
}
