/// A proof that the problem min c′x subject to Σ xᵢ Fᵢ − F₀ ⪰ 0, or its dual, has no feasible point.
public struct SemidefiniteInfeasibility: Sendable, Equatable, Codable {
  /// What is proved.
  public enum Claim: String, Sendable, Codable {
    /// No x satisfies the inequality.
    case noPoint
    /// No x with |xᵢ| ≤ the assumed bounds satisfies it.
    case noPointWithinBounds
    /// No Y ⪰ 0 satisfies ⟨Fᵢ, Y⟩ = cᵢ; if some x is feasible, then c′x has no lower bound.
    case noDualMatrix
  }

  /// What is proved.
  public let claim: Claim
  /// A proved lower bound of the positive number that contradicts feasibility: −c′x of the ray, or ⟨F₀, Y⟩ less its errors.
  public let margin: Double
  /// What the proof takes for granted.
  public let assumptions: [SemidefiniteAssumption]
  /// The ray x that was proved, for ``Claim/noDualMatrix``.
  public let ray: [Double]?

  init(claim: Claim, margin: Double, assumptions: [SemidefiniteAssumption] = [], ray: [Double]? = nil) {
    self.claim = claim
    self.margin = margin
    self.assumptions = assumptions
    self.ray = ray
  }
}
