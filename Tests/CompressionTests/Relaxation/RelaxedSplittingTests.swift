import Compression
import Foundation
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("RVSM and RGSM") struct RelaxedSplittingTests {
  private static func glyphs(_ count: Int = 120) throws -> Dataset { try GlyphImages(size: 8, seed: 5).dataset(.training, count: count) }

  private static func residual(_ data: Dataset) throws -> Model<Float> {
    try ModelArchitecture.residual(.init(depth: 8, channels: [4, 8, 8])).model(input: data.shape, classes: 10)
  }

  private static func training(epochs: Int, batch: Int, rate: Double) -> TrainingSettings {
    TrainingSettings(epochs: epochs, batch: batch, schedule: LearningRateSchedule(rate: rate, course: .cosine(end: 0.01)), seed: 4)
  }

  private static func trainer(_ model: Model<Float>, _ data: Dataset, _ training: TrainingSettings, _ settings: RelaxationSettings) throws
    -> Trainer
  {
    try Trainer(model: model, data: data, settings: training, hooks: [try RelaxedSplitting(settings, training: training)])
  }

  @Test("RVSM: the smaller β, the more zeros")
  func sparsityFollowsTheCoupling() throws {
    let data = try Self.glyphs(200)
    let model: Model<Float> = try ModelArchitecture.perceptron(.init(widths: [24])).model(input: data.shape, classes: 10)
    let training = Self.training(epochs: 10, batch: 20, rate: 0.1)
    let shares = try [0.01, 0.1, 0.5].map { β in
      var settings = RelaxationSettings.variableSplitting(strength: 1e-4, coupling: β)
      settings.scope = .all
      let outcome = try Self.trainer(model, data, training, settings).run()
      #expect(outcome.curve.last.map { $0.accuracy > 0.5 } == true)
      // Exact zeros, and nothing else below the threshold.
      let t = (2e-4 / β).squareRoot()
      for layer in try WeightGroups(.entries, of: model, scope: .all).layers {
        #expect(layer.range.allSatisfy { outcome.state.parameters[$0] == 0 || Double(abs(outcome.state.parameters[$0])) > t })
      }
      return try Sparsity(outcome.state.parameters, of: model, scope: .all).weightShare
    }
    #expect(shares[0] > shares[1] + 0.05 && shares[1] > shares[2] + 0.02 && shares[2] > 0, "\(shares)")
  }

  @Test("RGSM with the scaled group lasso gives exact zeros of channels where the published strength gives none")
  func channelZeros() throws {
    let data = try Self.glyphs()
    let model = try Self.residual(data)
    let training = Self.training(epochs: 6, batch: 12, rate: 0.1)
    func deployed(_ lasso: GroupLassoStrength) throws -> [Float] {
      let settings = RelaxationSettings.groupSplitting(strength: 0.3, groupLasso: lasso)
      return try Self.trainer(model, data, training, settings).run().state.parameters
    }
    let pruned = try deployed(.automatic())
    let groups = try WeightGroups(.inputChannels, of: model, scope: .convolutions)
    let norms = groups.layers.flatMap { $0.norms(pruned) }
    let t = 0.6.squareRoot()
    #expect(norms.allSatisfy { $0 == 0 || $0 > t * (1 - 1e-6) })
    let share = try Sparsity(pruned, of: model, scope: .convolutions).channelShare
    #expect(share > 0.05 && share < 0.95, "\(share)")
    #expect(share == Double(norms.count { $0 == 0 }) / Double(norms.count))
    #expect(try Sparsity(deployed(.fixed(1e-5)), of: model, scope: .convolutions).channelShare == 0)
  }

  @Test("A run that was interrupted anywhere ends as an undisturbed one, bit for bit", arguments: [true, false])
  func resuming(overwrites: Bool) throws {
    let data = try Self.glyphs(22)
    let model: Model<Float> = try ModelArchitecture.perceptron(.init(widths: [6])).model(input: data.shape, classes: 10)
    var settings = RelaxationSettings.groupSplitting(strength: 0.05)
    settings.scope = .all
    settings.penalty = .transformedL1(a: 1)
    settings.strengthSchedule = StrengthSchedule(startEpoch: 1, rampShare: 0.5)
    settings.groupLassoSchedule = StrengthSchedule(rampShare: 0.3)
    settings.overwritesWeights = overwrites
    let training = Self.training(epochs: 4, batch: 8, rate: 0.05)
    func trainer() throws -> Trainer { try Self.trainer(model, data, training, settings) }
    let undisturbed = try trainer().run()
    #expect(try Sparsity(undisturbed.state.parameters, of: model, scope: .all).weightShare > 0)
    let running = try trainer()
    while !running.position.isAtEnd {
      let other = try trainer()
      try other.resume(from: running.checkpoint)
      #expect(other.deployedState == running.deployedState)
      let outcome = try other.run()
      #expect(outcome.state == undisturbed.state && outcome.curve.map(\.loss) == undisturbed.curve.map(\.loss))
      #expect(outcome.curve.map(\.penalty) == undisturbed.curve.map(\.penalty))
      try running.step()
    }
  }

  @Test("At the end of an epoch the weights become their sparse twins only where that is wanted")
  func overwriting() throws {
    let data = try Self.glyphs(30)
    let model = try Self.residual(data)
    for overwrites in [true, false] {
      var settings = RelaxationSettings.variableSplitting(strength: 1e-2, coupling: 1)
      settings.overwritesWeights = overwrites
      let trainer = try Self.trainer(model, data, Self.training(epochs: 1, batch: 10, rate: 0.05), settings)
      for _ in 0..<2 {
        try trainer.step()
        #expect(trainer.state.parameters != trainer.deployedState.parameters)
      }
      try trainer.step()
      #expect((trainer.state == trainer.deployedState) == overwrites)
      // Only weights in scope differ.
      let inScope = Set(try WeightGroups(.entries, of: model, scope: .convolutions).layers.flatMap { Array($0.range) })
      let (w, u) = (trainer.state.parameters, trainer.deployedState.parameters)
      #expect(w.indices.allSatisfy { w[$0] == u[$0] || inScope.contains($0) })
      #expect(trainer.deployedState.statistics == trainer.state.statistics)
    }
  }

  // MARK: - Strengths

  @Test("A strength begins at its epoch and grows linearly to all of it")
  func schedules() {
    let schedule = StrengthSchedule(startEpoch: 2, rampShare: 0.4)
    var position = TrainingPosition(stepsPerEpoch: 4, epochs: 10)
    func factor(_ epoch: Int, _ step: Int) -> Double {
      (position.epoch, position.step) = (epoch, step)
      return schedule.factor(at: position)
    }
    #expect(factor(0, 0) == 0 && factor(1, 3) == 0 && factor(2, 0) == 0 && schedule.initialFactor == 0)
    #expect(factor(2, 1) == 0.0625 && factor(4, 0) == 0.5 && factor(5, 3) == 0.9375 && factor(6, 0) == 1 && factor(9, 3) == 1)
    #expect(StrengthSchedule().factor(at: TrainingPosition(stepsPerEpoch: 4, epochs: 10)) == 1 && StrengthSchedule().initialFactor == 1)
    let sudden = StrengthSchedule(startEpoch: 1)
    (position.epoch, position.step) = (0, 3)
    #expect(sudden.factor(at: position) == 0 && sudden.initialFactor == 0)
    (position.epoch, position.step) = (1, 0)
    #expect(sudden.factor(at: position) == 1)
  }

  @Test("The relaxed weights follow the ramp of λ: none of them is zero before it begins")
  func ramp() throws {
    let data = try Self.glyphs(20)
    let model = try Self.residual(data)
    var settings = RelaxationSettings.variableSplitting(strength: 2e-2, coupling: 1)
    settings.strengthSchedule = StrengthSchedule(startEpoch: 1, rampShare: 0.5)
    settings.overwritesWeights = false
    let trainer = try Self.trainer(model, data, Self.training(epochs: 4, batch: 10, rate: 0.01), settings)
    var shares = [0.0]
    while !trainer.position.isAtEnd {
      try trainer.step()
      shares.append(try Sparsity(trainer.deployedState.parameters, of: model, scope: .convolutions).weightShare)
    }
    // Two steps an epoch; the ramp is zero at its first step and over two epochs later.
    #expect(shares[0...3].allSatisfy { $0 == 0 })
    #expect(zip(shares[3...6], shares[4...7]).allSatisfy { $0 < $1 })
  }

  @Test("The scaled group lasso alone brings norms to the threshold", arguments: [0.0, 0.5, 0.9], [0.0, 0.5])
  func scaling(momentum: Double, rampShare: Double) throws {
    var model = Model<Float>(input: FeatureShape(height: 4, width: 4, channels: 6))
    try model.add(ConvolutionLayer("conv", inputs: 6, outputs: 8, size: 3, hasBias: false, initialiser: .he(fan: 72)))
    var parameters = try model.initialState(seed: 3).parameters
    let layer = try WeightGroups(.inputChannels, of: model, scope: .all).layers[0]
    func mean() -> Double { layer.norms(parameters).reduce(0, +) / Double(layer.count) }
    let first = mean()
    #expect(abs(first - 2.squareRoot()) < 0.15)
    var training = Self.training(epochs: 10, batch: 1, rate: 0.05)
    training.optimiser = .gradientDescent(momentum: momentum)
    var settings = RelaxationSettings.groupSplitting(strength: 0.1)
    settings.groupLassoSchedule = StrengthSchedule(rampShare: rampShare)
    var hook = try RelaxedSplitting(settings, training: training)
    try hook.begin(parameters, model: model)
    var optimiser = training.optimiser.optimiser(count: parameters.count)
    var position = TrainingPosition(stepsPerEpoch: 40, epochs: 10)
    while !position.isAtEnd {
      var gradient = [Float](repeating: 0, count: parameters.count)
      _ = hook.penalise(parameters, gradient: &gradient, at: position)
      let rate = training.schedule.rate(step: position.totalStep, stepsPerEpoch: 40, epochs: 10)
      optimiser.step(&parameters, gradient: gradient, rate: rate, decay: [])
      position.step += 1
      if position.step == 40 { (position.epoch, position.step) = (position.epoch + 1, 0) }
    }
    // Momentum moves a gradient's share μ/(1 − μ) steps late, at rates that are smaller by then.
    let fall = first - settings.threshold
    let way = fall * (1 - momentum) / hook.groupLassoStrength(position)
    let lag = momentum / (1 - momentum) * 0.05 / way
    #expect(mean() > settings.threshold - 0.01 * fall && mean() < settings.threshold + (0.01 + lag) * fall, "\(first) → \(mean())")
  }

  @Test("The rule gives the strength of the pilot runs")
  func pilot() {
    // Σ η = 18, momentum 0.9, λ = 0.3, β = 1: the pilot's λ₂ = 3e-3 pruned 40 % of the channels.
    let settings = RelaxationSettings.groupSplitting(strength: 0.3)
    let strength = GroupLassoStrength.scaled(
      fall: 2.squareRoot() - settings.threshold, rate: LearningRateSchedule(rate: 0.1), stepsPerEpoch: 18, epochs: 10)
    #expect(abs(strength - (2.squareRoot() - 0.6.squareRoot()) / 180) < 1e-12)
    #expect(abs(strength - 3.55e-3) < 1e-5)
    #expect(GroupLassoStrength.scaled(fall: -1, rate: LearningRateSchedule(rate: 0.1), stepsPerEpoch: 18, epochs: 10) == 0)
  }

  @Test("Thresholds are those of the reference")
  func thresholds() {
    for (β, t) in [(0.01, 0.014142), (0.1, 0.004472), (0.5, 0.002)] {
      #expect(abs(RelaxationSettings.variableSplitting(coupling: β).threshold - t) < 1e-6)
    }
    for (λ, t) in [(1e-2, 0.1414), (2e-2, 0.2), (5e-2, 0.3162), (1e-1, 0.4472)] {
      #expect(abs(RelaxationSettings.groupSplitting(strength: λ).threshold - t) < 1e-4)
    }
  }

  // MARK: - Settings

  @Test("Settings out of range are named")
  func settings() throws {
    let changes: [(String, (inout RelaxationSettings) -> Void)] = [
      ("strength", { $0.strength = -1 }), ("strength", { $0.strength = .nan }), ("coupling", { $0.coupling = 0 }),
      ("coupling", { $0.coupling = .infinity }), ("a", { $0.penalty = .transformedL1(a: 0) }),
      ("coupling", { ($0.strength, $0.coupling) = (1e300, 1e-300) }),
      ("group lasso", { $0.groupLasso = .fixed(-1) }), ("group lasso", { $0.groupLasso = .automatic(factor: 0) }),
      ("strength schedule", { $0.strengthSchedule.startEpoch = -1 }), ("strength schedule", { $0.strengthSchedule.startEpoch = 5 }),
      ("strength schedule", { $0.strengthSchedule = StrengthSchedule(startEpoch: 3, rampShare: 0.5) }),
      ("group lasso schedule", { $0.groupLassoSchedule.rampShare = 1.5 }),
    ]
    let training = TrainingSettings(epochs: 5)
    for (key, change) in changes {
      var settings = RelaxationSettings.groupSplitting()
      change(&settings)
      #expect {
        try RelaxedSplitting(settings, training: training)
      } throws: {
        if case CompressionError.setting(key, _) = $0 { true } else { false }
      }
    }
    _ = try RelaxedSplitting(.groupSplitting(), training: training)
    let adam = TrainingSettings(epochs: 5, optimiser: .adaptiveMoments())
    #expect(throws: CompressionError.self) { try RelaxedSplitting(.groupSplitting(), training: adam) }
    _ = try RelaxedSplitting(.groupSplitting(groupLasso: .fixed(1e-3)), training: adam)
    // A scope without weights.
    let data = try Self.glyphs(10)
    let model: Model<Float> = try ModelArchitecture.perceptron(.init(widths: [4])).model(input: data.shape, classes: 10)
    #expect(throws: CompressionError.self) { try Self.trainer(model, data, training, .variableSplitting()) }
  }

  @Test("A run with any other setting is another run")
  func identity() throws {
    let changes: [(inout RelaxationSettings) -> Void] = [
      { _ in }, { $0.groups = .filters }, { $0.scope = .all }, { $0.penalty = .l1 }, { $0.penalty = .transformedL1(a: 1) },
      { $0.penalty = .transformedL1(a: 2) }, { $0.strength = 0.02 }, { $0.coupling = 0.5 }, { $0.strengthSchedule.startEpoch = 1 },
      { $0.strengthSchedule.rampShare = 0.5 }, { $0.groupLasso = .fixed(1e-3) }, { $0.groupLasso = .automatic(factor: 2) },
      { $0.groupLassoSchedule.startEpoch = 1 }, { $0.groupLassoSchedule.rampShare = 0.5 }, { $0.overwritesWeights = false },
    ]
    let identities = try changes.map { change in
      var settings = RelaxationSettings.groupSplitting()
      change(&settings)
      return try RelaxedSplitting(settings, training: TrainingSettings(epochs: 5)).identity
    }
    #expect(Set(identities).count == changes.count)
  }
}
