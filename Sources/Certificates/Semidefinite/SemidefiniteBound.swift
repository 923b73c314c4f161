/// A proved bound of the optimum of min c′x subject to Σ xᵢ Fᵢ − F₀ ⪰ 0.
public struct SemidefiniteBound: Sendable, Equatable, Codable {
  /// On which side of the optimum the bound lies.
  public enum Side: String, Sendable, Codable {
    /// The optimum is at most the value.
    case upper
    /// The optimum is at least the value.
    case lower
  }

  /// How it is proved; see <doc:Semidefinite>.
  public enum Method: String, Sendable, Codable {
    /// The value is c′x of a point that is proved feasible.
    case feasiblePoint
    /// The same with a point that had to be moved to become feasible.
    case repairedPoint
    /// c′x and a penalty for the infeasibility of x.
    case dualTraceBounds
    /// A matrix Y ⪰ 0 that satisfies ⟨Fᵢ, Y⟩ = cᵢ exactly is proved to exist near a given one.
    case feasibleDual
    /// ⟨F₀, Y⟩ of a matrix Y ⪰ 0 and a penalty for its errors in ⟨Fᵢ, Y⟩ = cᵢ.
    case variableBounds
  }

  /// The side.
  public let side: Side
  /// The bound, rounded to the safe side.
  public let value: Double
  /// How it is proved.
  public let method: Method
  /// What the proof takes for granted, besides the problem itself; empty for bounds that hold without conditions.
  public let assumptions: [SemidefiniteAssumption]
  /// The feasible point of an upper bound that has one.
  public let point: [Double]?
  /// How far it was moved, relative to the largest step tried, or the weight of the interior matrix that was added; 0 without repair.
  public let repair: Double

  init(
    side: Side, value: Double, method: Method, assumptions: [SemidefiniteAssumption] = [], point: [Double]? = nil, repair: Double = 0
  ) {
    self.side = side
    self.value = value
    self.method = method
    self.assumptions = assumptions
    self.point = point
    self.repair = repair
  }

  /// The same bound, proved of vectors that a search has moved by `repair`.
  func repaired(_ repair: Double) -> SemidefiniteBound {
    SemidefiniteBound(
      side: side, value: value, method: method == .feasiblePoint ? .repairedPoint : method, assumptions: assumptions, point: point,
      repair: repair)
  }
}

/// What is proved of the optimum from both sides.
public struct SemidefiniteEnclosure: Sendable, Equatable, Codable {
  /// The optimum is at most this.
  public let upper: SemidefiniteBound?
  /// The optimum is at least this.
  public let lower: SemidefiniteBound?
}

/// Something a proof takes for granted because the caller says so.
public enum SemidefiniteAssumption: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The infimum is that over the feasible x with |xᵢ| ≤ these bounds; it is enough that one optimal x satisfies them.
  case variableBounds([Double])
  /// The supremum of the dual is that over the feasible Y with tr Y_k ≤ these bounds, one for each block.
  case dualTraceBounds([Double])
  /// The optima of the problem and its dual are equal, as they are when one of them has an interior point.
  case noDualityGap

  /// One sentence for people.
  public var description: String {
    switch self {
    case .variableBounds(let bounds): "some optimal point has |x| at most the given bounds (largest \(bounds.max() ?? 0))"
    case .dualTraceBounds(let bounds): "some optimal dual matrix has traces at most the given bounds (largest \(bounds.max() ?? 0))"
    case .noDualityGap: "the optima of the problem and its dual are equal"
    }
  }
}

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
