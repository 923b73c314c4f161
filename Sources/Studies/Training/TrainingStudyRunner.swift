import Reports
import Training

/// Carries out a training study: one folder `runs/VARIANT-SEED` for each run, and the report, which is written anew after each.
///
/// Runs that are finished and whose recipes and data are the same are kept; others go on where they were. A phase that several variants have in
/// common, such as the dense network before different prunings, is trained once: the folder `phases` keeps them.
public struct TrainingStudyRunner: Sendable {
  /// What is going on.
  public struct Event: Sendable {
    /// The run, such as `adversarial, seed 1`.
    public let run: String
    /// The runs that are done.
    public let done: Int
    /// All runs.
    public let total: Int
    /// What the run does.
    public let detail: Detail

    /// What a run does.
    public enum Detail: Sendable {
      /// Its network is trained and judged.
      case training(TrainingRun.Event)
      /// Its network is certified.
      case certifying(ModelComparison.Event)
    }
  }

  /// The study.
  public let study: TrainingStudy
  /// The folder of the report.
  public let folder: ReportFolder
  private let isCancelled: @Sendable () -> Bool

  /// A runner that writes to a folder which may not exist yet.
  public init(_ study: TrainingStudy, folder: String, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.study = study
    self.folder = ReportFolder(path: folder)
    self.isCancelled = isCancelled
  }

  /// Runs everything, seed by seed.
  ///
  /// - Parameter observe: called after every step.
  /// - Returns: the report and whether it is about all runs; not so when the study was cancelled.
  /// - Throws: what ``TrainingRun/run(observe:)`` throws.
  public func run(observe: @escaping @Sendable (Event) -> Void = { _ in }) throws -> (report: TrainingReport, isComplete: Bool) {
    try folder.prepare()
    var report = TrainingReport(
      title: study.title, summary: study.summary,
      variants: study.variants.map { TrainingReport.Variant(name: $0.name, title: $0.title) }, claims: study.claims)
    let total = study.variants.reduce(0) { $0 + $1.recipes.count }
    var done = 0
    for seed in 0..<(study.variants.map(\.recipes.count).max() ?? 0) {
      for (index, variant) in study.variants.enumerated() {
        let recipe = variant.recipes[seed]
        let run = TrainingRun(
          recipe, folder: folder.file(study.runFolder(of: variant, recipe)), phases: folder.file("phases"), isCancelled: isCancelled)
        let record = try run.run {
          observe(Event(run: "\(variant.name), seed \(recipe.seed)", done: done, total: total, detail: .training($0)))
        }
        guard let record else { return (report, false) }
        var measurement: ModelMeasurement?
        if let settings = variant.certification {
          measurement = try certify(run, named: "\(variant.name)-\(recipe.seed)", settings, seed: recipe.seed) { [done] in
            observe(Event(run: "\(variant.name), seed \(recipe.seed)", done: done, total: total, detail: .certifying($0)))
          }
          guard measurement?.isComplete == true else { return (report, false) }
        }
        report.variants[index].runs.append(.init(record, measurement: measurement))
        done += 1
        try folder.write(report)
      }
    }
    return (report, true)
  }

  /// The certified bounds and radii of a run's network; those of before where the network and the question are the same.
  private func certify(
    _ run: TrainingRun, named name: String, _ settings: ModelComparison.Settings, seed: UInt64,
    observe: @escaping @Sendable (ModelComparison.Event) -> Void
  ) throws -> ModelMeasurement {
    var settings = settings
    settings.seed = seed
    let comparison = ModelComparison(data: try run.recipe.data.loadTest(), settings: settings, isCancelled: isCancelled)
    let model = try ComparedModel(path: run.networkPath, name: name)
    return try comparison.measure(model, keptAt: run.folder.file("measurement.json"), observe: observe)
  }
}
