import Certificates
import Foundation

/// Multipliers and input weights that the variables of a ``LipschitzInequality`` are measured in.
///
/// Any positive numbers are exact; those of a closed-form or earlier bound are good.
public struct LipschitzScale: Sendable, Equatable {
  /// One t for each unit of each activation node; those that are not positive are replaced by typical ones.
  public var multipliers: [[Double]]
  /// ρ for the l₂ norm, one d for each input for the l_∞ norm.
  public var inputWeights: [Double]

  /// Collects the parts.
  public init(multipliers: [[Double]], inputWeights: [Double]) {
    self.multipliers = multipliers
    self.inputWeights = inputWeights
  }

  /// k such that 4ᵏ is about `value`, in a range that leaves room for products.
  static func exponent(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    return max(-200, min(200, (log2(value) / 2).rounded()))
  }

  /// 2ᵏ.
  static func power(_ k: Double) -> Double { exp2(k) }
}
