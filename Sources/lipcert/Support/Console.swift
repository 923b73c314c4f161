import Foundation
import Logging
import Synchronization

/// Standard error: lines of messages, and below them one progress line that is redrawn in place on terminals.
final class Console: Sendable {
  /// The process's only one.
  static let shared = Console()

  private struct State {
    var hasProgress = false
    var lastDrawn = ContinuousClock.now - .seconds(1)
  }

  private let state = Mutex(State())
  /// Whether progress can be drawn.
  let isTerminal = isatty(STDERR_FILENO) != 0

  /// Prints a line; progress moves out of its way.
  func say(_ line: String) {
    state.withLock { state in
      erase(&state)
      put(line + "\n")
    }
  }

  /// Draws progress, at most ten times a second; nothing when standard error is not a terminal.
  func draw(_ text: () -> String) {
    guard isTerminal else { return }
    state.withLock { state in
      guard state.lastDrawn.duration(to: .now) > .milliseconds(100) else { return }
      state.lastDrawn = .now
      state.hasProgress = true
      put("\r" + text().prefix(columns - 1) + "\u{1B}[K")
    }
  }

  /// Takes the progress line away.
  func eraseProgress() { state.withLock { erase(&$0) } }

  private func erase(_ state: inout State) {
    if state.hasProgress { put("\r\u{1B}[K") }
    state.hasProgress = false
  }

  private func put(_ text: some StringProtocol) { FileHandle.standardError.write(Data(text.utf8)) }

  private var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 10 ? Int(size.ws_col) : 80
  }
}

/// Log lines on standard error: `lipcert: warning: …`.
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let kind = event.level >= .warning ? "\(event.level): " : ""
    Console.shared.say("lipcert: \(kind)\(event.message)")
  }
}
