import Reports
import Training

/// A step that trains, perhaps prunes, and judges one network.
struct TrainingStep: StudyStep {
  let id: String
  let folder: String
  let recipe: TrainingRecipe
  /// What the time it takes is like.
  let kind: String
  /// The name of a folder of the study in which steps share finished phases of training; `nil` for none.
  let phases: String?

  var work: [String] { [kind] }
  var seed: UInt64? { recipe.seed }
  var actions: [String] { recipe.actions }

  func identity(_ context: StepContext) throws -> [String] {
    let words = try recipe.words()
    return ["train", recipe.title, try context.data.parts(recipe.data).digest]
      + words.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
  }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let run = TrainingRun(
      recipe, folder: folder.path, phases: phases.map { context.folder.file($0) }, isCancelled: context.isCancelled)
    let record = try run.run(on: context.data.parts(recipe.data)) { context.tell(.training($0)) }
    guard let record else { return false }
    let report = TrainingReport(record, summary: recipe.summary)
    try folder.write(report)
    try folder.write(report.stepSummary(of: id))
    return true
  }

  /// What came of it; `nil` when that cannot be read.
  func record(in folder: ReportFolder) -> TrainedRecord? { TrainedRecord(path: folder.file(TrainingRun.recordName)) }
}
