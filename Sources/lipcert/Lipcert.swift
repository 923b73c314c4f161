import ArgumentParser
import Lipschitz

/// The root command.
struct Lipcert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lipcert",
    abstract: "Certifies how much a neural network can change its answer.",
    discussion: """
      Bounds the Lipschitz constant of a saved network from above with a certificate that anyone can check without trusting the solver, and \
      from below with a gain it really attains.

      Example:

        lipcert generate net.onnx --widths 10,20,20,5
        lipcert bound net.onnx --certificate net.lipcert
        lipcert check net.lipcert net.onnx

      Results go to standard output, messages and progress to standard error. Exit codes: 0 success, 1 negative verdict, 2 usage or malformed \
      input, 3 internal failure or resource limit. Shell completions: lipcert --generate-completion-script bash (or zsh, fish).
      """,
    version: "lipcert \(Version.current)",
    subcommands: [
      BoundCommand.self, RadiusCommand.self, VerifyCommand.self, CheckCommand.self, TrainCommand.self, PruneCommand.self,
      EvaluateCommand.self, CompareCommand.self, InspectCommand.self, ConvertCommand.self, GenerateCommand.self, RunCommand.self,
      SolveCommand.self, ExportSDPCommand.self,
    ])
}
