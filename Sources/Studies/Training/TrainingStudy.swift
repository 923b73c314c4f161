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

  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    self = try FormatError.naming(file) {
      try TrainingStudy(YAMLValue(text: text), folder: URL(fileURLWithPath: file).deletingLastPathComponent())
    }
  }

  private init(_ root: YAMLValue, folder: URL) throws {
    let mapping = try YAMLMapping(
      root, name: "the study", keys: ["title", "description", "seeds", "variants", "certification", "claims"] + TrainingRecipe.keys)
    title = try mapping.required("title").text()
    summary = try mapping["description"]?.text().trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    if let seed = mapping["seed"], mapping["seeds"] != nil { throw seed.failure("excludes 'seeds'") }
    let seeds = try mapping["seeds"]?.list().map { try $0.seed() } ?? [mapping["seed"]?.seed() ?? 0]
    guard Set(seeds).count == seeds.count else { throw mapping.failure("a seed occurs twice") }
    let certification = try mapping["certification"].map(ModelComparison.Settings.init(certification:))
    var names: Set<String> = []
    variants = try mapping.required("variants").list().map { entry in
      let changes = try YAMLMapping(
        entry.value, name: "a variant",
        keys: ["name", "title", "description", "data", "model", "training", "pruning", "retraining", "evaluation", "certification"])
      let name = try changes.required("name")
      guard names.insert(try name.identifier().lowercased()).inserted else { throw name.failure("'\(try name.text())' occurs twice") }
      let recipes = try seeds.map { try TrainingRecipe(mapping, changes: changes, seed: $0, folder: folder) }
      return Variant(
        name: try name.text(), title: try changes["title"]?.text() ?? name.text(), recipes: recipes,
        certification: try changes["certification"].map(ModelComparison.Settings.init(certification:)) ?? certification)
    }
    claims = try mapping["claims"]?.list().map { [variants] in try Self.claim($0, variants: variants) } ?? []
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

  // MARK: - Claims

  private static func claim(_ entry: YAMLEntry, variants: [Variant]) throws -> TrainingReport.Claim {
    let mapping = try YAMLMapping(
      entry.value, name: "a claim", keys: ["id", "statement", "better", "than", "order", "measure", "with-noise", "by"])
    func side(_ value: YAMLEntry) throws -> TrainingReport.Claim.Side {
      let name = try value.text()
      if variants.contains(where: { $0.name == name }) { return .variant(name) }
      if let number = Double(name), number.isFinite { return .number(number) }
      throw value.failure("there is no variant '\(name)'; choose from \(variants.map(\.name).joined(separator: ", "))")
    }
    if let order = mapping["order"], mapping["better"] ?? mapping["than"] != nil { throw order.failure("excludes 'better' and 'than'") }
    let order =
      try mapping["order"]?.list().map(side) ?? [side(mapping.required("better")), side(mapping.required("than"))]
    guard order.count > 1 else { throw mapping.failure("a claim compares at least two") }
    let measure = try mapping.required("measure")
    let word = try measure.text()
    for case .variant(let name) in order {
      guard let variant = variants.first(where: { $0.name == name }) else { continue }
      let isCertified = variant.certification != nil
      let known =
        (variant.recipes.first.map(Self.measures) ?? []) + (isCertified ? StudyMeasure.ofCertification.map(\.key) + ["vra@RADIUS"] : [])
      guard known.contains(word) || (isCertified && StudyMeasure(word).vraRadius != nil) else {
        throw measure.failure("'\(name)' is not measured so; choose from \(known.joined(separator: ", "))")
      }
    }
    return TrainingReport.Claim(
      id: try mapping.required("id").text(), statement: try mapping.required("statement").text(), order: order,
      measure: StudyMeasure(word), isNoisy: try mapping["with-noise"]?.boolean() ?? false,
      margin: try mapping["by"]?.real(in: -1e12...1e12) ?? 0)
  }

  /// The words of what a recipe's runs are measured by.
  private static func measures(_ recipe: TrainingRecipe) -> [String] {
    ["natural"] + recipe.evaluation.attacks.map(\.name) + StudyMeasure.ofTraining.map(\.key)
      + (recipe.pruning == nil ? ["parameters"] : StudyMeasure.ofPruning.map(\.key))
  }
}
