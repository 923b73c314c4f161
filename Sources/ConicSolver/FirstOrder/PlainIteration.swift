import LinearAlgebra

/// The relaxed iteration w + α (T(w) − w), not accelerated.
struct PlainIteration: Acceleration {
  /// α in (0, 2).
  let relaxation: Double
  var accepted: Int { 0 }
  var rejected: Int { 0 }

  mutating func advance(_ w: inout [Double], step: [Double]) { VectorKernels.add(relaxation, step, to: &w) }
  mutating func reset() {}
}
