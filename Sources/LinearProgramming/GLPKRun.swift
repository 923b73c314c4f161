import CGLPKSupport

/// What GLPK said about a program, copied; nothing of it is verified.
struct GLPKRun {
  /// The statuses of GLPK's simplex and branch-and-cut routines.
  enum Status: Int32 {
    case undefined = 1, feasible, infeasible, noFeasible, optimal, unbounded
  }
  /// GLPK's return codes that are told apart.
  enum Code: Int32 {
    case success = 0, iterationLimit = 8, timeLimit = 9, noPrimalFeasible = 10, noDualFeasible = 11, stopped = 13, gapReached = 14
  }

  var end: cglpk_end
  /// Whether GLPK returned; otherwise there is no point.
  var isComplete: Bool { end == CGLPK_RETURNED }
  var code: Int32
  var primal, dual, integer: Status
  var method: LinearSettings.Method
  var iterations, nodes: Int
  var x: [Double]?
  var rowDuals: [Double]?
  var basis: Basis?
  var farkasCandidates: [[Double]]
  var rayCandidate: [Double]?
  var integerPoint: [Double]?
  var bestBound: Double?
  var blocksLeft: Int

  /// Builds, solves, reads and deletes a GLPK problem on this thread.
  ///
  /// - Throws: ``LinearProgramError`` when GLPK aborts or cannot start. Cancellation and a passed deadline are results (`end`).
  init(
    _ program: LinearProgram, bounds: [Interval]? = nil, settings: LinearSettings, timeLimit: Double?, basis: Basis?,
    log: ((String) -> Void)?, isCancelled: (() -> Bool)?
  ) throws(LinearProgramError) {
    let (rows, columns) = (program.rows.count, program.columns.count)
    let arena = GLPKArena()
    var input = try program.glpk(arena, bounds: bounds)
    var parameters = Self.parameters(settings, timeLimit: timeLimit)
    if let basis { parameters.basis = arena.copy((basis.rows + basis.columns).map(\.rawValue)) }
    var output = cglpk_result()
    let (x, y) = (arena.zeros(columns, Double.self), arena.zeros(rows, Double.self))
    let states = arena.zeros(rows + columns, Int32.self)
    let farkas = arena.zeros(rows * Int(CGLPK_FARKAS_LIMIT), Double.self)
    let (ray, point) = (arena.zeros(columns, Double.self), arena.zeros(columns, Double.self))
    (output.column_values, output.row_duals, output.basis, output.farkas) = (x, y, states, farkas)
    (output.ray, output.integer_values) = (ray, point)
    let observer = GLPKObserver(log: log, isCancelled: isCancelled)
    end = observer.observe { cglpk_solve(&input, &parameters, $0, &output) }
    if let error = LinearProgramError(end, observer) { throw error }

    func array(_ pointer: UnsafeMutablePointer<Double>, _ count: Int, offset: Int = 0) -> [Double] {
      Array(UnsafeBufferPointer(start: pointer + offset, count: count))
    }
    code = output.code
    primal = Status(rawValue: output.primal_status) ?? .undefined
    dual = Status(rawValue: output.dual_status) ?? .undefined
    integer = Status(rawValue: output.integer_status) ?? .undefined
    method = Self.method(output.method)
    (iterations, nodes) = (Int(output.iterations), Int(output.nodes))
    let hasReturned = end == CGLPK_RETURNED
    self.x = hasReturned && output.has_values != 0 ? array(x, columns) : nil
    rowDuals = hasReturned && output.has_values != 0 ? array(y, rows) : nil
    let kinds = Array(UnsafeBufferPointer(start: states, count: rows + columns))
    self.basis = hasReturned && output.has_basis != 0 ? Basis(states: kinds, rowCount: rows) : nil
    farkasCandidates = hasReturned ? (0..<Int(output.farkas_count)).map { array(farkas, rows, offset: $0 * rows) } : []
    rayCandidate = hasReturned && output.has_ray != 0 ? array(ray, columns) : nil
    integerPoint = hasReturned && output.has_integer_values != 0 ? array(point, columns) : nil
    bestBound = hasReturned && output.has_best_bound != 0 ? output.best_bound : nil
    blocksLeft = Int(output.blocks_left)
  }

  /// Why GLPK gave up, in words.
  var trouble: String {
    switch code {
    case 1: "invalid basis"
    case 2: "singular basis"
    case 3: "ill-conditioned basis"
    case 4: "inconsistent bounds"
    case 16: "no convergence"
    case 17: "numerical instability"
    default: "the solver failed (code \(code))"
    }
  }

  private static func method(_ method: cglpk_method) -> LinearSettings.Method {
    switch method {
    case CGLPK_PRIMAL: .primal
    case CGLPK_INTERIOR: .interior
    case CGLPK_EXACT: .exact
    default: .dual
    }
  }

  private static func parameters(_ settings: LinearSettings, timeLimit: Double?) -> cglpk_settings {
    let method =
      switch settings.method {
      case .primal: CGLPK_PRIMAL
      case .dual: CGLPK_DUAL
      case .interior: CGLPK_INTERIOR
      case .exact: CGLPK_EXACT
      }
    // The flags of GLPK's glp_scale_prob, by powers of two; its codes for Harris' ratio test, pseudocost branching and best local bound.
    let scaling: Int32 =
      switch settings.scaling {
      case .none: 0
      case .automatic: 0x80
      case .geometric: 0x01 | 0x20
      case .equilibration: 0x10 | 0x20
      }
    let (harris, pseudocosts, bestLocalBound): (Int32, Int32, Int32) = (0x22, 5, 3)
    let milliseconds = timeLimit.map { Int32(min(max(0, $0) * 1000, Double(Int32.max - 1)).rounded(.up)) } ?? Int32.max
    let tree = settings.branchAndCut
    return cglpk_settings(
      method: method, uses_presolver: settings.presolves ? 1 : 0, scaling: scaling,
      has_steepest_edge: settings.pricing == .steepestEdge ? 1 : 0, ratio_test: harris,
      iteration_limit: settings.iterationLimit.map(Int32.init) ?? Int32.max, milliseconds: milliseconds,
      primal_tolerance: settings.solverTolerance, dual_tolerance: settings.solverTolerance, pivot_tolerance: 1e-9,
      integer_tolerance: tree.integerTolerance, relative_gap: tree.relativeGap, branching: pseudocosts, backtracking: bestLocalBound,
      has_cuts: tree.hasCuts ? 1 : 0, has_heuristics: tree.hasHeuristics ? 1 : 0, basis: nil)
  }
}
