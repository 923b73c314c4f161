/// Decides whether the rank of the lifted iteration binds, and when neither side moves any more.
///
/// With a rank above that of the optimal dual the smallest singular value of V₀ tends to zero; measured, a rank that binds leaves it above
/// 10⁻² of the largest. Growing costs iterations, so it happens only when the lower side has come to rest without meeting the upper one.
struct RankWatch {
  enum Advice {
    case goOn
    case grow(Int)
    case stop
  }

  private var lastLower = 0.0
  private var lastGap = Double.infinity
  private var restingChecks = 0
  private let largestRank = 256

  /// What to do after a check of the two sides.
  mutating func advice(lower: Double, gap: Double, spectrum: [Double], rank: Int) -> Advice {
    let lowerRests = lower <= lastLower * (1 + 1e-7)
    let gapRests = gap > 0.98 * lastGap
    lastLower = lower
    lastGap = min(gap, lastGap)
    restingChecks = lowerRests && gapRests ? restingChecks + 1 : 0
    if restingChecks >= 3, spectrum.last ?? 0 > 1e-2, rank < largestRank {
      restingChecks = -4
      return .grow(2 * rank)
    }
    return restingChecks >= 12 ? .stop : .goOn
  }
}
