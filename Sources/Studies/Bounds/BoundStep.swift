import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Reports

/// A step that bounds one network by several methods, under one norm and for one target.
public struct BoundStep: StudyStep {
  /// Its id, unique in the study.
  public let id: String
  /// Its folder, relative to that of the study.
  public let folder: String
  /// The network and the methods.
  public let model: BoundStudy.Model
  /// The norm of the inputs.
  public let inputNorm: InputNorm
  /// The outputs considered.
  public let output: OutputSelection
  /// The budget; its time limit is that of each method.
  public let budget: Budget

  /// The network, when an earlier step makes it.
  public var needs: [StepNeed] {
    guard case .step(let step) = model.source else { return [] }
    return ModelReference.step(step).needs
  }

  /// The methods.
  public var work: [String] { model.methods }
  /// The seed of its random choices.
  public var seed: UInt64? { budget.seed }

  /// What is done, in order.
  public var actions: [String] {
    let source =
      switch model.source {
      case .recipe: "make the network"
      case .file(let path, _): "read \(path)"
      case .step(let step): "take the network of \(step)"
      }
    var actions = [source, "bound it in \(inputNorm.rawValue): \(model.methods.joined(separator: ", "))"]
    if !model.partitionFactors.isEmpty {
      actions.append("partitions of factors \(model.partitionFactors.map(String.init).joined(separator: ", "))")
    }
    return actions
  }

  /// All that determines the results: the network, the question and the budget.
  public func identity(_ context: StepContext) throws -> [String] {
    let source =
      switch model.source {
      case .recipe(let recipe): String(reflecting: recipe)
      case .file(let path, let nonlinearity):
        try FileDigest.sha256(path: path) + (nonlinearity.map { " \(NonlinearityName.word(for: $0))" } ?? "")
      case .step: "step"
      }
    return [
      "bound", source, inputNorm.rawValue, "\(output)", model.methods.joined(separator: ","), "\(budget.tolerance)",
      budget.timeLimit.map { "\($0)" } ?? "none", "\(budget.memoryLimit)", "\(budget.seed)",
      model.partitionFactors.map(String.init).joined(separator: ","),
    ]
  }

  /// Words of a command line that say how the network's file is to be read.
  private var arguments: [String] {
    guard case .file(_, let nonlinearity?) = model.source else { return [] }
    return ["--activation", NonlinearityName.word(for: nonlinearity)]
  }

  /// The network: read, or made, written to the step's folder and read back, so that what is bounded is what the file says.
  ///
  /// - Throws: `FormatError`, ``StudyError`` or `FileWriteError` that names the file.
  private func load(to folder: String, _ context: StepContext) throws -> ComparedModel {
    switch model.source {
    case .file(let path, let nonlinearity):
      var options = ReadOptions()
      if let nonlinearity { options.nonlinearity = nonlinearity }
      return try ComparedModel(path: path, options: options)
    case .recipe(let recipe):
      let path = "\(folder)/\(model.name).onnx"
      try NetworkFile.write(recipe, named: model.name, to: path)
      return try ComparedModel(path: path)
    case .step(let step): return try ModelReference.step(step).load(context)
    }
  }

  /// What an earlier run found; `nil` when that cannot be read.
  func summary(in folder: ReportFolder) -> ComparisonSummary? {
    FileManager.default.contents(atPath: folder.file(Self.resultsName)).flatMap { try? ComparisonSummary(json: $0) }
  }

  private static let resultsName = "results.json"

  /// - Throws: Errors of the network, `Contradiction`, or the first failure to write.
  public func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    // What an earlier run found must not stand for what this one did not.
    try? FileManager.default.removeItem(atPath: folder.file(Self.resultsName))
    let loaded = try load(to: folder.path, context)
    var observer = MethodRunner.Observer()
    observer.starts = { context.tell(.method($0, nil)) }
    observer.progresses = { context.tell(.method($0, $1)) }
    observer.ends = { context.finish($0.estimate.method) }
    var budget = budget
    budget.isCancelled = context.isCancelled
    try run(loaded, folder: folder, budget: budget, observer: observer)
    return !context.isCancelled()
  }

  private func run(_ loaded: ComparedModel, folder: ReportFolder, budget: Budget, observer: MethodRunner.Observer) throws {
    let problem: LipschitzProblem
    do {
      problem = try LipschitzProblem(loaded.network, inputNorm: inputNorm, output: output)
    } catch let error as NetworkError {
      throw StudyError("\(error)")
    }
    let limit = budget.timeLimit.map { MethodRunner.TimeLimit.each($0) } ?? .none
    let outcomes = MethodRunner(problem: problem, budget: budget, timeLimit: limit, observer: observer).run(model.methods)
    var facts = ModelFacts(
      path: URL(fileURLWithPath: loaded.path).lastPathComponent, sha256: loaded.sha256, lowered: problem.lowered, network: loaded.network)
    facts.arguments = arguments
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
    let keeper = ResultKeeper(certificate: nil, folder: folder, isMovable: true, isCancelled: budget.isCancelled)
    if let failure = keeper.keep(&report, problem: problem).first { throw failure }
    try folder.write(report.stepSummary(of: id))
  }
}
