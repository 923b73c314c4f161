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
    /// The steps whose results it reads.
    public let needs: [String]
    /// What is done, in order.
    public let actions: [String]
  }

  /// The study's heading.
  public let title: String
  /// The steps, in the order in which they are run.
  public let steps: [Step]

  /// The plan for a terminal.
  public var lines: [String] {
    let isGraph = steps.contains { !$0.needs.isEmpty }
    var table = Table([("step", .left), ("folder", .left)] + (isGraph ? [("after", .left)] : []) + [("what", .left)])
    for step in steps {
      let needs = isGraph ? [step.needs.isEmpty ? "-" : step.needs.joined(separator: ", ")] : []
      table.add([step.name, step.folder] + needs + [step.actions.joined(separator: "; ")])
    }
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
            .object([
              ("name", .string($0.name)), ("folder", .string($0.folder)), ("needs", .array($0.needs.map { .string($0) })),
              ("actions", .array($0.actions.map { .string($0) })),
            ])
          })
      ),
    ])
  }
}

extension Study {
  /// What will be done.
  public var plan: StudyPlan {
    StudyPlan(
      title: title,
      steps: steps.map { step in
        StudyPlan.Step(
          name: step.id, folder: step.folder, needs: step.needs.map(\.step).reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
          actions: step.actions)
      })
  }
}

extension TrainingRecipe {
  /// What carrying it out does.
  var actions: [String] {
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
  var actionWords: String {
    let bounds = methods.isEmpty ? [] : ["bounds by \(methods.joined(separator: ", "))"]
    let radii = radiusCount == 0 ? [] : ["radii of \(Quantity.counted(radiusCount, "sample")) by \(radiusMethods.joined(separator: ", "))"]
    return (bounds + radii).joined(separator: "; ")
  }
}
