/// Chooses the next point of a fixed-point iteration from what it has seen.
///
/// The operator T is firmly nonexpansive; its *step* at w is T(w) − w. Steps are measured over the first elements of the vectors.
protocol Acceleration {
  /// Replaces w by the next point at which to apply T.
  mutating func advance(_ w: inout [Double], step: [Double])
  /// Forgets the past: T has changed.
  mutating func reset()
  /// Accelerated points (or restarts) that were kept.
  var accepted: Int { get }
  /// Accelerated points that were taken back.
  var rejected: Int { get }
}
