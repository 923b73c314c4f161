import ConicPrograms

/// What a person may set.
public struct ConicSettings: Sendable, Equatable {
  /// Which engines run.
  public enum Method: String, Sendable, CaseIterable {
    /// First-order iterations, then Newton's method on the multipliers, then an interior point, each while it pays.
    case automatic
    /// First-order iterations only.
    case firstOrder = "first-order"
    /// First-order iterations, then the augmented Lagrangian with semismooth Newton steps.
    case newton
    /// The interior point from the start.
    case interiorPoint = "interior-point"
  }

  /// How the first-order iteration is accelerated.
  public enum Acceleration: Sendable, Equatable {
    /// Not at all.
    case none
    /// Anderson's mixing of this many past steps, with a safeguard.
    case anderson(memory: Int)
  }

  /// Whether semidefinite cones with a sparse pattern are decomposed into cliques.
  public enum Decomposition: String, Sendable, CaseIterable {
    /// Where it makes the projections cheaper.
    case automatic
    /// Never.
    case none
    /// Wherever the pattern has more than one clique after merging.
    case always
  }

  /// The greatest DIMACS error, in the user's data, of a point that is called solved.
  public var tolerance = 1e-7
  /// The greatest error of a certificate of infeasibility; see `InfeasibilityError`.
  public var infeasibilityTolerance = 1e-8
  /// The most first-order iterations.
  public var maximumIterations = 100_000
  /// The most seconds; asked for between iterations.
  public var timeLimit = Double.infinity
  /// Which engines run.
  public var method = Method.automatic
  /// Over-relaxation of the first-order iteration, in (0, 2).
  public var relaxation = 1.6
  /// Passes of the equilibration; 0 switches it off.
  public var scalingPasses = 10
  /// The first penalty parameter of the first-order iteration.
  public var penalty = 1.0
  /// Whether the penalty adapts to the balance of the residuals.
  public var adaptsPenalty = true
  /// How the first-order iteration is accelerated.
  public var acceleration = Acceleration.anderson(memory: 20)
  /// First-order iterations between two tests of convergence.
  public var checkInterval = 25
  /// Whether semidefinite cones are decomposed.
  public var decomposition = Decomposition.automatic

  /// The greatest DIMACS error of a point that is called solved inaccurately: 1000 times the tolerance, but not more than 10⁻³ unless the
  /// tolerance itself is.
  public var inaccurateTolerance: Double { max(tolerance, min(1000 * tolerance, 1e-3)) }
  /// The greatest uncertainty of the value (`Residuals.uncertainty`) of a point that is called solved: one per cent.
  public static let largestUncertainty = 1e-2

  /// Whether a point with these residuals, recomputed in the user's data, may be called solved.
  func accepts(_ residuals: Residuals) -> Bool {
    residuals.worst <= tolerance && residuals.uncertainty <= max(tolerance, Self.largestUncertainty)
  }

  /// The defaults.
  public init() {}

  /// Refuses values outside their ranges.
  ///
  /// - Throws: ``ConicSettingsError`` naming the first offender.
  public func validate() throws(ConicSettingsError) {
    func require(_ holds: Bool, _ name: String, _ rule: String) throws(ConicSettingsError) {
      guard holds else { throw ConicSettingsError(name: name, rule: rule) }
    }
    try require(tolerance > 0 && tolerance < 1, "tolerance", "lie between 0 and 1")
    try require(infeasibilityTolerance > 0 && infeasibilityTolerance < 1, "infeasibilityTolerance", "lie between 0 and 1")
    try require(maximumIterations >= 0, "maximumIterations", "not be negative")
    try require(timeLimit >= 0, "timeLimit", "not be negative")
    try require(relaxation > 0 && relaxation < 2, "relaxation", "lie between 0 and 2")
    try require(scalingPasses >= 0, "scalingPasses", "not be negative")
    try require(penalty > 0 && penalty.isFinite, "penalty", "be positive and finite")
    try require(checkInterval > 0, "checkInterval", "be positive")
    if case .anderson(let memory) = acceleration {
      try require(memory > 0 && memory <= 100, "memory of the acceleration", "lie in 1 ... 100")
    }
  }
}

/// A setting outside its range.
public struct ConicSettingsError: Error, Equatable, CustomStringConvertible {
  /// The setting.
  public let name: String
  /// What it must do.
  public let rule: String
  /// One sentence for people.
  public var description: String { "the \(name) must \(rule)" }
}
