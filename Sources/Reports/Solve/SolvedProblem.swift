import Foundation

/// One problem and what became of it: the row of a report.
public struct SolvedProblem: Sendable {
  /// The kind of problem.
  public enum Kind: String, Sendable {
    /// A linear matrix inequality in SDPA's form.
    case semidefinite
    /// A linear or mixed-integer linear program.
    case linear
  }

  /// What may be claimed.
  public enum Verdict: String, Sendable, CaseIterable {
    /// A solution within the tolerance.
    case solved
    /// (P) has no feasible point, by a certificate.
    case primalInfeasible
    /// (D) has no feasible point, by a certificate: (P) is unbounded if it has a feasible point.
    case dualInfeasible
    /// Neither.
    case unsolved
  }

  /// One engine's share of the work.
  public struct EngineShare: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its iterations.
    public var iterations: Int
    /// Its seconds by the clock.
    public var seconds: Double

    /// Collects the parts.
    public init(name: String, iterations: Int, seconds: Double) { (self.name, self.iterations, self.seconds) = (name, iterations, seconds) }
  }

  /// The file.
  public var path: String
  /// The kind of problem.
  public var kind: Kind
  /// The number m of variables.
  public var variables = 0
  /// The order n of the matrices, or the number of rows.
  public var order = 0
  /// Entries of all matrices.
  public var entries = 0
  /// The blocks, shortly, such as "6x2+1".
  public var blocks = "-"
  /// What may be claimed.
  public var verdict: Verdict
  /// The solver's own word for why it stopped.
  public var status: String
  /// The same in words, with what a certificate means.
  public var statusWords: String
  /// What the primal vectors are.
  public var primalStatus = "-"
  /// What the dual vectors are.
  public var dualStatus = "-"
  /// The objective of (P).
  public var primalObjective: Double?
  /// The objective of (D).
  public var dualObjective: Double?
  /// The six DIMACS errors, or none.
  public var dimacs: [Double] = []
  /// The greatest error of the point, or of the certificate.
  public var worstError: Double?
  /// How far the residuals let the objectives be from the optimum, relative to their size.
  public var uncertainty: Double?
  /// Distance of X from the cone.
  public var primalConeDistance: Double?
  /// Distance of Y from the cone.
  public var dualConeDistance: Double?
  /// The error of the certificate of infeasibility.
  public var certificateError: Double?
  /// The optimum of (P) is proved to be at least this.
  public var provedLower: Double?
  /// The optimum of (P) is proved to be at most this.
  public var provedUpper: Double?
  /// What is proved, in words; `nil` when no proof was asked for.
  public var proof: String?
  /// The engines that ran, in order.
  public var engines: [EngineShare] = []
  /// Seconds by the clock, without reading the file.
  public var wallSeconds = 0.0
  /// Seconds of all threads together, without reading the file.
  public var processorSeconds = 0.0
  /// What was done to the problem before it was solved.
  public var reformulations: [String] = []
  /// Why engines gave up.
  public var notes: [String] = []
  /// What is odd about the file.
  public var warnings: [String] = []

  /// A problem about which nothing more is known.
  public init(path: String, kind: Kind, verdict: Verdict, status: String, statusWords: String) {
    (self.path, self.kind, self.verdict, self.status, self.statusWords) = (path, kind, verdict, status, statusWords)
  }

  /// The name of the file without folder and ending.
  public var name: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

  /// The name of the file's folder.
  public var collection: String { URL(fileURLWithPath: path).deletingLastPathComponent().lastPathComponent }

  /// Half-way between the two objectives, or the one there is; ±∞ where infeasibility is the verdict, `nil` when there is no point.
  public var value: Double? {
    switch verdict {
    case .primalInfeasible: return .infinity
    case .dualInfeasible: return -.infinity
    case .solved, .unsolved: break
    }
    guard let primalObjective else { return dualObjective }
    return dualObjective.map { (primalObjective + $0) / 2 } ?? primalObjective
  }

  /// The iterations of all engines together.
  public var iterations: Int { engines.reduce(0) { $0 + $1.iterations } }
}
