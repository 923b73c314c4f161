import CommandLineSupport
import Foundation

/// Our results beside the peers'.
struct SolverComparison {
  /// A claim of a peer that our result, checked in the file's own numbers, contradicts.
  struct Contradiction {
    var problem: SolvedProblem
    var peer: PeerResult
    var reference: Double?
  }

  /// A peer's processor time beside ours.
  struct TimeRatio {
    var solver: String
    /// Instances that both solved.
    var count: Int
    /// The geometric mean of our seconds over the peer's.
    var ratio: Double
    /// Instances on which we took less time.
    var fasterCount: Int
  }

  /// Instances by who has more digits in less time.
  struct DigitsInTime {
    var solver: String
    /// At least as many digits in at most the time.
    var better: [String] = []
    /// Fewer digits in at least the time.
    var worse: [String] = []
    /// More digits in more time, or fewer in less.
    var mixed: [String] = []
  }

  /// Relative difference of two values from which on one of them is wrong rather than inaccurate.
  static let contradiction = 0.01

  private let report: SolveReport

  init(_ report: SolveReport) { self.report = report }

  /// The claims that are contradicted: a value off by more than 1 %, or the opposite verdict, where ours is firm.
  var contradictions: [Contradiction] {
    pairs.filter { Self.contradicts($0.problem, $0.peer) }.map {
      Contradiction(problem: $0.problem, peer: $0.peer, reference: report.peers.reference($0.problem.name)?.value)
    }
  }

  /// The peers' firm claims about the instances on which ours is firm as well.
  var claimCount: Int { pairs.count { $0.problem.verdict != .unsolved && $0.peer.claim != .nothing } }

  /// The problems called solved although a reference disagrees in the second digit: ours that would be wrong.
  var ownErrors: [SolvedProblem] {
    report.problems.filter { $0.verdict == .solved && report.digits($0).map { $0 < -log10(Self.contradiction) } ?? false }
  }

  /// Times beside each peer's.
  var timeRatios: [TimeRatio] {
    report.solvers.compactMap { solver in
      let ratios = pairs.filter { $0.peer.solver == solver && $0.problem.verdict == .solved && $0.peer.claim == .solved }
        .filter { !Self.contradicts($0.problem, $0.peer) }
        .compactMap { pair in pair.peer.processorSeconds.flatMap { $0 > 0 ? pair.problem.processorSeconds / $0 : nil } }
        .filter { $0 > 0 }
      if ratios.isEmpty { return nil }
      let mean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
      return TimeRatio(solver: solver, count: ratios.count, ratio: mean, fasterCount: ratios.count { $0 < 1 })
    }
  }

  /// Digits and seconds together, beside peers whose name begins with `prefix`.
  func digitsInTime(_ prefix: String) -> [DigitsInTime] {
    report.solvers.filter { $0.hasPrefix(prefix) }.map { solver in
      var result = DigitsInTime(solver: solver)
      for (problem, peer) in pairs where peer.solver == solver {
        guard let ours = report.digits(problem), let theirs = peer.digits, let seconds = peer.processorSeconds else { continue }
        let (isFaster, isCloser) = (problem.processorSeconds <= seconds, ours >= theirs - 0.05)
        if isFaster && isCloser {
          result.better.append(problem.name)
        } else if !isFaster && !isCloser {
          result.worse.append(problem.name)
        } else {
          result.mixed.append(problem.name)
        }
      }
      return result
    }
  }

  private var pairs: [(problem: SolvedProblem, peer: PeerResult)] {
    report.problems.flatMap { problem in
      report.solvers.compactMap { solver in report.peers.result(solver, problem.name).map { (problem, $0) } }
    }
  }

  static func contradicts(_ problem: SolvedProblem, _ peer: PeerResult) -> Bool {
    switch (problem.verdict, peer.claim) {
    case (.unsolved, _), (_, .nothing): false
    case (.solved, .solved):
      if let ours = problem.value, let theirs = peer.value {
        (ours - theirs).magnitude > contradiction * max(1, ours.magnitude)
      } else {
        false
      }
    case (.primalInfeasible, .primalInfeasible), (.dualInfeasible, .dualInfeasible): false
    case (.primalInfeasible, .infeasible), (.dualInfeasible, .infeasible): false
    // Both sides may be infeasible at once.
    case (.primalInfeasible, .dualInfeasible), (.dualInfeasible, .primalInfeasible): false
    default: true
    }
  }
}
