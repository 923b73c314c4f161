import ArgumentParser
import CommandLineSupport
import Lipschitz
import Robustness

/// How a property is decided.
struct VerifyOptions: ParsableArguments {
  /// Which arithmetic a query is about.
  enum Semantics: String, ExpressibleByArgument, CaseIterable {
    case declared
    case real
  }

  @Option(
    name: [.long, .customLong("time-limit")],
    help: ArgumentHelp("Seconds for each property (default: none; in a batch what the list says).", valueName: "s"))
  var timeout: Double?

  @Option(
    help: ArgumentHelp(
      "real: answer properties about floating-point numbers (float32 in VNN-LIB 2.0) as if they were about real ones.",
      valueName: "arithmetic"),
    completion: .list(Semantics.allCases.map(\.rawValue)))
  var semantics = Semantics.declared

  func validate() throws {
    if let timeout, !(timeout > 0) { throw ValidationError("--timeout must be positive") }
  }

  /// What one property may take.
  func budget(timeout listed: Double? = nil, seed: UInt64) -> Budget {
    var budget = Budget()
    budget.timeLimit = timeout ?? listed
    budget.seed = seed
    budget.isCancelled = { Interruption.isRequested }
    return budget
  }
}
