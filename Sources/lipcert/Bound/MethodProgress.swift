import CommandLineSupport
import Lipschitz
import Logging
import Reports
import Studies

/// What is said and drawn on standard error while methods run.
struct MethodProgress {
  let showsProgress: Bool
  let log: Logger

  /// The observer for a runner.
  var observer: MethodRunner.Observer {
    var observer = MethodRunner.Observer()
    observer.starts = { name in
      log.debug("\(name) starts")
      if showsProgress { Console.shared.draw { "\(name)  starting" } }
    }
    observer.progresses = { name, moment in
      if showsProgress { Console.shared.draw { Self.line(name, moment) } }
    }
    observer.ends = { outcome in
      let estimate = outcome.estimate
      Console.shared.eraseProgress()
      if let absence = outcome.absence { log.debug("\(estimate.method): \(absence)") }
      log.debug("\(estimate.method) took \(Quantity.seconds(estimate.seconds)) s and stopped: \(estimate.stopReason.rawValue)")
    }
    return observer
  }

  /// Where a method is, in a line.
  static func line(_ name: String, _ moment: LipschitzEstimate.Progress) -> String {
    var parts = ["\(name)  iteration \(Quantity.count(moment.iteration))", "lower \(DecimalBound.down(moment.lower, digits: 6))"]
    if let upper = moment.upper {
      parts.append("upper \(DecimalBound.up(upper, digits: 6))")
      if upper > 0 { parts.append("gap \(DecimalBound.up((upper - moment.lower) / upper, digits: 2))") }
    } else if name != "attained" {
      parts.append("upper -")
    }
    parts.append("\(Quantity.seconds(moment.seconds)) s")
    if Interruption.isRequested { parts.append("stopping; Ctrl-C again ends at once") }
    return parts.joined(separator: "  ")
  }
}
