import CommandLineSupport
import ConicPrograms
import LinearAlgebra
import Lipschitz
import Logging
import Networks
import Reports

/// The lifted solver on the network behind an inequality of LipSDP.
struct LiftedRun {
  /// The relative gap of the squared bound that is comparable to the conic solver's.
  private static let tolerance = 1e-7

  let path: String
  let timeLimit: Double?
  let log: Logger

  /// The lifted solver's result; `nil` when the file is not an inequality of LipSDP.
  ///
  /// - Throws: What reading the file or building the network throws.
  func compare() throws -> LiftedComparison? {
    guard SemidefiniteProgramRun.isRecognised(path: path), let recovered = try RecoveredNetwork(SDPAFile.read(path: path).inequality) else {
      return nil
    }
    let problem = try LipschitzProblem(recovered.network())
    var budget = Budget()
    budget.tolerance = Self.tolerance
    budget.timeLimit = timeLimit
    budget.isCancelled = { Interruption.isRequested }
    let (clock, processor) = (ContinuousClock.now, ProcessorTime.seconds)
    let estimate = try LiftedEstimator().estimate(problem, budget: budget)
    return LiftedComparison(
      path: path, units: problem.lowered.unitCount, upper: estimate.isCertified ? estimate.upper : nil, lower: estimate.lower,
      processorSeconds: ProcessorTime.seconds - processor, wallSeconds: clock.duration(to: .now) / .seconds(1),
      iterations: estimate.iterations)
  }
}
