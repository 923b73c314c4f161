import Foundation
import NetworkFormats
import Reports
import Training

/// Several variants of one recipe, each with several seeds, and claims about them that the numbers decide.
public struct TrainingStudy: Study {
  /// One of the networks that are compared.
  public struct Variant: Sendable {
    /// Its name, which its folders have.
    public let name: String
    /// What it is, in a line.
    public let title: String
    /// Its recipe for each seed.
    public internal(set) var recipes: [TrainingRecipe]
    /// How its networks are certified, if they are.
    public let certification: ModelComparison.Settings?
  }

  /// The heading.
  public let title: String
  /// What it is about.
  public let summary: String
  /// The variants.
  public internal(set) var variants: [Variant]
  /// The claims.
  public let claims: [TrainingReport.Claim]

  /// Reads a study file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - data: in place of the study's own, for all variants.
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String, data: DataDescription? = nil) throws -> TrainingStudy {
    var study = try TrainingStudy(text: StudyText.read(path: path), file: path)
    guard let data else { return study }
    for index in study.variants.indices {
      for place in study.variants[index].recipes.indices { study.variants[index].recipes[place].data = data }
    }
    return study
  }

  // MARK: - Steps

  /// A variant with one seed: its training, and its certification where there is one.
  private struct Run {
    let training: TrainingStep
    let certification: CertificationStep?
  }

  /// The runs of a variant, one for each seed.
  private func runs(of variant: Variant) -> [Run] {
    variant.recipes.map { recipe in
      let name = "\(variant.name)-\(recipe.seed)"
      let training = TrainingStep(id: name, folder: "runs/\(name)", recipe: recipe, kind: variant.name, phases: "phases")
      let certification = variant.certification.map {
        CertificationStep(id: "\(name)-certified", folder: "certified/\(name)", training: training, name: name, settings: $0)
      }
      return Run(training: training, certification: certification)
    }
  }

  /// Every variant with every seed, seed by seed.
  public var steps: [any StudyStep] {
    let runs = variants.map(runs)
    return (0..<(runs.map(\.count).max() ?? 0)).flatMap { seed in
      runs.flatMap { runs -> [any StudyStep] in [runs[seed].training] + [runs[seed].certification].compactMap { $0 } }
    }
  }

  /// The report on all steps, as far as they are done.
  public func overview(_ results: StudyResults) throws -> any StudyOverview {
    let variants = variants.map { variant in
      let finished = runs(of: variant).compactMap { run -> TrainingReport.Run? in
        func folder(_ step: some StudyStep) -> ReportFolder? {
          results[step.id] == .complete ? ReportFolder(path: results.folder.file(step.folder)) : nil
        }
        guard let record = folder(run.training).flatMap(run.training.record) else { return nil }
        guard let certification = run.certification else { return .init(record) }
        return folder(certification).flatMap(certification.measurement).map { .init(record, measurement: $0) }
      }
      return TrainingReport.Variant(name: variant.name, title: variant.title, runs: finished)
    }
    return TrainingReport(title: title, summary: summary, variants: variants, claims: claims)
  }
}
