import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Reports

/// A step of a study: one network, one norm, one target, several methods. It reads nothing but its inputs and writes nothing but its folder,
/// so that steps can be skipped when their inputs are the same as before.
public struct ComparisonStep: Sendable {
  /// Its id, unique in the study.
  public let id: String
  /// The network and the methods.
  public let model: Study.Model
  /// The norm of the inputs.
  public let inputNorm: InputNorm
  /// The outputs considered.
  public let output: OutputSelection
  /// The budget; its time limit is that of each method.
  public let budget: Budget

  /// Its folder, relative to that of the study.
  public var folder: String { "models/\(id)" }

  /// The network as a file and what is in it.
  struct LoadedNetwork {
    var path: String
    var sha256: String
    var network: Network
    /// Words of a command line that say how the file is to be read.
    var arguments: [String] = []
  }

  /// The network: read, or made, written to the step's folder and read back, so that what is bounded is what the file says.
  ///
  /// - Throws: `FormatError`, ``StudyError`` or `FileWriteError` that names the file.
  func load(to folder: String) throws -> LoadedNetwork {
    switch model.source {
    case .file(let path, let nonlinearity):
      var options = ReadOptions()
      if let nonlinearity { options.nonlinearity = nonlinearity }
      var loaded = LoadedNetwork(
        path: path, sha256: try FileDigest.sha256(path: path), network: try ModelFile.read(path: path, options: options))
      if let nonlinearity { loaded.arguments = ["--activation", NonlinearityName.word(for: nonlinearity)] }
      return loaded
    case .recipe(let recipe):
      let path = "\(folder)/\(model.name).onnx"
      do {
        try ModelFile.write(recipe.network(), to: path)
      } catch let error as NetworkError {
        throw StudyError("the model '\(model.name)' cannot be made: \(error)")
      }
      return LoadedNetwork(path: path, sha256: try FileDigest.sha256(path: path), network: try ModelFile.read(path: path))
    }
  }

  /// What the results depend on, as one number: the software, the network, the question and the budget.
  func inputsDigest(network: LoadedNetwork) -> String {
    let words: [String] = [
      "lipcert \(Version.current)", network.sha256, network.arguments.joined(separator: " "), inputNorm.rawValue, "\(output)",
      model.methods.joined(separator: ","), "\(budget.tolerance)", budget.timeLimit.map { "\($0)" } ?? "none", "\(budget.memoryLimit)",
      "\(budget.seed)", model.partitionFactors.map(String.init).joined(separator: ","),
    ]
    var sha = SHA256()
    for word in words {
      sha.update(UInt64(word.utf8.count))
      sha.update(word.utf8)
    }
    return sha.finish()
  }

  /// Runs the methods and writes the folder.
  ///
  /// - Throws: Errors of the network, `Contradiction`, or the first failure to write.
  func run(_ loaded: LoadedNetwork, folder: ReportFolder, observer: MethodRunner.Observer) throws {
    let problem: LipschitzProblem
    do {
      problem = try LipschitzProblem(loaded.network, inputNorm: inputNorm, output: output)
    } catch let error as NetworkError {
      throw StudyError("\(id): \(error)")
    }
    let limit = budget.timeLimit.map { MethodRunner.TimeLimit.each($0) } ?? .none
    let outcomes = MethodRunner(problem: problem, budget: budget, timeLimit: limit, observer: observer).run(model.methods)
    var facts = ModelFacts(
      path: URL(fileURLWithPath: loaded.path).lastPathComponent, sha256: loaded.sha256, lowered: problem.lowered, network: loaded.network)
    facts.arguments = loaded.arguments
    var report = BoundReport(
      model: facts, inputNorm: inputNorm, output: output, outcomes: outcomes, tolerance: budget.tolerance, seed: budget.seed,
      timeLimit: budget.timeLimit)
    report.hasTimeLimitForEach = true
    try report.requireConsistency()
    if !model.partitionFactors.isEmpty, !budget.isCancelled() {
      observer.starts("partition by factors")
      // Networks that have nothing to cut are told so by the method's own row.
      report.partitions = try? PartitionStudy(problem, factors: model.partitionFactors, budget: budget)
    }
    let keeper = ResultKeeper(certificate: nil, folder: folder, isCancelled: budget.isCancelled)
    if let failure = keeper.keep(&report, problem: problem).first { throw failure }
  }
}
