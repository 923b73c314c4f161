import LinearProgramming

/// What a solver found out about a relaxation, and what of it is proved.
struct RelaxedBound: Sendable {
  /// A bound of the objective that holds on the region: from below when it is minimised, from above when it is maximised. It follows from the
  /// multipliers alone, evaluated with outward rounding (`SafeBound`); infinite on the weak side when nothing was proved.
  var value: Double
  /// Whether it is proved (Farkas' lemma) that the relaxation, hence the part of the region it is about, is empty.
  var isEmpty = false
  /// The point that the solver calls optimal.
  var point: [Double]?
  /// The multipliers of the rows.
  var multipliers: [Double]?
  /// The final basis.
  var basis: Basis?

  /// How relaxations are solved: the bound is ours, so residuals do not matter.
  private static func settings(_ method: LinearSettings.Method, timeLimit: Double?) throws(LinearProgramError) -> LinearSettings {
    try LinearSettings(method: method, acceptance: 1e-5, timeLimit: timeLimit, computesSafeBound: false)
  }

  /// Solves a relaxation.
  ///
  /// - Parameters:
  ///   - program: the program.
  ///   - basis: where to start; of a program of the same size, and ignored otherwise.
  ///   - method: dual where bounds have changed, primal where the objective has.
  ///   - timeLimit: seconds.
  ///   - isCancelled: asked often.
  init(
    _ program: LinearProgram, from basis: Basis? = nil, method: LinearSettings.Method = .dual, timeLimit: Double? = nil,
    isCancelled: @escaping () -> Bool
  ) throws(LinearProgramError) {
    let nothing = program.sense == .minimise ? -Double.infinity : .infinity
    value = nothing
    let start = basis.flatMap { ($0.rows.count, $0.columns.count) == (program.rows.count, program.columns.count) ? $0 : nil }
    let solution = try program.solve(settings: Self.settings(method, timeLimit: timeLimit), from: start, isCancelled: isCancelled)
    // `farkas` was verified.
    if solution.farkas != nil {
      isEmpty = true
      value = -nothing
      return
    }
    (point, multipliers, self.basis) = (solution.x, solution.rowDuals, solution.basis)
    if let multipliers, let safe = SafeBound(of: program, rowDuals: multipliers) { value = safe.value }
  }
}
