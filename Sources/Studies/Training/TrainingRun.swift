import Certificates
import CommandLineSupport
import Compression
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks
import Reports
import Training

/// A recipe carried out in a folder: `network.onnx`, of a pruned one also `masked.onnx` with its zeros in place, `record.json`, the learning curve
/// of every phase, and checkpoints until it is done.
///
/// A run that was ended in any way goes on where it was and gives the same network, byte for byte, as an undisturbed one; a finished run whose
/// recipe and data are the same is not run again. Runs that prune have several phases of training; a phase that another run with the same
/// store of phases has finished is taken from there.
public struct TrainingRun: Sendable {
  /// What is going on.
  public enum Event: Sendable {
    /// A step of training is done.
    case training(TrainingProgress, phase: Phase)
    /// So many of the test samples have been judged; the words say under which conditions.
    case evaluating(String, done: Int, of: Int)
  }

  /// One of the training runs that a recipe is made of.
  public struct Phase: Sendable, Equatable {
    /// What it does, such as `dense` or `retraining`.
    public let name: String
    /// Its number, counted from 1.
    public let number: Int
    /// The phases of the run.
    public let count: Int
  }

  /// The recipe.
  public let recipe: TrainingRecipe
  /// The folder.
  public let folder: ReportFolder
  /// Where checkpoints are kept, those of finished phases too.
  private let phases: String
  /// Whether the store of phases is this run's alone, and goes when the run is done.
  private let ownsPhases: Bool
  private let isCancelled: @Sendable () -> Bool

  /// A run in a folder that may not exist yet.
  ///
  /// - Parameters:
  ///   - recipe: what is trained and how.
  ///   - folder: where results go.
  ///   - phases: a folder of phases that several runs share; one within `folder` unless given.
  ///   - isCancelled: asked before every step.
  public init(
    _ recipe: TrainingRecipe, folder: String, phases: String? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.recipe = recipe
    self.folder = ReportFolder(path: folder)
    self.phases = phases ?? self.folder.file("phases")
    ownsPhases = phases == nil
    self.isCancelled = isCancelled
  }

  /// The saved network's file.
  public var networkPath: String { folder.file(NetworkFile.name) }
  /// The record's file.
  public var recordPath: String { folder.file(Self.recordName) }
  static let recordName = "record.json"

  /// Removes what an earlier run left.
  public func forget() {
    for path in [networkPath, recordPath] + (ownsPhases ? [phases] : []) { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Trains, judges and saves; or reads the record when all is done already.
  ///
  /// - Parameters:
  ///   - parts: the recipe's data, when they are loaded already.
  ///   - observe: called after every step.
  /// - Returns: the record, or `nil` when the run was cancelled: it can go on.
  /// - Throws: `FormatError`, `TrainingError`, `NetworkError` or `FileWriteError` that names the file, the key or the layer.
  public func run(on parts: DataDescription.Parts? = nil, observe: (Event) -> Void = { _ in }) throws -> TrainedRecord? {
    let parts = try parts ?? recipe.data.load()
    let words = try recipe.words()
    let digest = Self.digest(words)
    if let known = finished(recipeDigest: digest, dataDigest: parts.digest) { return known }
    try folder.prepare()
    let (model, initial) = try recipe.model.model(input: parts.training.shape, classes: parts.training.classCount, seed: recipe.seed)
    guard let trained = try train(model, from: initial, on: parts, observe: observe) else { return nil }

    let masked = try model.network(trained.state)
    let network = recipe.pruning == nil ? masked : try masked.compacted().network
    let metadata = ONNXWriter.Metadata(
      producerVersion: Version.current, documentation: recipe.title,
      properties: [
        "data": parts.training.name, "data sha256": parts.digest, "recipe sha256": digest, "seed": "\(recipe.seed)",
        "input": "values in [0, 1] unless the data say otherwise; channels, rows, columns", "operator set": "17",
      ])
    try ONNXWriter.write(network, path: networkPath, precision: .single, metadata: metadata)
    if recipe.pruning != nil { try ONNXWriter.write(masked, path: folder.file("masked.onnx"), precision: .single, metadata: metadata) }

    let start = ContinuousClock.now
    let (deployed, noisy) = try evaluate(model, trained.state, on: parts.test, observe: observe)
    guard !isCancelled() else { return nil }
    let seconds = start.duration(to: .now) / .seconds(1)
    let record = TrainedRecord(
      title: recipe.title, recipe: digest, settings: words, data: parts.training.name, dataDigest: parts.digest,
      samples: [parts.training.count, parts.validation?.count ?? 0, parts.test?.count ?? 0], seed: recipe.seed, version: Version.current,
      parameterCount: model.parameterCount, epoch: trained.epoch, threads: Threads.count, trainingSeconds: trained.seconds,
      evaluationSeconds: seconds, deployed: deployed, noisy: noisy, curve: trained.curve,
      network: try FileDigest.sha256(path: networkPath),
      pruning: try recipe.pruning.map { try pruned($0, trained, model, masked: masked, compact: network) })
    try AtomicFile.write(record.encoded, path: recordPath)
    if ownsPhases { try? FileManager.default.removeItem(atPath: phases) }
    return record
  }

  // MARK: - Phases

  /// What all phases together came to.
  private struct Trained {
    var state: ModelState<Float>
    /// The epoch whose numbers these are, counted from 1 over all phases.
    var epoch = 0
    /// The epochs of all phases, numbered through.
    var curve: [EpochRecord] = []
    var seconds = 0.0
    var phases: [PruningRecord.Phase] = []
  }

  /// Trains phase after phase; `nil` when cancelled.
  private func train(
    _ model: Model<Float>, from initial: ModelState<Float>, on parts: DataDescription.Parts, observe: (Event) -> Void
  ) throws -> Trained? {
    let phases =
      try recipe.pruning?.phases(for: model, training: recipe.settings, retraining: recipe.retraining)
      ?? [PruningPhase(name: "training", settings: recipe.settings)]
    try Folder.make(path: self.phases)
    var dense = initial
    var mask: PruningMask?
    var trained = Trained(state: initial)
    for (index, phase) in phases.enumerated() {
      var beginning =
        switch phase.beginning {
        case .initial: initial
        case .previous: trained.state
        case .dense: dense
        }
      mask?.apply(to: &beginning.parameters)
      let trainer = try Trainer(
        model: model, data: parts.training, validation: parts.validation, settings: phase.settings,
        hooks: phase.hooks + (mask.map { [MaskedTraining($0)] } ?? []), initial: beginning)
      let curve = phases.count == 1 ? "curve.csv" : "curve-\(index + 1)-\(phase.name.replacing(" ", with: "-")).csv"
      let place = Phase(name: phase.name, number: index + 1, count: phases.count)
      let outcome = try trainer.run(
        files: TrainingFiles(checkpoint: "\(self.phases)/\(trainer.identity.name)", curve: folder.file(curve)),
        isCancelled: isCancelled, onProgress: { observe(.training($0, phase: place)) })
      guard outcome.isComplete, let epoch = outcome.epoch else { return nil }
      trained.state = outcome.state
      trained.epoch = trained.curve.count + epoch + 1
      let before = (epochs: trained.curve.count, seconds: trained.seconds)
      trained.curve += outcome.curve.map { record in
        var record = record
        record.epoch += before.epochs
        record.seconds += before.seconds
        return record
      }
      trained.seconds += outcome.curve.last?.seconds ?? 0
      if index == 0 { dense = outcome.state }
      guard let pruning = recipe.pruning else { continue }
      let left = try Sparsity(outcome.state.parameters, of: model, scope: pruning.scope ?? .all)
      var chosen: Sparsity?
      if let selection = phase.selection {
        let choice = try selection.mask(outcome.state, of: model, after: mask)
        choice.apply(to: &trained.state.parameters)
        chosen = try Sparsity(trained.state.parameters, of: model, scope: pruning.scope ?? .all)
        mask = choice
      }
      trained.phases.append(.init(name: phase.name, epochs: outcome.curve.count, trained: left, chosen: chosen))
    }
    return trained
  }

  private func pruned(
    _ method: PruningMethod, _ trained: Trained, _ model: Model<Float>, masked: Network, compact: Network
  ) throws -> PruningRecord {
    var random = SplitMix64(seed: recipe.seed)
    let (rows, columns) = (256, masked.inputCount)
    let samples = Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in Double.random(in: 0...1, using: &random) })
    let (a, b) = (try Evaluator<Double>(masked).forward(samples), try Evaluator<Double>(compact).forward(samples))
    let deviation = zip(a.elements, b.elements).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
    return PruningRecord(
      method: method.identity, phases: trained.phases,
      sparsity: try Sparsity(trained.state.parameters, of: model, scope: method.scope ?? .all), masked: NetworkSize(masked),
      compact: NetworkSize(compact), deviation: deviation)
  }

  /// The record of a finished run of the same recipe and data whose network is still there.
  private func finished(recipeDigest: String, dataDigest: String) -> TrainedRecord? {
    guard let record = TrainedRecord(path: recordPath), record.recipe == recipeDigest, record.dataDigest == dataDigest,
      record.version == Version.current,
      let network = try? FileDigest.sha256(path: networkPath), network == record.network
    else { return nil }
    return record
  }

  /// The accuracies of what was saved, and of the model with its noise.
  private func evaluate(
    _ model: Model<Float>, _ state: ModelState<Float>, on data: Dataset?, observe: (Event) -> Void
  ) throws -> (deployed: TrainedRecord.Accuracies?, noisy: TrainedRecord.Accuracies?) {
    guard let data else { return (nil, nil) }
    var evaluation = recipe.evaluation
    evaluation.isCancelled = isCancelled
    func result(
      _ model: Model<Float>, _ state: ModelState<Float>, _ mode: PassMode, _ words: String
    ) throws -> TrainedRecord.Accuracies {
      let execution = Execution(model, capacity: min(256, data.count))
      return TrainedRecord.Accuracies(
        try evaluation.run(ModelClassifier(execution, state: state, mode: mode), on: data) {
          observe(.evaluating(words, done: $0.count, of: $0.total))
        })
    }
    var saved = (model: model, state: state)
    // Without channels it is another model, whose biases were rounded when it was written.
    if recipe.pruning != nil { saved = try Model<Float>.importing(ModelFile.read(path: networkPath)) }
    let deployed = try result(saved.model, saved.state, .evaluation, "without noise")
    guard recipe.model.isNoisy else { return (deployed, nil) }
    // One draw's gradient would be stopped by the noise itself: attacks follow the expectation, eight draws a step (Athalye et al., 2018).
    for index in evaluation.attacks.indices { evaluation.attacks[index].settings.noiseDraws = 8 }
    evaluation.minimalNorm = nil
    return (deployed, try result(model, state, .noisyEvaluation, "with noise"))
  }

  // MARK: - What tells runs apart

  private static func digest(_ words: [String: String]) -> String {
    var sha = SHA256()
    for (key, value) in words.sorted(by: { $0.key < $1.key }) {
      sha.update(UInt64(key.utf8.count + value.utf8.count))
      sha.update((key + value).utf8)
    }
    return sha.finish()
  }
}
