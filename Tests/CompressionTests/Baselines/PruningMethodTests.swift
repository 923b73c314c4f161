import Compression
import LinearAlgebra
import Testing
import Training

@Suite("Pruning methods") struct PruningMethodTests {
  /// A small network with normalised convolutions, and glyphs.
  struct Problem {
    let model: Model<Float>
    let data: Dataset

    func settings(epochs: Int) -> TrainingSettings {
      var settings = TrainingSettings(
        epochs: epochs, batch: 20, schedule: LearningRateSchedule(rate: 0.05, course: .cosine(end: 0.1)), seed: 4)
      settings.weightDecay = WeightDecay(5e-4)
      return settings
    }
  }

  static func problem() throws -> Problem {
    let data = try GlyphImages(size: 8, seed: 1).dataset(.training, count: 60)
    return Problem(
      model: try ModelArchitecture.convolutional(
        .init(convolutions: [.init(channels: 4, stride: 2), .init(channels: 6, stride: 2)], widths: [12], isNormalized: true)
      ).model(input: data.shape, classes: data.classCount), data: data)
  }

  /// What a phase came to.
  private struct Result {
    let name: String
    let state: ModelState<Float>
    let mask: PruningMask?
    let loss: Double
  }

  /// Goes through the phases as they say.
  private static func run(_ method: PruningMethod, _ problem: Problem, retraining: Bool = true) throws -> [Result] {
    let phases = try method.phases(
      for: problem.model, training: problem.settings(epochs: 2), retraining: retraining ? problem.settings(epochs: 1) : nil)
    let initial = try problem.model.initialState(seed: 11)
    var results: [Result] = []
    for phase in phases {
      let mask = results.last?.mask
      var beginning =
        switch phase.beginning {
        case .initial: initial
        case .previous: results.last?.state ?? initial
        case .dense: results.first?.state ?? initial
        }
      mask?.apply(to: &beginning.parameters)
      let hooks = phase.hooks + (mask.map { [MaskedTraining($0)] } ?? [])
      let outcome = try Trainer(model: problem.model, data: problem.data, settings: phase.settings, hooks: hooks, initial: beginning).run()
      var state = outcome.state
      let next = try phase.selection?.mask(state, of: problem.model, after: mask) ?? mask
      next?.apply(to: &state.parameters)
      results.append(Result(name: phase.name, state: state, mask: next, loss: outcome.curve.last?.loss ?? .infinity))
    }
    return results
  }

  private static func zeros(_ state: ModelState<Float>, _ model: Model<Float>, _ scope: PruningScope) throws -> [Int] {
    try Sparsity(state.parameters, of: model, scope: scope).layers.map(\.zeroWeights)
  }

  @Test("Magnitude reaches its sparsity, globally and in each layer")
  func magnitude() throws {
    let problem = try Self.problem()
    let global = try Self.run(.magnitude(.init(sparsity: 0.8, scope: .all)), problem)
    #expect(global.map(\.name) == ["dense", "retraining"])
    // 36 + 216 + 12 · 24 + 120 weights.
    for result in global { #expect(try Self.zeros(result.state, problem.model, .all).reduce(0, +) == Int((0.8 * 660).rounded())) }
    let local = try Self.run(.magnitude(.init(sparsity: 0.75, scope: .all, isGlobal: false)), problem, retraining: false)
    #expect(local.map(\.name) == ["dense"])
    #expect(try Self.zeros(local[0].state, problem.model, .all) == [27, 162, 216, 90])
    // Training of what is kept mends what pruning broke.
    #expect(global[1].state != global[0].state && global[1].mask == global[0].mask)
  }

  @Test("Filters and input channels are gone in every layer", arguments: [WeightGroups.Kind.filters, .inputChannels])
  func filterNorm(kind: WeightGroups.Kind) throws {
    let problem = try Self.problem()
    let results = try Self.run(.filterNorm(.init(share: 0.5, kind: kind, norm: .l1)), problem)
    let layers = try Sparsity(results[1].state.parameters, of: problem.model, scope: .hidden).layers
    #expect(layers.map(kind == .filters ? \.zeroFilters : \.zeroInputChannels) == (kind == .filters ? [2, 3, 6] : [0, 2, 12]))
  }

  @Test("Patterns hold, chosen after training or during it", arguments: [nil, 2e-4])
  func patterns(refinement: Double?) throws {
    let problem = try Self.problem()
    let selection = PatternSelection(keeping: 1, of: 4)
    let results = try Self.run(.pattern(selection, refinement: refinement), problem)
    #expect(results.map(\.name) == [refinement == nil ? "dense" : "pruning", "retraining"])
    // Filters of 9, 36 and 24 weights: 3, 9 and 6 blocks.
    #expect(try Self.zeros(results[1].state, problem.model, .hidden) == [4 * 6, 6 * 27, 12 * 18])
  }

  @Test("Slimming kills as many channels as asked for, and they stay dead")
  func slimming() throws {
    let problem = try Self.problem()
    let results = try Self.run(.slimming(.init(share: 0.4), strength: 1e-3), problem)
    #expect(results.map(\.name) == ["pruning", "retraining"])
    let scales = problem.model.parameters.filter { $0.declaration.role == .scale }
    for result in results {
      let dead = scales.flatMap(\.range).count { result.state.parameters[$0] == 0 }
      #expect(dead == 4)
      let shifts = problem.model.parameters.filter { $0.name.hasSuffix("norm.shift") }
      for (scale, shift) in zip(scales, shifts) {
        for (γ, β) in zip(scale.range, shift.range) where result.state.parameters[γ] == 0 { #expect(result.state.parameters[β] == 0) }
      }
    }
    let layers = try Sparsity(results[1].state.parameters, of: problem.model, scope: .all).layers
    #expect(layers[1].zeroInputChannels + layers[2].zeroInputChannels / 4 == 4)
  }

  @Test("Tickets nest, and every round begins where it should", arguments: [0, 1])
  func lottery(rewinding: Int) throws {
    let problem = try Self.problem()
    let ticket = LotteryTicket(rounds: 3, share: 0.4, rewindingEpochs: rewinding)
    let results = try Self.run(.lotteryTicket(ticket), problem)
    #expect(results.map(\.name) == (rewinding == 0 ? [] : ["rewinding point"]) + ["dense", "round 1", "round 2", "round 3"])
    let masks = results.compactMap(\.mask)
    #expect(masks.count == 4 && masks[2] == masks[3])
    for (round, mask) in masks.prefix(3).enumerated() {
      let pruned = problem.model.parameterCount - mask.keptCount
      #expect(pruned == Int(((1 - [0.6, 0.36, 0.216][round]) * 540).rounded()))
      if round > 0 { #expect(zip(mask.isKept, masks[round - 1].isKept).allSatisfy { !$0 || $1 }) }
    }
    // The last round is training in full of the first values (or of those after rewinding) under the mask.
    let start = rewinding == 0 ? try problem.model.initialState(seed: 11) : results[0].state
    let again = try Trainer(
      model: problem.model, data: problem.data, settings: problem.settings(epochs: 2), hooks: [MaskedTraining(masks[2])],
      initial: SelectionTests.applying(masks[2], to: start)
    ).run()
    #expect(again.state == results.last?.state)
  }

  @Test("ADMM is projected to its sparsity and trained again")
  func alternatingDirections() throws {
    let problem = try Self.problem()
    let settings = AlternatingDirections.Settings(sparsity: 0.75, scope: .all, penalty: 0.1, growth: 1.3, epochs: 3, rate: 0.02)
    let method = PruningMethod.alternatingDirections(settings)
    let phases = try method.phases(for: problem.model, training: problem.settings(epochs: 2), retraining: problem.settings(epochs: 1))
    #expect(phases.map(\.settings.epochs) == [2, 3, 1] && phases.map(\.settings.schedule.rate) == [0.05, 0.02, 0.05])
    let results = try Self.run(method, problem)
    #expect(results.map(\.name) == ["dense", "pruning", "retraining"])
    #expect(try Self.zeros(results[0].state, problem.model, .all) == [0, 0, 0, 0])
    for result in results.dropFirst() { #expect(try Self.zeros(result.state, problem.model, .all) == [27, 162, 216, 90]) }
  }

  @Test("ADMM over all layers together reaches its sparsity too")
  func globalAlternatingDirections() throws {
    let problem = try Self.problem()
    let settings = AlternatingDirections.Settings(sparsity: 0.6, isGlobal: true, penalty: 0.1)
    let results = try Self.run(.alternatingDirections(settings), problem)
    let zeros = try results.map { try Self.zeros($0.state, problem.model, .hidden) }
    #expect(zeros[0] == [0, 0, 0] && zeros[1] == zeros[2] && zeros[2].reduce(0, +) == 324)
    // Not the same share of each.
    #expect(Set(zip(zeros[2], [36, 216, 288]).map { Double($0) / Double($1) }).count == 3)
  }

  @Test("Relaxed splitting is one phase, whose zeros stay", arguments: [WeightGroups.Kind.entries, .inputChannels])
  func relaxedSplitting(kind: WeightGroups.Kind) throws {
    let problem = try Self.problem()
    var settings = RelaxationSettings(groups: kind, scope: .hidden, strength: kind == .entries ? 0.005 : 0.2, coupling: 1)
    settings.groupLasso = .fixed(0.01)
    let results = try Self.run(.relaxedSplitting(settings), problem)
    #expect(results.map(\.name) == ["pruning", "retraining"])
    let zeros = try results.map { try Self.zeros($0.state, problem.model, .hidden) }
    #expect(zeros[0] == zeros[1] && 1..<540 ~= zeros[0].reduce(0, +))
    let layers = try WeightGroups(kind, of: problem.model, scope: .hidden).layers
    // Groups are there as a whole or gone; the threshold √(2λ/β) is 0.1 or 0.632.
    for layer in layers {
      for (group, norm) in layer.norms(results[0].state.parameters).enumerated() where norm < settings.threshold {
        #expect(layer.members(group).allSatisfy { results[1].state.parameters[$0] == 0 })
      }
    }
  }

  @Test(
    "Masked weights stay zero after every step, whatever the momentum and the decay",
    arguments: [
      OptimiserSettings.gradientDescent(momentum: 0.9, isNesterov: true), .adaptiveMoments(.adam), .adaptiveMoments(.nadamW),
    ])
  func maskedTraining(optimiser: OptimiserSettings) throws {
    let problem = try Self.problem()
    var settings = problem.settings(epochs: 2)
    settings.optimiser = optimiser
    settings.weightDecay = WeightDecay(0.01)
    let initial = try problem.model.initialState(seed: 3)
    let mask = try MagnitudeSelection(sparsity: 0.7).mask(initial, of: problem.model, after: nil)
    let trainer = try Trainer(
      model: problem.model, data: problem.data, settings: settings, hooks: [MaskedTraining(mask)],
      initial: SelectionTests.applying(mask, to: initial))
    while !trainer.position.isAtEnd {
      try trainer.step()
      for i in mask.isKept.indices where !mask.isKept[i] { #expect(trainer.state.parameters[i] == 0) }
    }
    // The others move.
    #expect(mask.isKept.indices.count { mask.isKept[$0] && trainer.state.parameters[$0] == initial.parameters[$0] } == 0)
  }

  @Test("Refinement shows the passes the pattern, and pulls what is outside of it")
  func sparseRefinement() throws {
    let model = try SelectionTests.dense([8, 3])
    let selection = PatternSelection(keeping: 2, of: 4, scope: .all)
    var hook = SparseRefinement(selection, strength: 0.5)
    let state = SelectionTests.state(of: model, seed: 8)
    let mask = try selection.mask(state, of: model, after: nil)
    try hook.begin(state.parameters, model: model)
    var (seen, deployed) = (state.parameters, state.parameters)
    let position = TrainingPosition(stepsPerEpoch: 1, epochs: 1)
    hook.substitute(&seen, at: position)
    hook.deploy(&deployed)
    #expect(seen == SelectionTests.applying(mask, to: state).parameters && deployed == seen)
    var gradient = [Float](repeating: 0, count: seen.count)
    let penalty = hook.penalise(state.parameters, gradient: &gradient, at: position)
    for i in seen.indices { #expect(gradient[i] == (mask.isKept[i] ? 0 : 0.5 * state.parameters[i])) }
    #expect(abs(penalty - 0.25 * SelectionTests.distance(mask, state.parameters)) < 1e-9)
  }

  @Test("Settings that are out of range or do not fit the model are refused before training")
  func errors() throws {
    let problem = try Self.problem()
    let dense = try SelectionTests.dense([64, 10])
    let methods: [(PruningMethod, Model<Float>)] = [
      (.magnitude(.init(sparsity: 1)), problem.model), (.magnitude(.init(sparsity: 0.5, scope: .convolutions)), dense),
      (.filterNorm(.init(share: 0.5, kind: .entries)), problem.model), (.pattern(.init(keeping: 3, of: 2)), problem.model),
      (.pattern(.init(keeping: 1, of: 2), refinement: -1), problem.model), (.slimming(.init(share: 0.5), strength: 0), problem.model),
      (.slimming(.init(share: 0.5), strength: 1e-4), dense), (.lotteryTicket(.init(rounds: 0)), problem.model),
      (.lotteryTicket(.init(rounds: 1, share: 1)), problem.model), (.lotteryTicket(.init(rounds: 1, rewindingEpochs: -1)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, penalty: 0)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, kind: .filters, isGlobal: true)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, growth: 0.9)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, interval: 0)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, interval: 3)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, epochs: 0)), problem.model),
      (.alternatingDirections(.init(sparsity: 0.5, rate: .nan)), problem.model),
      (.relaxedSplitting(.init(groups: .entries, strength: 0.1, coupling: 0)), problem.model),
      (.relaxedSplitting(.init(groups: .entries, scope: .convolutions, strength: 0.1, coupling: 1)), dense),
    ]
    for (method, model) in methods {
      #expect {
        try method.phases(for: model, training: problem.settings(epochs: 2), retraining: nil)
      } throws: {
        if case CompressionError.setting = $0 { true } else { false }
      }
    }
    #expect(throws: TrainingError.self) {
      try PruningMethod.magnitude(.init(sparsity: 0.5)).phases(for: problem.model, training: problem.settings(epochs: 0), retraining: nil)
    }
  }
}
