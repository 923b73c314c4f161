import Compression
import Foundation
import LinearAlgebra
import Networks
import Testing
import Training

/// L(w, u) = f(w) + λ₂ Σ_g √(‖w_g‖² + 10⁻⁸) + λ Σ_g P(‖u_g‖) + (β/2) ‖w − u‖² from the numbers alone.
private struct Lagrangian {
  let settings: RelaxationSettings
  let groups: WeightGroups
  let λ2: Double

  func callAsFunction(loss: Double, _ w: [Float], _ u: [Float]) -> Double {
    var total = loss
    for layer in groups.layers {
      for members in (0..<layer.count).map(layer.members) {
        func square(_ value: (Int) -> Double) -> Double { members.reduce(0) { $0 + value($1) * value($1) } }
        total += λ2 * (square { Double(w[$0]) } + 1e-8).squareRoot()
        total += settings.strength * settings.penalty.value(square { Double(u[$0]) }.squareRoot())
        total += settings.coupling / 2 * square { Double(w[$0]) - Double(u[$0]) }
      }
    }
    return total
  }
}

@Suite("Descent of the relaxed Lagrangian") struct RelaxedDescentTests {
  private static let penalties: [Penalty] = [.l0, .l1, .transformedL1(a: 1)]

  /// f(p) = pᵀAp/2 − bᵀp with A = H D H for a reflection H: its eigenvalues are those of D.
  private struct Quadratic {
    let axis: [Double]
    let eigenvalues: [Double]
    let b: [Double]

    init(count: Int, smoothness: Double, seed: UInt64) {
      var random = SplitMix64(seed: seed)
      let direction: [Double] = random.gaussianVector(count)
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      axis = direction.map { $0 / norm }
      eigenvalues = (0..<count).map { $0 == 0 ? smoothness : smoothness * random.nextUniform() }
      b = random.gaussianVector(count)
    }

    private func reflect(_ p: [Double]) -> [Double] {
      let along = 2 * zip(p, axis).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(p, axis).map { $0 - along * $1 }
    }

    func image(_ p: [Float]) -> [Double] { reflect(zip(reflect(p.map(Double.init)), eigenvalues).map { $0 * $1 }) }
    func gradient(_ p: [Float]) -> [Float] { zip(image(p), b).map { Float($0 - $1) } }
    func value(_ p: [Float]) -> Double { p.indices.reduce(0) { $0 + (image(p)[$1] / 2 - b[$1]) * Double(p[$1]) } }
  }

  /// The Lagrangian before and after each of some steps of plain gradient descent in the trainer's order, on a quadratic of smoothness L; the
  /// rate is `share` of 2 / (β + L), L that of the group lasso included.
  private static func course(_ settings: RelaxationSettings, λ2: Double, share: Double, seed: UInt64) throws -> [Double] {
    var model = Model<Float>(input: .vector(3))
    try model.add(DenseLayer("dense", inputs: 3, outputs: 4))
    let smoothness = 3.0
    let quadratic = Quadratic(count: model.parameterCount, smoothness: smoothness, seed: seed)
    let rate = share * 2 / (settings.coupling + smoothness + 1e4 * λ2)
    var hook = try RelaxedSplitting(settings, training: TrainingSettings(epochs: 1, optimiser: .gradientDescent()))
    var random = SplitMix64(seed: seed + 100)
    var parameters: [Float] = random.gaussianVector(model.parameterCount)
    try hook.begin(parameters, model: model)
    var optimiser = StochasticGradientDescent(count: parameters.count)
    let lagrangian = Lagrangian(settings: settings, groups: try #require(hook.groups), λ2: λ2)
    func value() -> Double {
      var u = parameters
      hook.deploy(&u)
      return lagrangian(loss: quadratic.value(parameters), parameters, u)
    }
    var position = TrainingPosition(stepsPerEpoch: 60, epochs: 1)
    var values = [value()]
    while position.step < 60 {
      var gradient = quadratic.gradient(parameters)
      _ = hook.penalise(parameters, gradient: &gradient, at: position)
      hook.move(&parameters, rate: rate, at: position)
      optimiser.step(&parameters, gradient: gradient, rate: rate, decay: [])
      hook.project(&parameters, at: position)
      position.step += 1
      values.append(value())
    }
    return values
  }

  private static func settings(_ kind: WeightGroups.Kind, _ penalty: Penalty, λ2: Double = 0) -> RelaxationSettings {
    var settings = RelaxationSettings(groups: kind, scope: .all, penalty: penalty, strength: 0.3, coupling: 0.8)
    settings.groupLasso = .fixed(λ2)
    return settings
  }

  /// Parameters are Floats, which bends every step by about 10⁻⁷ of them. Against a gradient G of L(·, u) that costs at most 10⁻⁷ ‖G‖ while the
  /// step gains c ‖G‖² with c = η (1 − share): together a loss of no more than 10⁻¹⁴ / 4c, far below 10⁻⁹. The proximal point's rounding counts
  /// squared, since it is stationary.
  @Test("On a quadratic nothing increases below 2/(β + L)", arguments: penalties, WeightGroups.Kind.allCases)
  func quadratic(penalty: Penalty, kind: WeightGroups.Kind) throws {
    for (seed, λ2) in [(UInt64(1), 0.0), (2, 1e-4)] {
      for share in [0.2, 0.95] {
        let values = try Self.course(Self.settings(kind, penalty, λ2: λ2), λ2: λ2, share: share, seed: seed)
        for (before, after) in zip(values, values.dropFirst()) {
          #expect(after <= before + 1e-9 * abs(before), "\(penalty) \(kind) \(λ2) \(share)")
        }
        #expect(values[values.count - 1] < values[0] - 0.1)
      }
    }
  }

  @Test("On a quadratic something increases well above 2/(β + L)", arguments: penalties)
  func tooLargeSteps(penalty: Penalty) throws {
    let values = try Self.course(Self.settings(.inputChannels, penalty), λ2: 0, share: 1.6, seed: 1)
    #expect(zip(values, values.dropFirst()).contains { $0 < $1 - 1e-3 })
  }

  /// Full batches, natural cross-entropy, tanh, so that f is smooth. f is evaluated with the same numbers in Double, whose rounding does not
  /// matter; the gradient is that of the trainer, whose relative error of about 10⁻⁶ cannot turn a step uphill before the gradient is that small
  /// against its own parts, which twenty steps do not reach. The tolerance is therefore that of the quadratic.
  @Test(
    "A small network in full batch descends in steps that are small enough", arguments: penalties, [WeightGroups.Kind.entries, .filters])
  func network(penalty: Penalty, kind: WeightGroups.Kind) throws {
    let data = try GlyphImages(size: 8, seed: 3).dataset(.training, count: 40)
    let architecture = ModelArchitecture.perceptron(.init(widths: [10], nonlinearity: .scalar(.tanh)))
    let model: Model<Float> = try architecture.model(input: data.shape, classes: 10)
    let exact: Model<Double> = try architecture.model(input: data.shape, classes: 10)
    // Filters have norms of about 1.
    let strength = kind == .entries ? 1e-3 : penalty == .l1 ? 0.4 : 0.2
    var settings = RelaxationSettings(groups: kind, scope: .all, penalty: penalty, strength: strength, coupling: 0.5)
    settings.overwritesWeights = false
    settings.groupLasso = .fixed(1e-5)
    let training = TrainingSettings(
      epochs: 20, batch: data.count, optimiser: .gradientDescent(), schedule: LearningRateSchedule(rate: 0.1), seed: 2)
    let trainer = try Trainer(
      model: model, data: data, settings: training, hooks: [try RelaxedSplitting(settings, training: training)])

    let execution = Execution(exact, capacity: data.count)
    execution.input.batch = data.count
    execution.input.elements = data.samples.map(Double.init)
    let lagrangian = Lagrangian(settings: settings, groups: try WeightGroups(kind, of: model, scope: .all), λ2: 1e-5)
    func value() -> Double {
      var state = ModelState(parameters: trainer.state.parameters.map(Double.init), statistics: [])
      execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0))
      let loss = CrossEntropy.evaluate(execution.output, labels: data.labels)
      return lagrangian(loss: loss, trainer.state.parameters, trainer.deployedState.parameters)
    }
    var values = [value()]
    while !trainer.position.isAtEnd {
      try trainer.step()
      values.append(value())
    }
    for (before, after) in zip(values, values.dropFirst()) { #expect(after <= before + 1e-9 * abs(before)) }
    #expect(values[values.count - 1] < values[0] - 0.05)
    #expect(try Sparsity(trainer.deployedState.parameters, of: model, scope: .all).weightShare > 0)
  }
}
