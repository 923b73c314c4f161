extension LinearProgram {
  /// Solves the program with GLPK and verifies the answer in the program's own numbers.
  ///
  /// The call is synchronous. GLPK's environment belongs to a thread, and the problem lives and dies within the call on the calling thread, so
  /// any number of threads may solve at once. Handlers are called on the calling thread and must not call this library themselves
  /// (``LinearProgramError/environmentInUse``).
  ///
  /// - Parameters:
  ///   - settings: how to solve.
  ///   - basis: where the simplex methods start, instead of presolving; of the same size as the program.
  ///   - log: receives GLPK's output line by line; nothing is printed.
  ///   - isCancelled: asked about ten times a second, and at every node of branch and cut. A simplex run that is cancelled leaves no point,
  ///     branch and cut keeps its best.
  /// - Returns: the answer; limits, infeasibility and numerical trouble are answers, not errors.
  /// - Throws: ``LinearProgramError`` when the basis does not fit, or GLPK aborts.
  public func solve(
    settings: LinearSettings = .standard, from basis: Basis? = nil, log: ((String) -> Void)? = nil, isCancelled: (() -> Bool)? = nil
  ) throws(LinearProgramError) -> LinearSolution {
    if let basis, (basis.rows.count, basis.columns.count) != (rows.count, columns.count) {
      throw .invalidBasis(
        "\(basis.rows.count) rows and \(basis.columns.count) columns for a program with \(rows.count) and \(columns.count)")
    }
    var solver = LinearSolver(program: self, settings: settings, log: log, isCancelled: isCancelled)
    return try solver.run(from: basis)
  }
}
