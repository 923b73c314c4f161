import LinearAlgebra
import Networks

/// Whether an activation node h = φ(p), p = Σ A s, is better eliminated in favour of the s than of p.
///
/// With p, the factor's inverse is triangular, but p has to be substituted afterwards, and is another node beside those that are live anyway:
/// in a residual block z = s + Σ C h it would double the gain. The choice depends on sizes and sectors alone.
struct Fusion {
  /// Whether it is.
  let pays: Bool
  /// The entries of the maps A.
  let entries: Double

  /// Decides.
  ///
  /// - Parameters:
  ///   - terms: the A s, or `nil` when p is not affine.
  ///   - units: the number of units.
  ///   - isReplaceable: whether p may be left out: it is not live, and the sectors allow it.
  ///   - others: the other live nodes and their sizes.
  init(_ terms: [AffineTerm]?, units: Int, isReplaceable: Bool, others: [Int: Int]) {
    guard isReplaceable, let terms else {
      (pays, entries) = (false, 0)
      return
    }
    let entries = terms.reduce(0) { $0 + $1.entryBound }
    self.entries = entries
    let (e, o) = (Double(units), others.values.reduce(0) { $0 + Double($1) })
    let fresh = Dictionary(terms.map { ($0.source, $0.inputCount) }) { first, _ in first }.filter { others[$0.key] == nil }
    let r = fresh.values.reduce(o) { $0 + Double($1) }
    let direct = e * e * r / 2 + e * r * r / 2 + entries
    let stepwise = e * e * e / 3 + e * e * o + e * o * o / 2 + entries * (e + o + (r - o) / 2)
    pays = direct <= stepwise
  }
}
