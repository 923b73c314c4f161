import ArgumentParser
import Logging

/// How much is said on standard error.
struct LogOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but errors on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more on standard error.")
  var verbose = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  /// Starts logging; whether progress is to be drawn is ``showsProgress``.
  func start() -> Logger {
    let level: Logger.Level = quiet ? .error : verbose ? .debug : .notice
    LoggingSystem.bootstrap { _ in ConsoleLogHandler(logLevel: level) }
    return Logger(label: "lipcert")
  }

  /// Whether a progress line is welcome.
  var showsProgress: Bool { !quiet }
}
