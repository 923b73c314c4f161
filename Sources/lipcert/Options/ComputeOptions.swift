import ArgumentParser
import Foundation

/// Threads and memory.
struct ComputeOptions: ParsableArguments {
  @OptionGroup var threading: ThreadOptions

  @Option(help: ArgumentHelp("Memory a proof may take, in GiB.", valueName: "GiB"))
  var memoryLimit = 8.0

  func validate() throws {
    guard memoryLimit > 0, memoryLimit < 1e6 else { throw ValidationError("--memory-limit must be positive") }
  }

  /// The limit in bytes.
  var memoryBytes: Int { Int(memoryLimit * 0x1p30) }
}
