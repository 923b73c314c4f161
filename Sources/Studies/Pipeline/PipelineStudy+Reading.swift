import Certificates
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Robustness
import Training

extension PipelineStudy {
  /// The keys of a study.
  static let keys = ["title", "description", "seed", "steps"]
  /// The keys of a step beside what it does.
  static let stepKeys = ["name", "title"]
  /// What a step can do.
  static let actions = ["generate", "bound", "train", "prune", "radius", "check", "compare"]

  /// Reads a study file.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String) throws -> PipelineStudy { try PipelineStudy(text: StudyText.read(path: path), file: path) }

  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    var sha = SHA256()
    sha.update(text.utf8)
    let digest = sha.finish()
    self = try FormatError.naming(file) {
      let mapping = try YAMLMapping(YAMLValue(text: text), name: "the study", keys: Self.keys)
      let url = URL(fileURLWithPath: file)
      var reading = StepReading(folder: url.deletingLastPathComponent(), seed: try mapping["seed"]?.seed() ?? 0)
      let entries = try mapping.required("steps").list().map { try reading.entry($0) }
      return PipelineStudy(
        title: try mapping.required("title").text(),
        summary: try mapping["description"]?.text().trimmingCharacters(in: .whitespacesAndNewlines) ?? "",
        file: url.lastPathComponent, sha256: digest, entries: entries)
    }
  }
}

/// Reads steps one after the other, and knows which came before.
struct StepReading {
  static let boundKeys = [
    "model", "methods", "norm", "target", "tolerance", "time-limit", "memory-limit", "partition-factors",
  ]
  static let radiusKeys = [
    "model", "data", "limit", "methods", "norm", "bounded", "attack", "independent", "radii", "tolerance", "time-limit", "memory-limit",
  ]
  static let compareKeys = ["models", "data", "limit", "evaluation", "certification", "difference", "timing", "radii", "bounded"]

  /// The folder that paths are relative to.
  let folder: URL
  /// The seed of searches.
  let seed: UInt64
  /// The earlier steps that made a network.
  private var makers: Set<String> = []
  /// The earlier steps that left certificates, and the networks these are about.
  private var certified: [String: ModelReference] = [:]
  private var names: Set<String> = []

  init(folder: URL, seed: UInt64) { (self.folder, self.seed) = (folder, seed) }

  /// Reads a step.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  mutating func entry(_ value: YAMLEntry) throws -> PipelineStudy.Entry {
    let mapping = try YAMLMapping(value.value, name: "a step", keys: PipelineStudy.stepKeys + PipelineStudy.actions)
    let name = try mapping.required("name")
    let id = try name.identifier()
    guard names.insert(id.lowercased()).inserted else { throw name.failure("'\(id)' occurs twice") }
    let actions = mapping.keys.subtracting(PipelineStudy.stepKeys)
    guard actions.count == 1, let action = actions.first, let what = mapping[action] else {
      throw mapping.failure("'\(id)' needs one of \(PipelineStudy.actions.joined(separator: ", "))")
    }
    let title = try mapping["title"]?.text() ?? id
    return PipelineStudy.Entry(title: title, step: try step(id, title, action, what))
  }

  private mutating func step(_ id: String, _ title: String, _ action: String, _ value: YAMLEntry) throws -> any StudyStep {
    switch action {
    case "generate":
      makers.insert(id)
      return GenerateStep(id: id, folder: id, recipe: try BoundStudy.recipe(value))
    case "bound": return try bound(id, title, value)
    case "train", "prune":
      makers.insert(id)
      return TrainingStep(id: id, folder: id, recipe: try recipe(value, prunes: action == "prune"), kind: id, phases: "phases")
    case "radius": return try radius(id, value)
    case "check": return try check(id, title, value)
    default: return try compare(id, value)
    }
  }

  // MARK: - Actions

  private mutating func bound(_ id: String, _ title: String, _ value: YAMLEntry) throws -> BoundStep {
    let mapping = try value.mapping(Self.boundKeys)
    let model = try self.model(mapping.required("model"))
    var budget = Budget()
    budget.seed = seed
    if let tolerance = mapping["tolerance"] { budget.tolerance = try tolerance.positive(below: 1) }
    budget.timeLimit = try mapping["time-limit"]?.positive(below: 1e9)
    if let memory = mapping["memory-limit"] { budget.memoryLimit = Int(try memory.positive(below: 1e6) * 0x1p30) }
    let targets = try mapping["target"].map { try BoundStudy.targets($0) } ?? [.all]
    guard targets.count == 1, let target = targets.first else {
      throw (mapping["target"] ?? value).failure("a step has one target; a margin is written [[3, 1]]")
    }
    let norm = try mapping["norm"]?.choice(["l2": InputNorm.l2, "linf": .lInfinity, "l1": .l1]) ?? .l2
    certified[id] = model
    let source: BoundStudy.Source =
      switch model {
      case .step(let step): .step(step)
      case .file(let path): .file(path: path, nonlinearity: nil)
      }
    return BoundStep(
      id: id, folder: id,
      model: BoundStudy.Model(
        name: id, title: title, source: source, norms: [norm], targets: targets,
        methods: try mapping["methods"].map { try BoundStudy.methods($0) } ?? ["lifted", "attained"],
        partitionFactors: try mapping["partition-factors"]?.list().map { try $0.integer(in: 1...4096) } ?? []),
      inputNorm: norm, output: target, budget: budget)
  }

  private func recipe(_ value: YAMLEntry, prunes: Bool) throws -> TrainingRecipe {
    let recipe: TrainingRecipe
    if value.value.text != nil {
      recipe = try TrainingRecipe.read(path: file(value))
    } else {
      recipe = try TrainingRecipe(value.mapping(["title", "description"] + TrainingRecipe.keys), folder: folder)
    }
    guard prunes == (recipe.pruning != nil) else {
      throw value.failure(
        prunes ? "the recipe has no 'pruning'; 'train' carries it out" : "the recipe has 'pruning'; 'prune' carries it out")
    }
    return recipe
  }

  private mutating func radius(_ id: String, _ value: YAMLEntry) throws -> RadiusStep {
    let mapping = try value.mapping(Self.radiusKeys)
    let model = try self.model(mapping.required("model"))
    var settings = RadiusRun.Settings()
    settings.norm = try mapping["norm"]?.choice(["l2": InputNorm.l2, "linf": .lInfinity]) ?? .l2
    let isBounded = try mapping["bounded"]?.boolean() ?? true
    settings.domain = isBounded ? 0...1 : nil
    let attack = try mapping["attack"].map { try Self.words($0, among: Attacks.all.map(\.name) + ["none"]) }?.first ?? Attacks.standard.name
    settings.attack = Attacks.named(attack)
    settings.isIndependent = try mapping["independent"]?.boolean() ?? false
    if let tolerance = mapping["tolerance"] { settings.tolerance = try tolerance.positive(below: 1) }
    settings.timeLimit = try mapping["time-limit"]?.positive(below: 1e9)
    if let memory = mapping["memory-limit"] { settings.memoryLimit = Int(try memory.positive(below: 1e6) * 0x1p30) }
    settings.seed = seed
    certified[id] = model
    return RadiusStep(
      id: id, folder: id, model: model, data: try DataDescription(mapping.required("data"), folder: folder),
      count: try mapping["limit"]?.integer(in: 1...1_000_000_000) ?? 100, settings: settings,
      methods: try mapping["methods"].map { try Self.words($0, among: RadiusMethods.names) } ?? RadiusMethods.standard,
      radii: try Self.radii(mapping["radii"]))
  }

  private func check(_ id: String, _ title: String, _ value: YAMLEntry) throws -> CheckStep {
    let subjects = try value.words().map { step in
      guard let model = certified[step] else {
        throw value.failure("no earlier step '\(step)' leaves certificates; such steps are 'bound' and 'radius'")
      }
      return CheckStep.Subject(step: step, model: model)
    }
    return CheckStep(id: id, folder: id, title: title, subjects: subjects)
  }

  private func compare(_ id: String, _ value: YAMLEntry) throws -> CompareStep {
    let mapping = try value.mapping(Self.compareKeys)
    let list = try mapping.required("models")
    let models = try list.list().map { try model($0) }
    guard models.count > 1 else { throw list.failure("there is nothing to compare with: two models at least are needed") }
    guard Set(models.map(\.words)).count == models.count else { throw list.failure("two models have the same name") }
    var settings = try mapping["certification"].map(ModelComparison.Settings.init(certification:)) ?? ModelComparison.Settings()
    let isBounded = try mapping["bounded"]?.boolean() ?? true
    settings.domain = isBounded ? 0...1 : nil
    settings.differenceCount = 0
    if let difference = mapping["difference"] {
      let own = try difference.mapping(["samples", "radius", "norm"])
      settings.differenceCount = try own["samples"]?.integer(in: 1...1_000_000) ?? 20
      settings.differenceRadius = try own["radius"]?.positive(below: 1e9) ?? settings.differenceRadius
      settings.differenceNorm = try own["norm"]?.choice(["l2": InputNorm.l2, "linf": .lInfinity]) ?? settings.differenceNorm
    }
    settings.inferenceBatches = try mapping["timing"]?.boolean() ?? false ? ModelComparison.Settings().inferenceBatches : []
    settings.seed = seed
    if let evaluation = mapping["evaluation"] { settings.attacks = try AccuracyEvaluation(evaluation, seed: seed).attacks }
    return CompareStep(
      id: id, folder: id, models: models, data: try mapping["data"].map { try DataDescription($0, folder: folder) },
      limit: try mapping["limit"]?.integer(in: 1...1_000_000_000), settings: settings, radii: try Self.radii(mapping["radii"]))
  }

  // MARK: - Parts

  /// The name of an earlier step that made a network, or a file.
  private func model(_ value: YAMLEntry) throws -> ModelReference {
    let word = try value.text()
    if makers.contains(word) { return .step(word) }
    guard word.contains(".") || word.contains("/") else {
      throw value.failure(
        "no earlier step '\(word)' makes a network"
          + (makers.isEmpty ? "" : "; choose from \(makers.sorted().joined(separator: ", ")), or a file"))
    }
    return .file(try file(value))
  }

  /// The path of a file that is there.
  private func file(_ value: YAMLEntry) throws -> String {
    let path = try value.text()
    let full = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardized.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
      throw value.failure("there is no file \(full)")
    }
    return full
  }

  private static func radii(_ value: YAMLEntry?) throws -> [Double] { try value?.list().map { try $0.real(in: 0...1e9) } ?? [] }

  private static func words(_ value: YAMLEntry, among names: [String]) throws -> [String] {
    try value.words().map { word in
      guard names.contains(word) else { throw value.failure("unknown word '\(word)'; choose from \(names.joined(separator: ", "))") }
      return word
    }
  }
}
