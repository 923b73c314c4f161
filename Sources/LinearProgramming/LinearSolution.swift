/// What a solver found out about a linear program: why it stopped, what the vectors are, and what is certified.
public struct LinearSolution: Sendable {
  /// Why the solver stopped.
  public enum Termination: Sendable, Equatable, CustomStringConvertible {
    /// An optimum, by the residuals recomputed in the program's own numbers. For mixed-integer programs only feasibility is recomputed; that
    /// nothing is better is the word of GLPK's branch and cut, and what is proved is ``LinearSolution/safeBound``.
    case optimal
    /// No feasible point exists according to the solver; proved if ``LinearSolution/farkas`` is there.
    case infeasible
    /// The objective improves without end along ``LinearSolution/ray``; for mixed-integer programs that of the relaxation.
    case unbounded
    /// The limit on iterations was reached.
    case iterationLimit
    /// The time limit was reached.
    case timeLimit
    /// The caller asked to stop.
    case cancelled
    /// The solver gave up, or its answer did not stand the recomputation.
    case numericalTrouble(String)

    /// The reason in words.
    public var description: String {
      switch self {
      case .optimal: "optimal"
      case .infeasible: "infeasible"
      case .unbounded: "unbounded"
      case .iterationLimit: "iteration limit"
      case .timeLimit: "time limit"
      case .cancelled: "cancelled"
      case .numericalTrouble(let detail): "numerical trouble: \(detail)"
      }
    }
  }

  /// What a vector is.
  public enum PointStatus: String, Sendable {
    /// There is none.
    case none
    /// Feasible up to the acceptance tolerance.
    case feasible
    /// Not feasible.
    case infeasible
    /// A verified certificate: a ray for the primal side, a Farkas vector for the dual side.
    case certificate
  }

  /// Why the solver stopped.
  public internal(set) var termination: Termination
  /// What ``x`` is; ``PointStatus/certificate`` when ``ray`` is there.
  public internal(set) var primalStatus = PointStatus.none
  /// What ``rowDuals`` are; ``PointStatus/certificate`` when ``farkas`` is there.
  public internal(set) var dualStatus = PointStatus.none
  /// The method that had the last word.
  public internal(set) var method: LinearSettings.Method
  /// The variables; `nil` when there is no point.
  public internal(set) var x: [Double]?
  /// A x, recomputed.
  public internal(set) var rowActivities: [Double]?
  /// The multipliers of the rows: the derivative of the optimal value by the active bound, in both senses. For mixed-integer programs those
  /// of the first relaxation.
  public internal(set) var rowDuals: [Double]?
  /// c − A'y, recomputed.
  public internal(set) var reducedCosts: [Double]?
  /// The residuals of ``x`` and ``rowDuals``; for mixed-integer programs of ``x`` only.
  public internal(set) var residuals: LinearResiduals?
  /// c'x, without the constant.
  public internal(set) var linearObjective: Double?
  /// c'x + c₀.
  public internal(set) var objective: Double?
  /// A bound on the optimal value that holds whatever the solver did: proved in outward rounded arithmetic. `nil` when none was proved.
  public internal(set) var safeBound: SafeBound?
  /// A vector that proves infeasibility, verified in outward rounded arithmetic.
  public internal(set) var farkas: [Double]?
  /// A direction r with c'r = ∓1 along which bounds are kept up to rounding, see ``RayCheck``.
  public internal(set) var ray: [Double]?
  /// The final basis of the simplex methods.
  public internal(set) var basis: Basis?
  /// The best bound of branch and cut, which is not certified.
  public internal(set) var bestBound: Double?
  /// |best bound − objective| / |objective| of branch and cut.
  public internal(set) var relativeGap: Double?
  /// Simplex iterations, those of the presolved program included.
  public internal(set) var iterations = 0
  /// Nodes of the branch-and-cut tree.
  public internal(set) var nodes = 0
  /// Wall-clock seconds of everything, the safe bound included.
  public internal(set) var seconds = 0.0

  init(_ termination: Termination, method: LinearSettings.Method) { (self.termination, self.method) = (termination, method) }

  /// |safe bound − objective| / (1 + |objective|): how closely the objective is proved.
  public var certifiedGap: Double? {
    guard let safeBound, let objective else { return nil }
    return (safeBound.value - objective).magnitude / (1 + objective.magnitude)
  }
}
