/// A bound on the optimal value of a linear program that is true whatever produced it.
///
/// For min c'x and any multipliers y of the rows, with d = c − A'y,
///
///     c'x = y'(A x) + d'x ≥ Σ_i min { y_i r : l_i ≤ r ≤ u_i } + Σ_j min { d_j t : l_j ≤ t ≤ u_j }
///
/// for every feasible x. The right side is evaluated with outward rounding from the data and y alone (Neumaier, Shcherbina: Safe bounds in
/// linear and mixed-integer linear programming, Math. Program. 99, 2004, doi:10.1007/s10107-003-0433-3). It is −∞ where a multiplier falls
/// on an infinite bound, be it by the last bit, and in three steps that is mended,
/// after columns that are each other's negatives have been taken together:
/// 1. bounds that the rows imply take the place of infinite ones (`BoundPropagation`);
/// 2. y is moved, in exact arithmetic, to a point where the offending reduced costs vanish; the point is not known, but proved to exist
///    within a small box around y, and the sum is evaluated for the whole box (`DualShift`);
/// 3. the solver is asked for multipliers with a margin (see ``LinearProgram/solve(settings:from:log:isCancelled:)``; after Jansson: Rigorous
///    lower and upper bounds in linear programming, SIAM J. Optim. 14, 2004).
///
/// Maximisation is minimisation of −c'x. Whole-number conditions are ignored, so the bound also holds for mixed-integer programs.
public struct SafeBound: Sendable, Equatable {
  /// How the bound was proved.
  public enum Proof: String, Sendable {
    /// With the bounds given.
    case direct
    /// With bounds that the rows imply.
    case impliedBounds
    /// With a point near the multipliers that is known to exist.
    case shiftedDual
  }

  /// At most the optimal value of a minimisation, at least that of a maximisation, the objective's constant included.
  public let value: Double
  /// How it was proved.
  public let proof: Proof

  /// The best bound that multipliers of the rows prove, or `nil` when they prove none.
  ///
  /// The multipliers are not trusted: any numbers will do, and signs that cannot help are set to zero. The cost is that of a few products
  /// with A, plus a dense factorisation of the order of the number of offending columns where step 2 is needed.
  ///
  /// - Precondition: one multiplier for each row.
  public init?(of program: LinearProgram, rowDuals: [Double]) {
    precondition(rowDuals.count == program.rows.count, "one multiplier for each row")
    let sign = program.sense == .minimise ? 1.0 : -1.0
    let folded = program.isBoxed ? program : program.foldingOppositeColumns().program
    let kernel = DualKernel(folded, cost: folded.columns.map { sign * $0.cost })
    guard let (bound, proof) = kernel.bestBound(rowDuals.map { sign * $0 }) else { return nil }
    let total = Interval.addDown(bound, sign * program.objectiveConstant)
    guard total.isFinite else { return nil }
    (value, self.proof) = (sign * total, proof)
  }

  /// The better of two bounds for the same program.
  static func better(_ a: SafeBound?, _ b: SafeBound?, _ sense: LinearProgram.Sense) -> SafeBound? {
    guard let a, let b else { return a ?? b }
    return (sense == .minimise) == (a.value >= b.value) ? a : b
  }
}

extension LinearProgram {
  /// Whether a vector y proves that no point satisfies the rows and the bounds of the columns.
  ///
  /// It does if y'(A x) cannot agree with (A'y)'x: if the safe bound of the objective zero is positive (Farkas' lemma, with outward rounding).
  ///
  /// - Precondition: one number for each row.
  public func isInfeasible(provedBy y: [Double]) -> Bool {
    precondition(y.count == rows.count, "one multiplier for each row")
    var feasibility = self
    for j in columns.indices { feasibility.columns[j].cost = 0 }
    let folded = isBoxed ? feasibility : feasibility.foldingOppositeColumns().program
    let kernel = DualKernel(folded, cost: Array(repeating: 0, count: folded.columns.count))
    guard let (bound, _) = kernel.bestBound(y) else { return false }
    return bound > 0
  }

  /// Whether every column has both bounds: then any multipliers prove a finite bound, and nothing is gained by folding columns.
  var isBoxed: Bool { columns.allSatisfy { $0.lower.isFinite && $0.upper.isFinite } }
}
