import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks
import Reports
import Training

/// A recipe carried out in a folder: `network.onnx`, `record.json`, `curve.csv`, and `checkpoint` until it is done.
///
/// A run that was ended in any way goes on where it was and gives the same network, byte for byte, as an undisturbed one; a finished run whose
/// recipe and data are the same is not run again.
public struct TrainingRun: Sendable {
  /// What is going on.
  public enum Event: Sendable {
    /// A step of training is done.
    case training(TrainingProgress)
    /// So many of the test samples have been judged; the words say under which conditions.
    case evaluating(String, done: Int, of: Int)
  }

  /// The recipe.
  public let recipe: TrainingRecipe
  /// The folder.
  public let folder: ReportFolder
  private let isCancelled: @Sendable () -> Bool

  /// A run in a folder that may not exist yet.
  public init(_ recipe: TrainingRecipe, folder: String, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.recipe = recipe
    self.folder = ReportFolder(path: folder)
    self.isCancelled = isCancelled
  }

  /// The saved network's file.
  public var networkPath: String { folder.file("network.onnx") }
  /// The record's file.
  public var recordPath: String { folder.file("record.json") }
  private var checkpointPath: String { folder.file("checkpoint") }

  /// Removes what an earlier run left.
  public func forget() {
    for path in [networkPath, recordPath, checkpointPath] { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Trains, judges and saves; or reads the record when all is done already.
  ///
  /// - Parameter observe: called after every step.
  /// - Returns: the record, or `nil` when the run was cancelled: it can go on.
  /// - Throws: `FormatError`, `TrainingError`, `NetworkError` or `FileWriteError` that names the file, the key or the layer.
  public func run(observe: (Event) -> Void = { _ in }) throws -> TrainedRecord? {
    let parts = try recipe.data.load()
    if let known = finished(dataDigest: parts.digest) { return known }
    try folder.prepare()
    let model: Model<Float> = try recipe.architecture.model(input: parts.training.shape, classes: parts.training.classCount)
    let trainer = try Trainer(model: model, data: parts.training, validation: parts.validation, settings: recipe.settings)
    let outcome = try trainer.run(
      files: TrainingFiles(checkpoint: checkpointPath, curve: folder.file("curve.csv")), isCancelled: isCancelled,
      onProgress: { observe(.training($0)) })
    guard outcome.isComplete, let epoch = outcome.epoch else { return nil }

    let start = ContinuousClock.now
    let (deployed, noisy) = try evaluate(model, outcome.state, on: parts.test, observe: observe)
    guard !isCancelled() else { return nil }
    let seconds = start.duration(to: .now) / .seconds(1)

    let metadata = ONNXWriter.Metadata(
      producerVersion: Version.current, documentation: recipe.title,
      properties: [
        "data": parts.training.name, "data sha256": parts.digest, "recipe sha256": digest, "seed": "\(recipe.seed)",
        "input": "values in [0, 1] unless the data say otherwise; channels, rows, columns", "operator set": "17",
      ])
    try ONNXWriter.write(model.network(outcome.state), path: networkPath, precision: .single, metadata: metadata)
    let record = TrainedRecord(
      title: recipe.title, recipe: digest, settings: words, data: parts.training.name, dataDigest: parts.digest,
      samples: [parts.training.count, parts.validation?.count ?? 0, parts.test?.count ?? 0], seed: recipe.seed, version: Version.current,
      parameterCount: model.parameterCount, epoch: epoch + 1, threads: Threads.count, trainingSeconds: outcome.curve.last?.seconds ?? 0,
      evaluationSeconds: seconds, deployed: deployed, noisy: noisy, curve: outcome.curve, network: try FileDigest.sha256(path: networkPath))
    try AtomicFile.write(record.encoded, path: recordPath)
    try? FileManager.default.removeItem(atPath: checkpointPath)
    return record
  }

  /// The record of a finished run of the same recipe and data whose network is still there.
  private func finished(dataDigest: String) -> TrainedRecord? {
    guard let data = FileManager.default.contents(atPath: recordPath),
      let record = try? JSONDecoder().decode(TrainedRecord.self, from: data),
      record.recipe == digest, record.dataDigest == dataDigest, record.version == Version.current,
      let network = try? FileDigest.sha256(path: networkPath), network == record.network
    else { return nil }
    return record
  }

  private func evaluate(
    _ model: Model<Float>, _ state: ModelState<Float>, on data: Dataset?, observe: (Event) -> Void
  ) throws -> (deployed: TrainedRecord.Accuracies?, noisy: TrainedRecord.Accuracies?) {
    guard let data else { return (nil, nil) }
    let execution = Execution(model, capacity: min(256, data.count))
    var evaluation = recipe.evaluation
    evaluation.isCancelled = isCancelled
    func result(_ mode: PassMode, _ evaluation: AccuracyEvaluation, _ words: String) throws -> TrainedRecord.Accuracies {
      TrainedRecord.Accuracies(
        try evaluation.run(ModelClassifier(execution, state: state, mode: mode), on: data) {
          observe(.evaluating(words, done: $0.count, of: $0.total))
        })
    }
    let deployed = try result(.evaluation, evaluation, "without noise")
    guard recipe.architecture.isNoisy else { return (deployed, nil) }
    // One draw's gradient would be stopped by the noise itself: attacks follow the expectation, eight draws a step (Athalye et al., 2018).
    for index in evaluation.attacks.indices { evaluation.attacks[index].settings.noiseDraws = 8 }
    evaluation.minimalNorm = nil
    return (deployed, try result(.noisyEvaluation, evaluation, "with noise"))
  }

  // MARK: - What tells runs apart

  /// The settings in words.
  private var words: [String: String] {
    [
      "architecture": String(reflecting: recipe.architecture), "training": String(reflecting: recipe.settings),
      "attacks": String(reflecting: recipe.evaluation.attacks), "nearest": String(reflecting: recipe.evaluation.minimalNorm),
      "draws": "\(recipe.evaluation.answerDraws)",
    ]
  }

  private var digest: String {
    var sha = SHA256()
    for (key, value) in words.sorted(by: { $0.key < $1.key }) {
      sha.update(UInt64(key.utf8.count + value.utf8.count))
      sha.update((key + value).utf8)
    }
    return sha.finish()
  }
}
