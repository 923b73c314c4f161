/// The largest radius at which margins are proved positive, guided by the margins themselves.
///
/// Like ``RadiusSearch``, but where the worst margins at two radii are known the next radius is where a straight line between them vanishes:
/// about half the trials of a bisection. The margins need not be monotone: what is returned has passed itself.
enum MarginSearch {
  /// Searches.
  ///
  /// - Parameters:
  ///   - start: a guess, positive and finite.
  ///   - good: a radius that is proved already, or 0.
  ///   - clean: the worst margin at radius `good`, or `nil`.
  ///   - ceiling: nothing at or above it is tried.
  ///   - tolerance: where to stop: the relative distance of the last two radii.
  ///   - mustStop: asked between tests; the best so far is returned.
  ///   - margin: a lower bound of the worst margin within a radius; not positive, or not a number, when nothing is proved.
  /// - Returns: a radius that passed, or 0 when none did down to 10⁻⁸ of the start.
  static func largest(
    from start: Double, good proved: Double = 0, clean: Double? = nil, ceiling: Double? = nil, tolerance: Double, mustStop: () -> Bool,
    margin: (Double) throws -> Double
  ) rethrows -> Double {
    var (good, bad) = (proved, ceiling ?? .infinity)
    var (atGood, atBad): (Double?, Double?) = (clean, nil)
    var next = bad.isFinite ? min(start, 0.5 * (good + bad)) : start
    guard next > 0, next.isFinite else { return good }
    let floor = 1e-8 * next
    var turn = 0
    while !mustStop() {
      let value = try margin(next)
      if value > 0 { (good, atGood) = (next, value) } else { (bad, atBad) = (next, value.isFinite ? value : nil) }
      if good > 0, bad <= good * (1 + tolerance) { break }
      if bad <= floor || good > 1e8 * start { break }
      turn += 1
      if bad.isInfinite {
        next = proved > 0 ? good + 2 * (good - proved) : 3 * good
      } else {
        let middle = good > 0 ? (good * bad).squareRoot() : 0.25 * bad
        guard let atGood, let atBad, turn % 3 != 0 else {
          next = middle
          continue
        }
        // A little to either side of the root, so that both ends close in.
        let root = good + (bad - good) * atGood / (atGood - atBad)
        let target = root * (turn % 3 == 1 ? 1 - 0.3 * tolerance : 1 + 0.3 * tolerance)
        let lowest = good > 0 ? good * (1 + 0.4 * tolerance) : 0.1 * bad
        next = min(max(target, lowest), max(lowest, bad * (1 - 0.4 * tolerance)))
        if !(next > good && next < bad) { next = middle }
      }
    }
    return good
  }
}
