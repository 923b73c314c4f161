/// The multipliers t = |A| / (d |P|) of a lifted iterate, kept away from 0 and infinity.
enum LiftedMultipliers {
  /// One multiplier for each unit or channel.
  ///
  /// A unit with hardly any input gets a multiplier as if it had 10⁻¹² of the largest, one with hardly any effect 10⁻¹² of the largest
  /// multiplier: both are at a distance from the optimum that is far below any tolerance, and keep the recursion's pivots positive.
  ///
  /// - Parameters:
  ///   - effects: |A|.
  ///   - reaches: d |P|.
  static func values(effects: [Double], reaches: [Double]) -> [Double] {
    let floor = max(1e-12 * (reaches.max() ?? 0), 1e-100)
    let raw = zip(effects, reaches).map { $0 / max($1, floor) }
    let least = 1e-12 * (raw.max() ?? 0)
    return raw.map { max($0, least) }
  }
}
