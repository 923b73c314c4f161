import ArgumentParser
import LinearAlgebra
import Logging

/// Threads.
struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads (default: all cores).", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  /// Applies the setting and says so when the machine's linear algebra is slow.
  func apply(_ log: Logger) {
    if let threads { Threads.count = threads }
    if Threads.optimisedBLAS == nil {
      log.warning("BLAS is not OpenBLAS: everything may be 8 to 40 times slower than it could be; install libopenblas-dev")
    }
  }
}
