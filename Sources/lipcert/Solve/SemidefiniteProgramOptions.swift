import ArgumentParser
import ConicSolver

/// How semidefinite programs are solved.
struct SemidefiniteProgramOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The greatest DIMACS error of a point that is called solved.", valueName: "error"))
  var tolerance = ConicSettings().tolerance

  @Option(
    help: ArgumentHelp(
      "Whether matrices with a sparse pattern are decomposed into cliques: automatic, none or always.", valueName: "choice"),
    completion: .list(ConicSettings.Decomposition.allCases.map(\.rawValue)))
  var decomposition = ConicSettings().decomposition

  @Flag(
    name: .customLong("prove"),
    help: "Prove bounds of the optimum, or the infeasibility, for the numbers of the file, with all rounding errors enclosed.")
  var proves = false

  func validate() throws {
    guard tolerance > 0, tolerance < 1 else { throw ValidationError("--tolerance must lie between 0 and 1") }
  }
}

extension ConicSettings.Decomposition: ExpressibleByArgument {}
