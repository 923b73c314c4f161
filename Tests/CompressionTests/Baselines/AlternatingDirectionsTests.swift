import Compression
import LinearAlgebra
import Testing
import Training

@Suite("Alternating directions") struct AlternatingDirectionsTests {
  private static let position = TrainingPosition(stepsPerEpoch: 1, epochs: 100)

  /// The end of an epoch, counted from 0.
  private static func end(_ hook: inout AlternatingDirections, _ parameters: [Float], epoch: Int = 0) {
    var (state, position) = (ModelState(parameters: parameters, statistics: []), position)
    position.epoch = epoch
    hook.epochEnded(&state, at: position)
    #expect(state.parameters == parameters)
  }

  @Test("Z is the projection of W + U, and U grows by W − Z", arguments: [1.0, 1.25, 2.0], WeightGroups.Kind.allCases)
  func updates(growth: Double, kind: WeightGroups.Kind) throws {
    let model = try SelectionTests.convolutional()
    let layers = try WeightGroups(kind, of: model, scope: .all).layers
    var hook = AlternatingDirections(
      .init(sparsity: 0.6, kind: kind, scope: .all, penalty: 0.5, growth: growth, interval: 3))
    var parameters = SelectionTests.state(of: model, seed: 1).parameters
    try hook.begin(parameters, model: model)
    #expect(hook.memory.vectors[1].allSatisfy { $0 == 0 })
    var projected = parameters
    for round in 0..<4 {
      // Z of the memory is the best choice of groups of W + U, `projected`, and has as many as asked for.
      let z = hook.memory.vectors[0]
      for layer in layers {
        let gone = Int((0.6 * Double(layer.count)).rounded())
        let norms = layer.norms(projected)
        let kept = (0..<layer.count).filter { layer.members($0).contains { z[$0] != 0 } }
        #expect(kept.count <= layer.count - gone)
        for place in kept.flatMap(layer.members) { #expect(z[place] == projected[place]) }
        let distance = layer.range.reduce(0) { $0 + Double((z[$1] - projected[$1]) * (z[$1] - projected[$1])) }
        #expect(abs(distance - norms.sorted().prefix(gone).reduce(0) { $0 + $1 * $1 }) <= 1e-5 * (1 + distance))
      }
      for i in parameters.indices where !layers.contains(where: { $0.range.contains(i) }) { #expect(z[i] == 0) }

      parameters = SelectionTests.state(of: model, seed: 10 + UInt64(round)).parameters
      let before = hook.memory
      Self.end(&hook, parameters, epoch: 3 * round)
      Self.end(&hook, parameters, epoch: 3 * round + 1)
      #expect(hook.memory == before)
      Self.end(&hook, parameters, epoch: 3 * round + 2)
      let after = hook.memory
      #expect(after.steps == round + 1 && after.numbers == [before.numbers[0] * growth])
      for i in layers.flatMap(\.range) {
        projected[i] = parameters[i] + before.vectors[1][i]
        // The multiplier itself, ρ U, grows by ρ (W − Z) whatever becomes of ρ.
        #expect(abs(after.vectors[1][i] * Float(growth) - (before.vectors[1][i] + parameters[i] - after.vectors[0][i])) < 1e-5)
      }
    }
  }

  @Test("The gradient added is that of the penalty, ρ (W − Z + U)")
  func gradient() throws {
    let model = try SelectionTests.dense([5, 4, 3])
    var hook = AlternatingDirections(.init(sparsity: 0.5, scope: .hidden, penalty: 0.75))
    try hook.begin(SelectionTests.state(of: model, seed: 1).parameters, model: model)
    Self.end(&hook, SelectionTests.state(of: model, seed: 2).parameters)
    let parameters = SelectionTests.state(of: model, seed: 3).parameters
    var gradient = [Float](repeating: 0, count: parameters.count)
    let penalty = hook.penalise(parameters, gradient: &gradient, at: Self.position)
    var unused = gradient
    let (z, u) = (hook.memory.vectors[0], hook.memory.vectors[1])
    for i in parameters.indices {
      let expected = i < 20 ? 0.75 * (parameters[i] - z[i] + u[i]) : 0
      #expect(abs(gradient[i] - expected) < 1e-6)
      var moved = parameters
      moved[i] += 0.5
      // A quadratic: the difference is the gradient at the middle.
      let difference = hook.penalise(moved, gradient: &unused, at: Self.position) - penalty
      #expect(abs(difference - 0.5 * Double(expected + (i < 20 ? 0.75 * 0.25 : 0))) < 1e-5)
    }
  }

  /// min Σ aᵢ (wᵢ − bᵢ)² / 2 with three of eight weights that are not zero: the best three are those of largest aᵢ bᵢ², which magnitude alone does
  /// not see. The steps for W are those of the hook's gradient, with a rate that makes one step exact.
  private static func solve(_ a: [Double], _ b: [Double], penalty: Double, growth: Double) throws -> (w: [Double], z: [Double]) {
    var model = Model<Float>(input: .vector(8))
    try model.add(DenseLayer("head", inputs: 8, outputs: 1, hasBias: false))
    var hook = AlternatingDirections(.init(sparsity: 5.0 / 8, scope: .all, penalty: penalty, growth: growth))
    var w = b.map(Float.init)
    try hook.begin(w, model: model)
    for _ in 0..<250 {
      var gradient = (0..<8).map { Float(a[$0]) * (w[$0] - Float(b[$0])) }
      _ = hook.penalise(w, gradient: &gradient, at: position)
      for i in 0..<8 { w[i] -= gradient[i] / Float(a[i] + hook.penalty) }
      end(&hook, w)
    }
    return (w.map(Double.init), hook.memory.vectors[0].map(Double.init))
  }

  private static func bestSubset(_ a: [Double], _ b: [Double]) -> Set<Int> {
    func loss(_ subset: Int) -> Double {
      var sum = 0.0
      for i in 0..<8 where subset >> i & 1 == 0 { sum += a[i] * b[i] * b[i] }
      return sum
    }
    let best = SelectionTests.subsets(of: 8, keeping: 3).min { loss($0) < loss($1) } ?? 0
    return Set((0..<8).filter { best >> $0 & 1 == 1 })
  }

  @Test("With as many weights as allowed a quadratic is solved: W = Z, mostly the best subset, always for equal curvatures")
  func quadratic() throws {
    var generator = SplitMix64(seed: 5)
    var (found, foundByMagnitude) = (0, 0)
    for _ in 0..<60 {
      let a = (0..<8).map { _ in 0.5 + 1.5 * generator.nextUniform() }
      let b = (0..<8).map { _ in generator.nextGaussian() }
      let (w, z) = try Self.solve(a, b, penalty: 0.3, growth: 1.03)
      let support = Set(z.indices.filter { z[$0] != 0 })
      #expect(zip(w, z).allSatisfy { abs($0 - $1) < 2e-3 } && support.count == 3)
      // On its support a fixed point is the minimum.
      for i in support { #expect(abs(z[i] - b[i]) < 2e-3) }
      let best = Self.bestSubset(a, b)
      found += support == best ? 1 : 0
      foundByMagnitude += Set(b.indices.sorted { abs(b[$0]) > abs(b[$1]) }.prefix(3)) == best ? 1 : 0
      let equal = try Self.solve([Double](repeating: 1, count: 8), b, penalty: 2, growth: 1)
      #expect(Set(b.indices.filter { equal.z[$0] != 0 }) == Self.bestSubset([Double](repeating: 1, count: 8), b))
      #expect(zip(equal.w, equal.z).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    // The set is not convex, so a fixed point need not be the best.
    #expect(found >= 50 && found > foundByMagnitude, "\(found) of 60 best subsets, by magnitude \(foundByMagnitude)")
  }

  @Test("A penalty that vanishes trains as none does, bit for bit")
  func vanishingPenalty() throws {
    let problem = try PruningMethodTests.problem()
    func run(_ hooks: [any TrainingHook]) throws -> ModelState<Float> {
      try Trainer(model: problem.model, data: problem.data, settings: problem.settings(epochs: 3), hooks: hooks).run().state
    }
    let hook = AlternatingDirections(.init(sparsity: 0.5, scope: .all, penalty: 1e-30))
    let (plain, penalised) = (try run([]), try run([hook]))
    #expect(plain == penalised)
    #expect(try run([AlternatingDirections(.init(sparsity: 0.5, scope: .all, penalty: 0.1))]) != plain)
  }

  @Test("As trained there are no zeros; projected there are as many as asked for", arguments: WeightGroups.Kind.allCases)
  func zeros(kind: WeightGroups.Kind) throws {
    let problem = try PruningMethodTests.problem()
    let settings = AlternatingDirections.Settings(sparsity: 0.5, kind: kind, scope: .hidden, penalty: 0.05, growth: 1.3)
    let trained = try Trainer(model: problem.model, data: problem.data, settings: problem.settings(epochs: 4)).run().state
    let trainer = try Trainer(
      model: problem.model, data: problem.data, settings: problem.settings(epochs: 4), hooks: [AlternatingDirections(settings)],
      initial: trained)
    let state = try trainer.run().state
    func zeroGroups(_ parameters: [Float]) throws -> [Int] {
      try WeightGroups(kind, of: problem.model, scope: .hidden).layers.map { $0.norms(parameters).count { $0 < 1e-15 } }
    }
    #expect(try zeroGroups(state.parameters).allSatisfy { $0 == 0 })
    let mask = try settings.selection.mask(state, of: problem.model, after: nil)
    let expected = try WeightGroups(kind, of: problem.model, scope: .hidden).layers.map {
      min($0.count - 1, Int((0.5 * Double($0.count)).rounded()))
    }
    #expect(try zeroGroups(SelectionTests.applying(mask, to: state).parameters) == expected)

    // The penalty brings W nearer to the set than plain training leaves it.
    func share(_ state: ModelState<Float>) throws -> Double {
      let mask = try settings.selection.mask(state, of: problem.model, after: nil)
      let all = try PruningScope.hidden.weights(of: problem.model).flatMap(\.range).reduce(0) {
        $0 + Double(state.parameters[$1]) * Double(state.parameters[$1])
      }
      return SelectionTests.distance(mask, state.parameters) / all
    }
    #expect(try share(state) < share(trained))
  }

  @Test("A run that is interrupted within an epoch goes on bit for bit")
  func resume() throws {
    let problem = try PruningMethodTests.problem()
    func trainer() throws -> Trainer {
      try Trainer(
        model: problem.model, data: problem.data, settings: problem.settings(epochs: 4),
        hooks: [
          AlternatingDirections(.init(sparsity: 0.7, scope: .hidden, penalty: 0.05, growth: 1.3, interval: 2)), Slimming(strength: 1e-3),
        ])
    }
    let whole = try trainer()
    let outcome = try whole.run()
    let first = try trainer()
    for _ in 0..<3 * first.position.stepsPerEpoch - 1 { try first.step() }
    let checkpoint = first.checkpoint
    #expect(checkpoint.hooks[0].steps == 1)
    let second = try trainer()
    try second.resume(from: checkpoint)
    #expect(try second.run().state == outcome.state)
    #expect(second.checkpoint.hooks == whole.checkpoint.hooks)

    // Memory of another model leaves the hook as it is.
    var hook = AlternatingDirections(.init(sparsity: 0.5, scope: .all))
    try hook.begin([Float](repeating: 1, count: 12), model: try SelectionTests.dense([5, 2]))
    let memory = hook.memory
    hook.memory = TrainingMemory(steps: 3, numbers: [1], vectors: [[1], [2]])
    #expect(hook.memory == memory)
  }
}
