import FileSupport
import Foundation
import Reports
import Training

/// A step that bounds the network of a training step, and certifies radii of the first test samples.
struct CertificationStep: StudyStep {
  let id: String
  let folder: String
  /// The step that trains the network.
  let training: TrainingStep
  /// What the network is called.
  let name: String
  let settings: ModelComparison.Settings

  private static let fileName = "measurement.json"

  var needs: [StepNeed] { [StepNeed(step: training.id, files: .named(NetworkFile.name))] }
  var work: [String] { ["certify " + training.kind] }
  var seed: UInt64? { training.recipe.seed }
  var actions: [String] { ["certify: \(settings.actionWords)"] }

  func identity(_ context: StepContext) throws -> [String] { ["certify", try comparison(context).question] }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let model = try ComparedModel(path: context.path(NetworkFile.name, of: training.id), name: name)
    var measurement = try comparison(context).measure(model) { context.tell(.measuring($0)) }
    guard measurement.isComplete else { return false }
    // The same wherever the study's folder is.
    measurement.path = "\(training.folder)/\(NetworkFile.name)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try AtomicFile.write(encoder.encode(measurement), path: folder.file(Self.fileName))
    return true
  }

  /// What came of it; `nil` when that cannot be read.
  func measurement(in folder: ReportFolder) -> ModelMeasurement? {
    FileManager.default.contents(atPath: folder.file(Self.fileName)).flatMap { try? JSONDecoder().decode(ModelMeasurement.self, from: $0) }
  }

  private func comparison(_ context: StepContext) throws -> ModelComparison {
    var settings = settings
    settings.seed = training.recipe.seed
    return ModelComparison(data: try context.data.parts(training.recipe.data).test, settings: settings, isCancelled: context.isCancelled)
  }
}
