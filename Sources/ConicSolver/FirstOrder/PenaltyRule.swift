/// When and how far the penalty moves towards its balanced value.
struct PenaltyRule {
  private var next = 25

  /// The new penalty, or `nil` to leave it.
  ///
  /// Iterates far from feasible tell nothing of the balance at the solution. A change costs the acceleration its memory, so small ones are
  /// not worth it.
  mutating func change(of penalty: Double, balanced: Double, iteration: Int, error: Double) -> Double? {
    guard iteration >= next, error < 0.5 || iteration >= 1000 else { return nil }
    next = iteration + (iteration + 1) / 2
    let target = min(max((penalty * balanced).squareRoot(), 1e-6), 1e6)
    guard target.isFinite, target > 1.5 * penalty || 1.5 * target < penalty else { return nil }
    return target
  }
}
