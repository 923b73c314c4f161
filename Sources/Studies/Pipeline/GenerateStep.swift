import CommandLineSupport
import NetworkFormats
import Networks
import Reports

/// A step that makes a network from a recipe of numbers.
struct GenerateStep: StudyStep {
  let id: String
  let folder: String
  let recipe: NetworkRecipe

  var seed: UInt64? { recipe.seed }
  var actions: [String] { ["make a network"] }

  func identity(_ context: StepContext) throws -> [String] { ["generate", String(reflecting: recipe)] }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let path = folder.file(NetworkFile.name)
    try NetworkFile.write(recipe, named: id, to: path)
    let model = try ComparedModel(path: path)
    let lowered = try model.naming { try model.network.lowered() }
    let counts = [(lowered.inputCount, "input"), (lowered.outputCount, "output"), (lowered.unitCount, "unit")]
    try folder.write(
      StepSummary(
        headline: "A network of \(counts.map { Quantity.counted($0, $1) }.joined(separator: ", "))",
        meaning: "Its weights are random numbers of a seed.",
        measures: counts.map { .init($1 + "s", Double($0), Quantity.count($0)) }, models: [model.sha256]))
    return true
  }
}
