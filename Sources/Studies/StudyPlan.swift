import Certificates
import CommandLineSupport
import Compression
import Reports
import Training

/// What a study will do, step by step, known without doing it.
public struct StudyPlan: Sendable, Equatable {
  /// One step.
  public struct Step: Sendable, Equatable {
    /// What it is called in progress lines and folders.
    public let name: String
    /// The folder of its results, within that of the study.
    public let folder: String
    /// What is done, in order.
    public let actions: [String]
  }

  /// The study's heading.
  public let title: String
  /// The steps, in the order in which they are run.
  public let steps: [Step]

  /// The plan for a terminal.
  public var lines: [String] {
    var table = Table([("step", .left), ("folder", .left), ("what", .left)])
    for step in steps { table.add([step.name, step.folder, step.actions.joined(separator: "; ")]) }
    return ["\(title): \(Quantity.counted(steps.count, "step"))", ""] + table.lines
  }

  /// The plan for machines.
  public var json: JSONValue {
    .object([
      ("title", .string(title)),
      (
        "steps",
        .array(
          steps.map {
            .object([("name", .string($0.name)), ("folder", .string($0.folder)), ("actions", .array($0.actions.map { .string($0) }))])
          })
      ),
    ])
  }
}

extension Study {
  /// What will be done: one comparison of methods for each network, norm and target.
  public var plan: StudyPlan {
    StudyPlan(
      title: title,
      steps: comparisons.map { step in
        let source =
          switch step.model.source {
          case .recipe: "make the network"
          case .file(let path, _): "read \(path)"
          }
        var actions = [source, "bound it in \(step.inputNorm.rawValue): \(step.model.methods.joined(separator: ", "))"]
        if !step.model.partitionFactors.isEmpty {
          actions.append("partitions of factors \(step.model.partitionFactors.map(String.init).joined(separator: ", "))")
        }
        return StudyPlan.Step(name: step.id, folder: step.folder, actions: actions)
      })
  }
}

extension TrainingStudy {
  /// What will be done: every variant with every seed, seed by seed.
  public var plan: StudyPlan {
    let count = variants.map(\.recipes.count).max() ?? 0
    return StudyPlan(
      title: title,
      steps: (0..<count).flatMap { seed in
        variants.map { variant in
          let recipe = variant.recipes[seed]
          return StudyPlan.Step(
            name: "\(variant.name), seed \(recipe.seed)", folder: runFolder(of: variant, recipe),
            actions: recipe.actions + (variant.certification.map { ["certify: \($0.actionWords)"] } ?? []))
        }
      })
  }

  /// The folder of a run within that of the study.
  func runFolder(of variant: Variant, _ recipe: TrainingRecipe) -> String { "runs/\(variant.name)-\(recipe.seed)" }
}

extension TrainingRecipe {
  /// What carrying it out does.
  fileprivate var actions: [String] {
    let epochs = Quantity.counted(settings.epochs, "epoch")
    let samples = settings.adversary == nil ? "samples as they are" : "adversarial samples"
    var actions = ["train \(epochs) on \(samples)"]
    if let pruning {
      actions[0] += ", prune by \(pruning.name)"
      if let retraining { actions.append("train what is kept \(Quantity.counted(retraining.epochs, "epoch"))") }
      actions.append("remove channels")
    }
    let attacks = ["natural"] + evaluation.attacks.map(\.name)
    return actions + ["measure accuracy: \(attacks.joined(separator: ", "))"]
  }
}

extension ModelComparison.Settings {
  /// Bounds and radii in a few words.
  fileprivate var actionWords: String {
    let bounds = methods.isEmpty ? [] : ["bounds by \(methods.joined(separator: ", "))"]
    let radii = radiusCount == 0 ? [] : ["radii of \(Quantity.counted(radiusCount, "sample")) by \(radiusMethods.joined(separator: ", "))"]
    return (bounds + radii).joined(separator: "; ")
  }
}
