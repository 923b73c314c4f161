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
