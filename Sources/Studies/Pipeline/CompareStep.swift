import CommandLineSupport
import Foundation
import Reports
import Training

/// A step that puts models side by side, the first as reference.
struct CompareStep: StudyStep {
  let id: String
  let folder: String
  let models: [ModelReference]
  /// The samples; `nil` leaves out everything that needs some.
  let data: DataDescription?
  /// How many samples accuracies are measured on; `nil` for all.
  let limit: Int?
  let settings: ModelComparison.Settings
  /// Radii at which the certified accuracy is stated; round numbers when empty.
  let radii: [Double]

  var needs: [StepNeed] { models.flatMap(\.needs) }
  var seed: UInt64? { settings.seed }
  var actions: [String] { ["compare \(models.map(\.words).joined(separator: ", "))"] }

  func identity(_ context: StepContext) throws -> [String] {
    try ["compare", comparison(context).question, "\(radii)"] + models.map { try $0.identity() }
  }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let comparison = try comparison(context)
    let subjects = try models.map { try $0.load(context) }
    var (measurements, differences) = try comparison.run(subjects) { context.tell(.measuring($0)) }
    // The same wherever the study's folder is.
    for index in measurements.indices { measurements[index].path = models[index].place(context) }
    let names = models.map(\.words)
    let report = comparison.report(
      title: names.dropFirst().joined(separator: ", ") + " against " + names[0], measurements, differences, radii: radii)
    try folder.write(report)
    try folder.write(report.stepSummary(of: id))
    if let contradiction = report.contradictions.first {
      throw StudyError("\(contradiction): the program is wrong, trust none of these results", isContradiction: true)
    }
    return report.isComplete
  }

  private func comparison(_ context: StepContext) throws -> ModelComparison {
    let samples = try data.map { try context.data.testSamples($0).first(limit) }
    return ModelComparison(data: samples, settings: settings, isCancelled: context.isCancelled)
  }
}
