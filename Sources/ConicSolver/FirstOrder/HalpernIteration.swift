/// Restarted reflected Halpern iteration: wₖ₊₁ = (k + 1)/(k + 2) (2T(wₖ) − wₖ) + 1/(k + 2) w₀.
///
/// Restarts at the rules of cuPDLPx (Lu, Peng, Yang 2025): the step has shrunk to a fifth of its length at the last restart, or to a half
/// and grows again, or the iterations since the last restart are 0.36 of all.
struct HalpernIteration: Acceleration {
  /// The part of the vectors in which steps are measured.
  let measured: Int
  private var anchor: [Double] = []
  private var inner = 0
  private var total = 0
  private var firstLength = 0.0
  private var lastLength = Double.infinity
  private(set) var accepted = 0
  var rejected: Int { 0 }

  init(measured: Int) { self.measured = measured }

  mutating func advance(_ w: inout [Double], step: [Double]) {
    let length = VectorKernels.norm(step, count: measured)
    if !anchor.isEmpty, inner > 0 {
      let shrunk = length <= 0.2 * firstLength || (length <= 0.5 * firstLength && length > lastLength)
      if shrunk || Double(inner) >= 0.36 * Double(total) && inner > 10 {
        anchor = []
        accepted += 1
      }
    }
    if anchor.isEmpty {
      anchor = w
      inner = 0
      firstLength = length
    }
    lastLength = length
    let fraction = Double(inner + 1) / Double(inner + 2)
    let count = w.count
    w.withUnsafeMutableBufferPointer { w in
      step.withUnsafeBufferPointer { step in
        anchor.withUnsafeBufferPointer { anchor in
          for k in 0..<count { w[k] = fraction * (w[k] + 2 * step[k]) + (1 - fraction) * anchor[k] }
        }
      }
    }
    inner += 1
    total += 1
  }

  mutating func reset() { anchor = [] }
}
