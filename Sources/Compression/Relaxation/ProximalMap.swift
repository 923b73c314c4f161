import Foundation

/// The proximal map of a penalty with a fixed weight: w ↦ argmin μ P(u) + (u − w)² / 2.
///
/// Numbers that are not finite stay what they are, so that a run that diverged is seen to have done so.
public struct ProximalMap: Sendable, Hashable {
  /// P.
  public let penalty: Penalty
  /// μ.
  public let weight: Double
  /// The largest |w| that is mapped to zero.
  public let threshold: Double

  /// The map of a penalty.
  ///
  /// - Parameters:
  ///   - penalty: P, with a valid constant.
  ///   - weight: μ, not negative.
  public init(_ penalty: Penalty, weight: Double) {
    self.penalty = penalty
    self.weight = weight
    threshold = penalty.threshold(weight: weight)
  }

  /// The image of a number; ties go to zero.
  ///
  /// The closed form of transformed l₁ is written with the sine of a third of an angle, (2/3) (a + |w|) cos(φ/3) − 2a/3 + |w|/3 =
  /// |w| − (4/3) (a + |w|) sin²(φ/6) with φ = 2 arcsin √q and q = 27 μ a (a + 1) / (4 (a + |w|)³), so that nothing cancels where a is large.
  public func callAsFunction(_ w: Double) -> Double {
    let size = abs(w)
    if size <= threshold { return 0 }
    switch penalty {
    case .l0: return w
    case .l1: return w < 0 ? w + weight : w - weight
    case .transformedL1(let a):
      guard size.isFinite else { return w }
      let sum = a + size
      let q = 6.75 * weight * (a / sum) * ((a + 1) / sum) / sum
      let sine = sin(asin(min(1, q).squareRoot()) / 3)
      let image = max(0, size - 4 / 3 * sum * sine * sine)
      return w < 0 ? -image : image
    }
  }

  /// Maps every number of a buffer for itself.
  func apply(to values: UnsafeMutableBufferPointer<Float>) {
    // A Float lies below the threshold just when it lies below the largest Float that does.
    var below = Float(threshold)
    if Double(below) > threshold { below = below.nextDown }
    if penalty == .l0 {
      for i in values.indices { values[i] = abs(values[i]) <= below ? 0 : values[i] }
    } else {
      for i in values.indices { values[i] = abs(values[i]) <= below ? 0 : Float(self(Double(values[i]))) }
    }
  }
}
