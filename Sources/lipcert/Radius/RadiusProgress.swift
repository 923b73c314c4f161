import CommandLineSupport
import Logging
import Robustness
import Synchronization

/// What is said and drawn on standard error while radii are computed.
final class RadiusProgress: Sendable {
  private struct State {
    var began = ContinuousClock.now
    var certified = 0
    var right = 0
  }

  private let showsProgress: Bool
  private let log: Logger
  private let state = Mutex(State())

  init(showsProgress: Bool, log: Logger) {
    self.showsProgress = showsProgress
    self.log = log
  }

  /// Tells of an event.
  func tell(_ event: RadiusRun.Event) {
    switch event {
    case .preparing(let method, let done, let total):
      if showsProgress { Console.shared.draw { "\(method)  \(done) of \(total) constants" } }
    case .prepared(let method, let note):
      Console.shared.eraseProgress()
      let seconds = state.withLock { state in
        defer { state.began = .now }
        return state.began.duration(to: .now) / .seconds(1)
      }
      log.notice("\(method): \(note.map { "\($0), " } ?? "")\(Quantity.seconds(seconds)) s")
    case .finished(let record, let done, let total):
      let (began, certified, right) = state.withLock { state in
        if record.radius > 0 { state.certified += 1 }
        if record.isCorrect { state.right += 1 }
        return (state.began, state.certified, state.right)
      }
      for result in record.certified where result.note != nil {
        log.debug("input \(record.index): \(result.method): \(result.note ?? "")")
      }
      guard showsProgress else { return }
      Console.shared.draw {
        let seconds = began.duration(to: .now) / .seconds(1)
        return Self.line(done: done, total: total, certified: certified, right: right, seconds: seconds)
      }
    }
  }

  /// `[#####---------------] 25 of 100  24 right, 20 certified  3.1/s  about 25 s left`.
  static func line(done: Int, total: Int, certified: Int, right: Int, seconds: Double) -> String {
    var parts = [Quantity.progress(done, of: total), "\(right) right, \(certified) certified"]
    if done > 0, seconds > 0 {
      let rate = Double(done) / seconds
      parts.append("\(DecimalBound.down(rate, digits: 2))/s")
      parts.append(
        Interruption.isRequested
          ? "stopping; Ctrl-C again ends at once" : "about \(Quantity.wait(Double(total - done) / rate)) left")
    }
    return parts.joined(separator: "  ")
  }
}
