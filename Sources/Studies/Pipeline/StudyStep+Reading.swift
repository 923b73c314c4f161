import Certificates
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Robustness
import Training

extension GenerateStep {
  /// `generate:` of a step, such as `{widths: [10, 20x3, 5], seed: 1}`.
  static let notation = NetworkRecipe.notation.map { recipe, _ -> StepDescription.Action in
    { reading, id, _ in
      reading.makers.insert(id)
      return GenerateStep(id: id, folder: id, recipe: recipe)
    }
  }
}

extension BoundStep {
  /// `bound:` of a step, such as `{model: random, methods: all}`.
  static let notation = Notation<StepDescription.Action>.mapping(
    nil,
    .group(
      model,
      Field(
        "methods", .methods.examples("all", "[product, lifted, attained]"), default: ["lifted", "attained"],
        "The methods, or all. product is quick and loose, lifted is this project's solver, attained is a lower bound."),
      Field("norm", .word(kind: "norm"), default: InputNorm.l2, "The norm in which inputs are measured."),
      Field(
        "target", .target.examples("all", "3", "[3, 1]"), default: .all,
        "What is bounded: all outputs together, one output such as 3, or the margin of one output over another such as [3, 1]."),
      Budget.field,
      Field(
        "partition-factors", .list(of: .integer(in: 1...4096), isUnique: true),
        "The method partition is run with these factors, too, for a figure of its time against its tightness.")
    ) { _, place, methods, norm, target, budget, factors in
      { reading, id, title in
        let model = try reading.model(place)
        let source: BoundStudy.Source =
          switch model {
          case .step(let step): .step(step)
          case .file(let path): .file(path: path, nonlinearity: nil)
          }
        reading.certified[id] = model
        var budget = budget
        budget.seed = reading.seed
        return BoundStep(
          id: id, folder: id,
          model: BoundStudy.Model(
            name: id, title: title, source: source, norms: [norm], targets: [target], methods: methods, partitionFactors: factors ?? []),
          inputNorm: norm, output: target, budget: budget)
      }
    }
  ).named("bound")

  /// `model:` of steps.
  static let model = Field<YAMLEntry>(
    required: "model", .reference.examples("trained", "net.onnx"),
    "The network: the name of an earlier step that makes one, or a file, whose path is relative to this file.")
}

extension TrainingStep {
  /// `train:` or `prune:` of a step: a recipe, or the path of a file with one.
  static func notation(folder: URL, prunes: Bool) -> Notation<StepDescription.Action> {
    let file = Notation<String>.file(in: folder)
    let recipe = Notation<TrainingRecipe>.mapping(nil, TrainingRecipe.field(folder: folder)).named("recipe")
    return Notation(.any(of: [file.schema, recipe.schema])) { entry in
      let recipe = try entry.value.text == nil ? recipe.read(entry) : TrainingRecipe.read(path: file.read(entry))
      guard prunes == (recipe.pruning != nil) else {
        throw entry.failure(
          prunes ? "the recipe has no 'pruning'; 'train' carries it out" : "the recipe has 'pruning'; 'prune' carries it out")
      }
      return { reading, id, _ in
        reading.makers.insert(id)
        return TrainingStep(id: id, folder: id, recipe: recipe, kind: id, phases: "phases")
      }
    }
  }
}

extension RadiusStep {
  /// `radius:` of a step, such as `{model: trained, data: {glyphs: 14}, limit: 20}`.
  static func notation(folder: URL) -> Notation<StepDescription.Action> {
    .mapping(
      nil,
      .group(
        BoundStep.model,
        Field(required: "data", DataDescription.notation(folder: folder), "The data whose test samples get a radius."),
        Field("limit", .integer(in: 1...1_000_000_000), default: 100, "How many samples get a radius: the first ones."),
        Field(
          "methods", .names(among: RadiusMethods.names, kind: "method"), default: RadiusMethods.standard,
          "The methods that prove radii, from quick to thorough."),
        Field("radii", .list(of: .real(in: 0...1e9)), "The radii at which accuracy is stated; round numbers unless given."),
        settings
      ) { _, place, data, limit, methods, radii, settings in
        { reading, id, _ in
          let model = try reading.model(place)
          reading.certified[id] = model
          var settings = settings
          settings.seed = reading.seed
          return RadiusStep(
            id: id, folder: id, model: model, data: data, count: limit, settings: settings, methods: methods, radii: radii ?? [])
        }
      })
  }

  private static let settings = Field<RadiusRun.Settings>.group(
    Field(
      "norm", .word(["l2": InputNorm.l2, "linf": .lInfinity], kind: "norm"), default: .l2, "The norm in which distances are measured."),
    PerturbationNorm.bounded,
    Field(
      "attack", .orNone(.name(among: Attacks.all.map(\.name), kind: "attack")), default: Attacks.standard.name,
      "The attack that looks for the nearest adversarial sample."),
    Field(
      "independent", .boolean, default: false,
      "Whether methods are not told what the attack has found, so that the two never crossing is evidence."),
    Field("tolerance", .positive(below: 1), default: RadiusRun.Settings().tolerance, "The relative precision of radii."),
    Budget.timeLimitField, Budget.memoryLimitField
  ) { _, norm, isBounded, attack, isIndependent, tolerance, timeLimit, memoryLimit in
    var settings = RadiusRun.Settings()
    (settings.norm, settings.domain, settings.isIndependent) = (norm, isBounded ? 0...1 : nil, isIndependent)
    (settings.tolerance, settings.timeLimit, settings.memoryLimit) = (tolerance, timeLimit, memoryLimit)
    settings.attack = attack.flatMap(Attacks.named)
    return settings
  }
}

extension CheckStep {
  /// `check:` of a step, such as `[bounds, radii]`.
  static let notation = Notation<[YAMLEntry]>.parts(of: .reference, isUnique: true).map { places, _ -> StepDescription.Action in
    { reading, id, title in
      CheckStep(id: id, folder: id, title: title, subjects: try places.map { try reading.subject($0) })
    }
  }
}

extension CompareStep {
  /// `compare:` of a step, such as `{models: [trained, pruned], data: {glyphs: 14}}`.
  static func notation(folder: URL) -> Notation<StepDescription.Action> {
    .mapping(
      nil,
      .group(
        Field(
          required: "models",
          .list(of: .reference, count: 2...Int.max, isUnique: true, expected: "two models at least, the first as reference")
            .examples("[trained, pruned]"),
          "The networks: names of earlier steps that make one, or files, whose paths are relative to this file."),
        Field(
          "data", DataDescription.notation(folder: folder), "The data whose test samples are used; without them there are only bounds."),
        Field("limit", .integer(in: 1...1_000_000_000), "How many samples accuracies are measured on; all unless given."),
        Field("evaluation", AccuracyEvaluation.notation, "The attacks under which accuracies are measured, too."),
        Field(
          "certification", ModelComparison.Settings.notation, default: ModelComparison.Settings(),
          "Lipschitz bounds, and radii of test samples."),
        Field("difference", difference, "Bounds on how far the outputs of each model can be from the reference's."),
        Field("timing", .boolean, default: false, "Whether inference is timed."),
        Field("radii", .list(of: .real(in: 0...1e9)), "The radii at which accuracy is stated; round numbers unless given."),
        PerturbationNorm.bounded
      ) { mapping, places, data, limit, evaluation, certification, difference, isTimed, radii, isBounded in
        let list = try mapping.required("models")
        var settings = difference.map { $0(certification) } ?? certification
        settings.domain = isBounded ? 0...1 : nil
        if difference == nil { settings.differenceCount = 0 }
        settings.inferenceBatches = isTimed ? ModelComparison.Settings().inferenceBatches : []
        settings.attacks = evaluation?.attacks ?? []
        return { [settings] reading, id, _ in
          var settings = settings
          settings.seed = reading.seed
          let models = try places.map { try reading.model($0) }
          guard Set(models.map(\.words)).count == models.count else { throw list.failure("two models have the same name") }
          return CompareStep(id: id, folder: id, models: models, data: data, limit: limit, settings: settings, radii: radii ?? [])
        }
      })
  }

  private typealias Change = @Sendable (ModelComparison.Settings) -> ModelComparison.Settings

  private static let difference = Notation<Change>.mapping(
    nil,
    .group(
      Field("samples", .integer(in: 1...1_000_000), default: 20, "How many samples have a region: the first ones."),
      Field("radius", .positive(below: 1e9), default: ModelComparison.Settings().differenceRadius, "The radius of the regions."),
      Field(
        "norm", .word(["l2": InputNorm.l2, "linf": .lInfinity], kind: "norm"), default: ModelComparison.Settings().differenceNorm,
        "The norm of the regions.")
    ) { _, samples, radius, norm in
      { settings in
        var settings = settings
        (settings.differenceCount, settings.differenceRadius, settings.differenceNorm) = (samples, radius, norm)
        return settings
      }
    })
}
