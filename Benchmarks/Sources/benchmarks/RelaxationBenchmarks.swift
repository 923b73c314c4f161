import Compression
import LinearAlgebra
import Training

/// What pruning by relaxed splitting adds to a training step.
enum RelaxationBenchmarks {
  static let topic = Topic(
    id: "relaxation", title: "Pruning while training: relaxed splitting of ResNet-20, Float",
    note: """
      The proximal map of all convolutions (u from w), the pull of w towards u and the gradient of the group lasso, and their sum over \
      the time of a training step on 128 images of 3x32x32, as in training-step. Half of the weights or groups lie below the threshold.
      """,
    columns: ["groups", "penalty", "weights", "threads", "proximal map", "pull", "group lasso", "sum / step"],
    cases: kinds.map { kind in Topic.Case(name: kind.rawValue) { try rows(kind, $0) } })

  private static let kinds = WeightGroups.Kind.allCases

  private static func rows(_ kind: WeightGroups.Kind, _ harness: Harness) throws -> [[Cell]] {
    let shape = FeatureShape(height: 32, width: 32, channels: 3)
    let model: Model<Float> = try ModelArchitecture.residual(ResidualArchitecture(depth: 20)).model(input: shape, classes: 10)
    var random = SplitMix64(seed: 1)
    let data = try Dataset(
      name: "noise", shape: shape, samples: (0..<128 * shape.count).map { _ in Float(random.nextUniform()) },
      labels: (0..<128).map { $0 % 10 }, classCount: 10)
    let training = TrainingSettings(epochs: 1_000_000, schedule: LearningRateSchedule(rate: 0.01))
    let trainer = try Trainer(model: model, data: data, settings: training)
    let norms = try WeightGroups(kind, of: model, scope: .convolutions).layers.flatMap { $0.norms(trainer.state.parameters) }.sorted()
    let median = norms[norms.count / 2]

    let asked = Threads.count
    defer { Threads.count = asked }
    return try Set([1, asked]).sorted().flatMap { threads -> [[Cell]] in
      Threads.count = threads
      let step = try harness.measure { try trainer.step() }
      return try penalties.map { (name, penalty) -> [Cell] in
        let strength = penalty == .l0 ? median * median / 2 : median / 2
        var settings = RelaxationSettings(groups: kind, penalty: penalty, strength: strength, coupling: 1)
        settings.groupLasso = .fixed(1e-5)
        var hook = try RelaxedSplitting(settings, training: training)
        var parameters = try model.initialState(seed: 1).parameters
        try hook.begin(parameters, model: model)
        var gradient = [Float](repeating: 0, count: parameters.count)
        let position = TrainingPosition(stepsPerEpoch: 1, epochs: 1)
        let map = harness.measure(50) { hook.project(&parameters, at: position) }
        let pull = harness.measure(50) { hook.move(&parameters, rate: 1e-9, at: position) }
        let lasso = harness.measure(50) { _ = hook.penalise(parameters, gradient: &gradient, at: position) }
        let sum = map.best + pull.best + lasso.best
        let times: [Cell] = [.seconds(map.best), .seconds(pull.best), .seconds(lasso.best), .ratio(sum / step.best)]
        return [.text(kind.rawValue), .text(name), .count(parameters.count), .count(threads)] + times
      }
    }
  }

  private static let penalties: [(String, Penalty)] = [("l0", .l0), ("l1", .l1), ("transformed l1, a = 1", .transformedL1(a: 1))]
}
