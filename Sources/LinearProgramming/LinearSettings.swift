/// How a linear program is solved. Values are checked on construction.
public struct LinearSettings: Sendable, Equatable {
  /// The algorithm.
  public enum Method: String, Sendable, CaseIterable {
    /// The primal simplex method.
    case primal
    /// The dual simplex method; GLPK's primal one takes over where it fails.
    case dual
    /// The interior-point method. It yields no basis and proves neither infeasibility nor unboundedness: when it finds no optimum the dual
    /// simplex method takes over, and ``LinearSolution/method`` says so.
    case interior
    /// The simplex method in rational arithmetic, started at the basis the dual simplex method found. GLPK first replaces every number by a
    /// fraction with a small denominator that is close to it, so this is not exact for the numbers as stored.
    case exact
  }

  /// How GLPK scales rows and columns.
  public enum Scaling: String, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Geometric means, then equilibration, by powers of two; not where numbers are well scaled already.
    case automatic
    /// Geometric means.
    case geometric
    /// Equilibration.
    case equilibration
  }

  /// How the simplex methods choose the variable that enters or leaves.
  public enum Pricing: Sendable {
    /// Dantzig's rule.
    case textbook
    /// Projected steepest edge.
    case steepestEdge
  }

  /// What of branch and cut is switched on.
  public struct BranchAndCut: Sendable, Equatable {
    /// The relative gap |best bound − value| / |value| at which the search stops.
    public let relativeGap: Double
    /// How far from a whole number GLPK lets an integer variable be; the values are then rounded, and residuals recomputed.
    public let integerTolerance: Double
    /// Gomory, rounding, cover and clique cuts.
    public let hasCuts: Bool
    /// Feasibility pump and rounding heuristics.
    public let hasHeuristics: Bool

    /// - Throws: ``LinearProgramError/invalidSetting(_:)``.
    public init(
      relativeGap: Double = 0, integerTolerance: Double = 1e-6, hasCuts: Bool = true, hasHeuristics: Bool = true
    ) throws(LinearProgramError) {
      try LinearSettings.check(relativeGap >= 0 && relativeGap < .infinity, "relativeGap must be at least 0")
      try LinearSettings.check(integerTolerance > 0 && integerTolerance < 0.5, "integerTolerance must lie between 0 and 1/2")
      (self.relativeGap, self.integerTolerance) = (relativeGap, integerTolerance)
      (self.hasCuts, self.hasHeuristics) = (hasCuts, hasHeuristics)
    }

    private init() { (relativeGap, integerTolerance, hasCuts, hasHeuristics) = (0, 1e-6, true, true) }

    /// All cuts and heuristics, no gap.
    public static let standard = BranchAndCut()
  }

  /// The algorithm; mixed-integer programs solve their first relaxation by it.
  public let method: Method
  /// Whether GLPK's presolver runs first. It only supplies a starting basis: the answer, duals and certificates included, always comes from a
  /// run on the whole program. (In branch and cut it simplifies the tree.)
  public let presolves: Bool
  /// The scaling of rows and columns.
  public let scaling: Scaling
  /// The choice of pivots.
  public let pricing: Pricing
  /// GLPK's tolerances on primal and dual infeasibility, relative to the (scaled) numbers.
  public let solverTolerance: Double
  /// The relative residuals, recomputed in the program's own numbers, up to which an answer counts as optimal or feasible.
  public let acceptance: Double
  /// The most simplex iterations; none for the interior-point and exact methods and within branch and cut.
  public let iterationLimit: Int?
  /// Seconds for GLPK's work.
  public let timeLimit: Double?
  /// Branch and cut.
  public let branchAndCut: BranchAndCut
  /// Whether a safe bound is computed for an optimum.
  public let computesSafeBound: Bool

  /// - Throws: ``LinearProgramError/invalidSetting(_:)`` when a number makes no sense.
  public init(
    method: Method = .dual, presolves: Bool = true, scaling: Scaling = .automatic, pricing: Pricing = .steepestEdge,
    solverTolerance: Double = 1e-9, acceptance: Double = 1e-6, iterationLimit: Int? = nil, timeLimit: Double? = nil,
    branchAndCut: BranchAndCut = .standard, computesSafeBound: Bool = true
  ) throws(LinearProgramError) {
    try Self.check(solverTolerance > 0 && solverTolerance < 1e-2, "solverTolerance must lie between 0 and 0.01")
    try Self.check(acceptance > 0 && acceptance < 1, "acceptance must lie between 0 and 1")
    if let iterationLimit { try Self.check(0..<Int(Int32.max) ~= iterationLimit, "iterationLimit must lie between 0 and 2147483646") }
    if let timeLimit { try Self.check(timeLimit >= 0 && timeLimit < .infinity, "timeLimit must be at least 0") }
    self.method = method
    self.presolves = presolves
    self.scaling = scaling
    self.pricing = pricing
    self.solverTolerance = solverTolerance
    self.acceptance = acceptance
    self.iterationLimit = iterationLimit
    self.timeLimit = timeLimit
    self.branchAndCut = branchAndCut
    self.computesSafeBound = computesSafeBound
  }

  private init(standard: Void) {
    (method, presolves, scaling, pricing) = (.dual, true, .automatic, .steepestEdge)
    (solverTolerance, acceptance, iterationLimit, timeLimit) = (1e-9, 1e-6, nil, nil)
    (branchAndCut, computesSafeBound) = (.standard, true)
  }

  /// The dual simplex method with presolver, scaling and a safe bound; no limits.
  public static let standard = LinearSettings(standard: ())

  /// These settings with another method and, if given, another presolving and tolerance.
  func replacing(
    method: Method, presolves: Bool? = nil, solverTolerance: Double? = nil
  ) throws(LinearProgramError) -> LinearSettings {
    try LinearSettings(
      method: method, presolves: presolves ?? self.presolves, scaling: scaling, pricing: pricing,
      solverTolerance: solverTolerance ?? self.solverTolerance, acceptance: acceptance, iterationLimit: iterationLimit,
      timeLimit: timeLimit, branchAndCut: branchAndCut, computesSafeBound: computesSafeBound)
  }

  fileprivate static func check(_ condition: Bool, _ message: String) throws(LinearProgramError) {
    guard condition else { throw .invalidSetting(message) }
  }
}
