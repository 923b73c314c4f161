import LinearAlgebra
import Training

/// Pruning while training by relaxed splitting: RVSM for single weights, RGSM for groups of them.
///
/// The trained weights w have a sparse twin u. The loss f sees w, the penalty P sees u, and a spring ties them:
///
///     L(w, u) = f(w) + λ₂ Σ_g ‖w_g‖ + λ Σ_g P(‖u_g‖) + (β / 2) ‖w − u‖²
///
/// There is no multiplier. A step of training is
///
/// 1. the gradient of f, of natural or adversarial samples, and of the smoothed group lasso at w;
/// 2. w ← w − η β (w − u), outside of the optimiser, so without momentum;
/// 3. the optimiser's step on w with its weight decay;
/// 4. u ← argmin L(w, ·), the proximal map of (λ/β) P.
///
/// With plain gradient descent, steps 2 and 3 are together a gradient step on L(·, u). So where ∇f (with the group lasso) is L-Lipschitz and
/// η < 2 / (β + L), L does not increase from step to step, and a subsequence converges. What is validated and deployed is u, whose zeros are
/// exact. Biases, normalisation and everything out of scope are trained as ever.
///
/// Dinh, Xin: Convergence of a relaxed variable splitting method for learning sparse neural networks via l₁, l₀, and transformed-l₁ penalties,
/// 2018 (RVSM). Dinh, Wang, Bertozzi, Osher, Xin: Sparsity meets robustness: channel pruning for the Feynman-Kac formalism principled robust
/// deep neural nets, 2020, arXiv:2003.00631 (RGSM; its equation 6 prints ≠ where > is meant).
public struct RelaxedSplitting: TrainingHook {
  /// What is minimised and how.
  public let settings: RelaxationSettings
  /// The groups, known from the beginning of a run on.
  public private(set) var groups: WeightGroups?

  private let rate: LearningRateSchedule
  private let gain: Double
  /// u in the places of all parameters; only those in scope mean something.
  private var relaxed: [Float] = []
  private var meanNorm = 0.0
  private var groupLasso: Double?

  /// Pruning during a run.
  ///
  /// - Parameters:
  ///   - settings: what is minimised and how.
  ///   - training: the settings of the run; ``GroupLassoStrength/automatic(factor:)`` goes by its learning rates and momentum, schedules by
  ///     its epochs.
  /// - Throws: ``CompressionError/setting(key:detail:)``; also when λ₂ is to be automatic and the optimiser divides gradients by their size, so
  ///   that a penalty's effect cannot be told from its strength.
  public init(_ settings: RelaxationSettings, training: TrainingSettings) throws(CompressionError) {
    try settings.check(epochs: training.epochs)
    self.settings = settings
    rate = training.schedule
    switch (training.optimiser, settings.groupLasso) {
    case (.gradientDescent(let momentum, let dampening, _), _): gain = (1 - dampening) / (1 - momentum)
    case (.adaptiveMoments, .fixed): gain = 1
    case (.adaptiveMoments, .automatic):
      throw .setting(key: "group lasso", detail: "an automatic strength wants gradient descent: Adam divides gradients by their size")
    }
  }

  /// Names all settings, and the learning rates that an automatic strength goes by.
  public var identity: String {
    "relaxed splitting, \(String(reflecting: settings)), for \(String(reflecting: rate)), gain \(gain)"
  }

  /// u.
  public var memory: TrainingMemory {
    get { TrainingMemory(vectors: [relaxed]) }
    // A vector of another length is not of this run.
    set { if let vector = newValue.vectors.first, vector.count == relaxed.count { relaxed = vector } }
  }

  /// u before the first step.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when the model has no weights in scope.
  public mutating func begin(_ parameters: [Float], model: Model<Float>) throws {
    let groups = try WeightGroups(settings.groups, of: model, scope: settings.scope)
    self.groups = groups
    groupLasso = nil
    meanNorm = groups.layers.reduce(0) { $0 + $1.norms(parameters).reduce(0, +) } / Double(groups.count)
    relaxed = parameters
    relax(parameters, factor: settings.strengthSchedule.initialFactor)
  }

  /// Adds the gradient of the group lasso; that of the spring is ``move(_:rate:at:)``'s.
  ///
  /// - Returns: what L(w, u) has beside the loss: λ₂ Σ ‖w_g‖ + λ Σ P(‖u_g‖) + (β/2) ‖w − u‖², so that a learning curve's loss and penalty
  ///   together are L.
  public mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
    guard let groups else { return 0 }
    let strength = groupLassoStrength(position) * settings.groupLassoSchedule.factor(at: position)
    let lasso = strength > 0 ? groups.addGroupLasso(strength, of: parameters, to: &gradient) : 0
    return lasso + relaxationTerms(parameters, groups, factor: settings.strengthSchedule.factor(at: position))
  }

  /// λ Σ P(‖u_g‖) + (β/2) ‖w − u‖².
  private func relaxationTerms(_ parameters: [Float], _ groups: WeightGroups, factor: Double) -> Double {
    var (penalty, spring) = (0.0, 0.0)
    parameters.withUnsafeBufferPointer { w in
      relaxed.withUnsafeBufferPointer { u in
        guard let first = u.baseAddress else { return }
        for layer in groups.layers {
          withUnsafeTemporaryAllocation(of: Double.self, capacity: layer.count) { squares in
            layer.squares(first + layer.range.lowerBound, into: squares)
            for square in squares { penalty += settings.penalty.value(square.squareRoot()) }
          }
          for i in layer.range {
            let stretch = Double(w[i] - u[i])
            spring += stretch * stretch
          }
        }
      }
    }
    return factor * settings.strength * penalty + settings.coupling / 2 * spring
  }

  /// w ← w − η β (w − u).
  public mutating func move(_ parameters: inout [Float], rate: Double, at position: TrainingPosition) {
    let share = Float(rate * settings.coupling)
    let ranges = groups?.layers.map(\.range) ?? []
    parameters.withUnsafeMutableBufferPointer { w in
      relaxed.withUnsafeBufferPointer { u in
        for range in ranges { for i in range { w[i] -= share * (w[i] - u[i]) } }
      }
    }
  }

  /// u ← the proximal point of w; w stays.
  public mutating func project(_ parameters: inout [Float], at position: TrainingPosition) {
    relax(parameters, factor: settings.strengthSchedule.factor(at: position))
  }

  /// w ← u where ``RelaxationSettings/overwritesWeights`` says so; u stays, so the next step pulls nowhere.
  public mutating func epochEnded(_ state: inout ModelState<Float>, at position: TrainingPosition) {
    if settings.overwritesWeights { deploy(&state.parameters) }
  }

  /// u in the place of w.
  public func deploy(_ parameters: inout [Float]) {
    for layer in groups?.layers ?? [] { parameters[layer.range] = relaxed[layer.range] }
  }

  /// λ₂ of this run, before its schedule.
  ///
  /// - Parameter position: any of the run, which has begun.
  public mutating func groupLassoStrength(_ position: TrainingPosition) -> Double {
    switch settings.groupLasso {
    case .fixed(let strength): return strength
    case .automatic(let factor):
      if let groupLasso { return groupLasso }
      let strength = GroupLassoStrength.scaled(
        fall: factor * (meanNorm - settings.threshold), rate: rate, schedule: settings.groupLassoSchedule, gain: gain,
        stepsPerEpoch: position.stepsPerEpoch, epochs: position.epochs)
      groupLasso = strength
      return strength
    }
  }

  private mutating func relax(_ parameters: [Float], factor: Double) {
    relaxed.withUnsafeMutableBufferPointer { u in parameters.withUnsafeBufferPointer { _ = u.update(fromContentsOf: $0) } }
    groups?.apply(ProximalMap(settings.penalty, weight: factor * settings.strength / settings.coupling), to: &relaxed)
  }
}
