import Certificates
import LinearAlgebra
import Networks

/// GLipSDP (Pauli, Gramlich, Allgöwer, arXiv 2405.01125): dynamic programming over layers with directional gains.
///
/// Convolutions are two-dimensional systems on an infinite plane with the same multiplier at every pixel, so the cost does not depend on the
/// size of images. See the article on the recursion for its inequalities and their proof.
public struct RecursionEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "recursion"
  /// The largest number of variables of a layer that is attempted: their square is the memory of a step.
  public var largestStage = 12_000

  /// The estimator.
  public init() {}

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    guard problem.inputNorm == .l2 else { throw NotApplicable("gains of layers are about the l2 norm") }
    var hasCertificate = true
    let chain: GainChain
    do {
      chain = try GainChain(problem.selected)
    } catch let lowered as NotProved {
      chain = try NotApplicable.wording {
        guard let network = problem.network else { throw lowered }
        return try GainChain(network, output: problem.output)
      }
      hasCertificate = false
    }
    var own = try estimate(chain, budget: budget, clock: clock, progress: progress)
    if own.result.isCertified, let upper = own.result.upper {
      if hasCertificate {
        own.result.certificate = Certificate(
          generator: "lipcert \(Version.current)", modelName: "", network: problem.lowered,
          statement: Statement(inputNorm: .l2, output: problem.output, bound: upper), derivation: .layerGains(own.gains))
      } else {
        own.result.note =
          (own.result.note.map { $0 + "; " } ?? "") + "proved on the layers, but max pools and sortings have no certificate file"
      }
    }
    own.result.seconds = clock.seconds
    return own.result
  }

  /// Bounds a chain of layers by itself, such as one with state-space layers.
  public func estimate(
    _ chain: GainChain, budget: Budget = Budget(), progress: (LipschitzEstimate.Progress) -> Void = { _ in }
  ) throws -> LipschitzEstimate {
    try estimate(chain, budget: budget, clock: budget.start(), progress: progress).result
  }

  private func estimate(
    _ chain: GainChain, budget: Budget, clock: Stopwatch, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> (result: LipschitzEstimate, gains: LayerGains) {
    var result = LipschitzEstimate(method: name)
    var run: RecursionRun
    do {
      let program = try NotApplicable.wording { try GainProgram(chain) }
      let largest =
        program.stages.map { stage in
          (stage.inputs + stage.outputs + stage.interior).reduce(0) { $0 + program.variables[$1].count }
        }.max() ?? 0
      let bytes = program.stages.reduce(0) { sum, stage in
        let count = (stage.inputs + stage.outputs + stage.interior).reduce(0) { $0 + program.variables[$1].count }
        return sum + 24 * count * count
      }
      guard largest <= largestStage, bytes <= budget.memoryLimit else {
        result.note = "not attempted: a layer has \(largest) variables, and Newton steps would take \(bytes >> 20) MiB of memory"
        return (result, LayerGains(values: []))
      }
      run = try NotApplicable.wording { try RecursionRun(program) { clock.mustStop } }
    } catch let error as LinearAlgebraError {
      result.note = "no first point was found: \(error)"
      return (result, LayerGains(values: []))
    }
    let limit = budget.iterationLimit ?? .max
    // What a step reaches is not proved, so it is no moment of the history. A step that would end after the limit is not begun.
    var (last, longest, isOverTime) = (clock.seconds, 0.0, false)
    let isReached = run.solve(tolerance: min(budget.tolerance, 1e-5)) { steps, _ in
      progress(LipschitzEstimate.Progress(iteration: steps, lower: 0, upper: nil, seconds: clock.seconds))
      if steps > 0 { longest = max(longest, clock.seconds - last) }
      last = clock.seconds
      isOverTime = clock.mustStop || clock.remaining < longest
      return isOverTime || steps >= limit
    }
    result.iterations = run.steps
    result.stopReason = isReached ? .tolerance : isOverTime ? clock.reason : run.steps >= limit ? .iterationLimit : .stalled
    let candidate = run.bound
    result.upper = candidate
    if run.gap.isFinite { result.lower = max(0, candidate * (1 - run.gap)) }
    // Near the optimum an inequality may have less room than its rounding errors take: then gains from before prove a bound that is little larger.
    var proved = run.gains
    for gains in [run.gains] + run.earlier where !result.isCertified {
      do {
        result.upper = try gains.prove(run.program, isCancelled: budget.isCancelled)
        (result.isCertified, proved) = (true, gains)
      } catch let error as NotProved where result.note == nil {
        result.note = "not proved: \(error.description)"
      } catch is NotProved {}
    }
    if result.isCertified { result.note = nil }
    result.note =
      (result.note.map { $0 + "; " } ?? "")
      + "\(run.program.stages.count) stages, \(run.program.variables.reduce(0) { $0 + $1.count }) variables"
    return (result, proved)
  }
}
