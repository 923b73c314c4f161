import Certificates
import LinearAlgebra

/// The recursion over directional gains of one chain: a start without an optimiser, each stage by itself, then all together.
public struct RecursionRun {
  /// The program.
  public let program: GainProgram
  /// The gains found, strictly feasible in floating point; ρ is the first value.
  public private(set) var gains: LayerGains
  /// Gains passed on the way, the latest first, each with about ten times the gap of the one before it: they lie deeper within the inequalities,
  /// where a proof has room for its rounding errors.
  public private(set) var earlier: [LayerGains] = []
  /// Newton steps so far, each on all stages.
  public private(set) var steps = 0
  /// The relative gap of √ρ to the dual value, when one was found.
  public private(set) var gap = Double.infinity

  /// Finds a first point: backwards, each stage by itself with the gain behind it fixed, the trace of the gain before it decreased.
  ///
  /// The stages' own optima chain to a good, though not the best, bound; all inequalities keep some room.
  ///
  /// - Throws: `NotProved` or `LinearAlgebraError` when there is none.
  public init(_ program: GainProgram, mustStop: () -> Bool = { false }) throws {
    let isSeries = program.stages.count > 1
    let start = try GainStart(program) { stage, values in
      if isSeries, !mustStop() { Self.improve(stage, program, &values, mustStop: mustStop) }
      // Room between the stages, so that the joint problem starts away from its boundary.
      for variable in stage.inputs { values[variable] = values[variable].map { $0 * 1.1 } }
    }
    self.program = program
    gains = LayerGains(values: start.values)
  }

  /// √ρ: an estimate until it is proved.
  public var bound: Double { gains.values[0][0].squareRoot() }

  /// Improves the gains.
  ///
  /// - Parameters:
  ///   - tolerance: the relative gap of √ρ at which to stop.
  ///   - mustStop: asked before every Newton step, with the bound so far.
  /// - Returns: whether the tolerance was reached.
  public mutating func solve(tolerance: Double, mustStop: (Int, Double) -> Bool) -> Bool {
    let free = Array(program.variables.indices)
    let system = GainSystem(program, inequalities: program.inequalities.indices, free: free, values: gains.values)
    var objective = [Double](repeating: 0, count: system.count)
    objective[0] = 1
    let before = steps
    guard
      var solver = try? GainSolver(
        system, GainLayout(program), objective: objective, start: gains.values.flatMap { $0 })
    else { return false }
    var passed: [[Double]] = []
    var next = 0.1
    let isReached =
      (try? solver.run(tolerance: 2 * tolerance) { solver in
        if solver.gap / 2 <= next {
          passed.append(solver.y)
          next = solver.gap / 20
        }
        return mustStop(before + solver.steps, max(0, solver.y[0]).squareRoot())
      }) ?? false
    steps += solver.steps
    gap = solver.gap / 2
    let start = gains
    func read(_ y: [Double]) -> LayerGains {
      var result = start
      for (k, variable) in system.variables.enumerated() { result.values[variable] = Array(y[system.offsets[k]..<system.offsets[k + 1]]) }
      return result
    }
    let isBetter = { (y: [Double]) in y[0] < start.values[0][0] || start.values[0][0] <= 0 }
    if isBetter(solver.y) {
      gains = read(solver.y)
      earlier = passed.filter(isBetter).reversed().map(read) + [start] + earlier
    }
    return isReached
  }

  private static func improve(
    _ stage: GainProgram.Stage, _ program: GainProgram, _ values: inout [[Double]], mustStop: () -> Bool
  ) {
    let free = stage.inputs + stage.interior
    let system = GainSystem(program, inequalities: stage.inequalities, free: free, values: values)
    var objective: [Double] = []
    for (k, variable) in free.enumerated() {
      let kind = program.variables[variable]
      guard k < stage.inputs.count else {
        objective += Array(repeating: 0, count: kind.count)
        continue
      }
      switch kind {
      case .symmetric(let n): objective += (0..<n).flatMap { i in (i..<n).map { $0 == i ? 1.0 : 0.0 } }
      case .diagonal(let n): objective += Array(repeating: 1, count: n)
      case .multiple: objective.append(1)
      }
    }
    guard var solver = try? GainSolver(system, GainLayout(single: system), objective: objective, start: free.flatMap { values[$0] }) else {
      return
    }
    _ = try? solver.run(tolerance: 0.3, mostSteps: 30) { _ in mustStop() }
    for (k, variable) in free.enumerated() { values[variable] = Array(solver.y[system.offsets[k]..<system.offsets[k + 1]]) }
  }
}
