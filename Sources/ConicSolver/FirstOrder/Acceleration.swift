import LinearAlgebra

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

/// The relaxed iteration w + α (T(w) − w), not accelerated.
struct PlainIteration: Acceleration {
  /// α in (0, 2).
  let relaxation: Double
  var accepted: Int { 0 }
  var rejected: Int { 0 }

  mutating func advance(_ w: inout [Double], step: [Double]) { VectorKernels.add(relaxation, step, to: &w) }
  mutating func reset() {}
}
