import ArgumentParser
import Foundation
import LinearAlgebra
import Logging

/// Threads and memory.
struct ComputeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads (default: all cores).", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("Memory a proof may take, in GiB.", valueName: "GiB"))
  var memoryLimit = 8.0

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    guard memoryLimit > 0, memoryLimit < 1e6 else { throw ValidationError("--memory-limit must be positive") }
  }

  /// The limit in bytes.
  var memoryBytes: Int { Int(memoryLimit * 0x1p30) }

  /// Applies the settings and says so when the machine's linear algebra is slow.
  func apply(_ log: Logger) {
    if let threads { Threads.count = threads }
    if Threads.optimisedBLAS == nil {
      log.warning("BLAS is not OpenBLAS: everything may be 8 to 40 times slower than it could be; install libopenblas-dev")
    }
  }
}
