/// A slope sector [α, β]: every pair of inputs s, t considered satisfies α ≤ (φ(s) − φ(t)) / (s − t) ≤ β.
public struct Sector: Hashable, Sendable {
  /// α, the least slope.
  public let lower: Double
  /// β, the greatest slope.
  public let upper: Double

  /// The sector [lower, upper].
  ///
  /// - Precondition: `lower <= upper`, both finite.
  public init(_ lower: Double, _ upper: Double) {
    precondition(lower <= upper && lower.isFinite && upper.isFinite, "a sector is a finite interval")
    self.lower = lower
    self.upper = upper
  }

  /// Whether the unit is linear for the inputs considered.
  public var isPoint: Bool { lower == upper }
}
