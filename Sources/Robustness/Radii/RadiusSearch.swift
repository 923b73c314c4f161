/// The largest radius that passes a test, by bisection on a logarithmic scale.
///
/// The test need not be monotone: what is returned has passed it itself.
public enum RadiusSearch {
  /// Searches.
  ///
  /// - Parameters:
  ///   - start: a guess, positive and finite.
  ///   - ceiling: nothing at or above it is tried.
  ///   - tolerance: where to stop: the relative distance of the last two radii.
  ///   - mustStop: asked between tests; the best so far is returned.
  ///   - isProved: whether everything within a radius keeps the answer.
  /// - Returns: a radius that passed, or 0 when none did down to 10⁻⁸ of the start.
  public static func largest(
    from start: Double, ceiling: Double? = nil, tolerance: Double, mustStop: () -> Bool = { false },
    isProved: (Double) throws -> Bool
  ) rethrows -> Double {
    var (good, bad) = (0.0, ceiling ?? .infinity)
    var next = min(start, bad.isFinite ? 0.5 * bad : start)
    guard next > 0, next.isFinite else { return 0 }
    let floor = 1e-8 * next
    while !mustStop() {
      if try isProved(next) { good = next } else { bad = next }
      if good > 0, bad <= good * (1 + tolerance) { break }
      if bad <= floor || good > 1e8 * start { break }
      if good == 0 {
        next = 0.25 * bad
      } else if bad.isInfinite {
        next = 4 * good
      } else {
        next = (good * bad).squareRoot()
      }
    }
    return good
  }
}
