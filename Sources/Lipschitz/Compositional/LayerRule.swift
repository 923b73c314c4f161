import Certificates
import LinearAlgebra

/// Chooses multipliers layer by layer within a budget, and remembers how.
struct LayerRule {
  /// What is chosen for one layer.
  struct Choice {
    /// τ of every unit; zero where it does not matter.
    var tau: [Double]
    /// λ_max(W P⁺ W′), W the next map.
    var value: Double
  }

  let rule: CompositionalRule
  let tolerance: Double
  private var layers = 0
  private var steps = 0
  private var closed = 0
  private var unfinished = 0
  private var reasons: Set<String> = []

  init(_ rule: CompositionalRule, tolerance: Double) {
    self.rule = rule
    self.tolerance = tolerance
  }

  /// Whether some layer's program was not solved.
  var isCut: Bool { closed + unfinished > 0 }

  /// What a person should know.
  var note: String {
    var text = "\(layers) layers, \(rule.rawValue), \(steps) steps"
    if closed > 0 { text += "; closed form in \(closed) of them (\(reasons.sorted().joined(separator: ", ")))" }
    if unfinished > 0 { text += "; \(unfinished) ended before the tolerance" }
    return text
  }

  /// The multipliers of the next layer; `shape` and `next` as in ``LookaheadProgram``.
  mutating func choose(
    shape: Matrix<Double>, sectors: CentredSectors, next: Matrix<Double>, budget: Budget, clock: Stopwatch
  ) throws -> Choice {
    layers += 1
    let program = try LookaheadProgram(shape: shape, sectors: sectors, next: next)
    let reason: String? =
      if rule == .closedForm {
        nil
      } else if clock.mustStop {
        budget.isCancelled() ? "cancelled" : "no time left"
      } else if LookaheadProgram.bytes(units: sectors.count, rows: next.rows) > Double(budget.memoryLimit) {
        "the program would not fit into the memory"
      } else {
        nil
      }
    if let reason {
      closed += 1
      reasons.insert(reason)
    }
    let solution =
      if reason != nil || rule == .closedForm {
        try program.closedForm()
      } else if rule == .scalar {
        try program.solveScalar { clock.mustStop }
      } else {
        try program.solve(tolerance: tolerance) { clock.mustStop }
      }
    steps += solution.steps
    if !solution.isOptimal, reason == nil, rule != .closedForm { unfinished += 1 }
    return Choice(tau: solution.tau, value: solution.value)
  }

  /// λ = 1/(d²τ), zero where τ is.
  static func lambda(_ tau: [Double], _ sectors: CentredSectors) -> [Double] {
    tau.indices.map { tau[$0] > 0 ? 1 / (sectors.radius[$0] * sectors.radius[$0] * tau[$0]) : 0 }
  }

  /// τ that a forward proof accepts: positive for every unit that is not linear, and diag τ − P clearly positive definite.
  static func provable(_ tau: [Double], shape: Matrix<Double>, sectors: CentredSectors) throws -> [Double] {
    let active = (0..<sectors.count).filter { sectors.radius[$0] > 0 }
    guard !active.isEmpty else { return tau }
    let stage = ForwardStage(
      shape: shape,
      sectors: UnitSectors(
        lower: zip(sectors.centre, sectors.radius).map { $0 - $1 }, upper: zip(sectors.centre, sectors.radius).map { $0 + $1 }))
    let closed = try ForwardClosedForm.multipliers(stage, isChain: false)
    var result = tau
    for a in active where !(tau[a] > 0) { result[a] = 4 * closed[a] }
    var excess = 1e-11
    while excess < 1 {
      var slack = Matrix<Double>(rows: active.count, columns: active.count)
      for (i, a) in active.enumerated() {
        for (j, b) in active.enumerated() { slack[i, j] = -shape[a, b] / (result[a] * result[b]).squareRoot() }
        slack[i, i] += 1 - 1e-11
      }
      if (try? slack.cholesky()) != nil { return result }
      excess *= 8
      for a in active { result[a] *= 1 + excess }
    }
    return zip(result, closed).map { max($0, 2 * $1) }
  }
}
