/// A value that somebody reports for a network.
struct Reference {
  /// What a reported number claims to be.
  enum Kind: String {
    /// A bound on the Lipschitz constant, or what is meant as one.
    case upper
    /// The optimum of a method, proved from above: equal to it within the stated accuracy.
    case optimum
    /// A gain that an input really attains.
    case lower
  }

  /// The column or method as its source calls it.
  var method: String
  /// The number.
  var value: Double
  /// What it is.
  var kind: Kind = .upper
  /// Seconds as reported, on the source's machine.
  var seconds: Double?
  /// The method of this program it is set beside.
  var counterpart: String
  /// Where it comes from.
  var source: String
  /// Why the number is not what it claims, or is about another network; `nil` when it stands.
  var defect: String?

  /// The methods of this program that answer the question a reported method asks, by the words of its name.
  static func counterpart(of method: String) -> String {
    let pairs = [
      ("MP", "product"), ("product of", "product"), ("naive", "product"), ("LipLT", "lip-lt"), ("Fast", "closed-form"),
      ("ECLipsE", "compositional"), ("CLipSDP", "recursion"), ("2-D system", "recursion"), ("sampled", "attained"),
    ]
    return pairs.first { method.contains($0.0) }?.1 ?? "lifted"
  }
}
