import LinearAlgebra
import Training

/// Pruning by the alternating direction method of multipliers: min f(W) with as many groups of W zero, in every layer or in all of them together,
/// as the sparsity says.
///
/// Scaled form with the copy Z, the multiplier U and the penalty ρ:
///
///     W: training on f(W) + (ρ/2) ‖W − Z + U‖², for `interval` epochs
///     Z ← Π(W + U)       Π keeps the groups of largest norm, of single weights those of largest magnitude
///     U ← U + W − Z
///
/// which begins with Z = Π(W), U = 0 at trained weights. Where ρ grows to κ ρ, U becomes U / κ, since it is the multiplier divided by ρ.
/// What is deployed is W, which has no zeros: W comes near to the set, but only a projection at the end, and training of what is kept, make a
/// pruned network, and only that one compares with what other methods prune.
///
/// Zhang et al.: A systematic DNN weight pruning framework using ADMM, ECCV 2018; Ren et al.: ADMM-NN, ASPLOS 2019; Boyd et
/// al.: Distributed optimization and statistical learning via ADMM, 2011, sections 3.1.1, 3.4.1 and 9.1.
public struct AlternatingDirections: TrainingHook {
  /// The settings of the method.
  public struct Settings: Hashable, Sendable {
    /// The share of groups that are zero, from 0 to below 1.
    public var sparsity: Double
    /// What is pruned together.
    public var kind: WeightGroups.Kind
    /// Which weights.
    public var scope: PruningScope
    /// Whether the share is of all layers together, for single weights only; otherwise it is of each layer, as in the papers.
    public var isGlobal: Bool
    /// ρ at the beginning.
    public var penalty: Double
    /// κ: what ρ is multiplied with at every update; at least 1.
    public var growth: Double
    /// The epochs from one update of Z and U to the next.
    public var interval: Int
    /// The epochs of the whole phase; those of the recipe's training unless given.
    public var epochs: Int?
    /// The learning rate of the phase; that of the recipe's training unless given.
    public var rate: Double?

    /// Collects the settings.
    public init(
      sparsity: Double, kind: WeightGroups.Kind = .entries, scope: PruningScope = .hidden, isGlobal: Bool = false,
      penalty: Double = 0.01, growth: Double = 1, interval: Int = 1, epochs: Int? = nil, rate: Double? = nil
    ) {
      (self.sparsity, self.kind, self.scope, self.isGlobal, self.penalty, self.growth) = (sparsity, kind, scope, isGlobal, penalty, growth)
      (self.interval, self.epochs, self.rate) = (interval, epochs, rate)
    }

    /// Checks the settings.
    ///
    /// - Throws: ``CompressionError/setting(key:detail:)``.
    public func check() throws(CompressionError) {
      try CompressionError.check(share: sparsity, key: "sparsity")
      guard !isGlobal || kind == .entries else {
        throw .setting(key: "global", detail: "groups of different layers differ in size; only single weights are compared across layers")
      }
      try CompressionError.check(positive: penalty, key: "penalty")
      guard growth >= 1, growth.isFinite else { throw .setting(key: "growth", detail: "\(growth) is not a number from 1 on") }
      guard interval > 0 else { throw .setting(key: "interval", detail: "\(interval) is not a positive number of epochs") }
      if let epochs {
        guard epochs > 0 else { throw .setting(key: "epochs", detail: "\(epochs) is not a positive number") }
      }
      if let rate { try CompressionError.check(positive: rate, key: "rate") }
    }

    /// The projection that makes zeros of what training came to.
    public var selection: any MaskSelection {
      kind == .entries
        ? MagnitudeSelection(sparsity: sparsity, scope: scope, isGlobal: isGlobal)
        : FilterNormSelection(share: sparsity, kind: kind, norm: .l2, scope: scope, isGlobal: false)
    }
  }

  /// The settings.
  public let settings: Settings
  /// The updates so far, ρ, and Z and U of all parameters (zero outside the scope).
  private var state = TrainingMemory()
  private var groups: SmallestGroups?

  /// Pruning with these settings.
  public init(_ settings: Settings) { self.settings = settings }

  /// Names the settings.
  public var identity: String {
    "alternating directions: \(settings.sparsity) of the \(settings.kind.rawValue) of \(settings.scope.rawValue), \(settings.isGlobal ? "global" : "in each layer"), penalty \(settings.penalty) times \(settings.growth) every \(settings.interval) epochs"
  }

  /// The updates so far, ρ, Z and U. Memory that does not fit the model leaves the hook as it is.
  public var memory: TrainingMemory {
    get { state }
    set {
      if newValue.numbers.count == 1, newValue.vectors.map(\.count) == state.vectors.map(\.count) { state = newValue }
    }
  }

  /// ρ now.
  public var penalty: Double { state.numbers.first ?? settings.penalty }

  /// Begins with Z = Π(W) and U = 0.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public mutating func begin(_ parameters: [Float], model: Model<Float>) throws {
    try settings.check()
    let groups = SmallestGroups(
      groups: try WeightGroups(settings.kind, of: model, scope: settings.scope), share: settings.sparsity, norm: .l2,
      isGlobal: settings.isGlobal)
    self.groups = groups
    var begun = [Float](repeating: 0, count: parameters.count)
    for layer in groups.groups.layers { for i in layer.range { begun[i] = parameters[i] } }
    groups.mask(begun, after: nil).apply(to: &begun)
    state = TrainingMemory(numbers: [settings.penalty], vectors: [begun, [Float](repeating: 0, count: parameters.count)])
  }

  /// Adds ρ (W − Z + U).
  ///
  /// - Returns: (ρ/2) ‖W − Z + U‖².
  public mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
    guard let groups else { return 0 }
    let ρ = Float(penalty)
    var sum = 0.0
    state.vectors[0].withUnsafeBufferPointer { z in
      state.vectors[1].withUnsafeBufferPointer { u in
        for layer in groups.groups.layers {
          for i in layer.range {
            let distance = parameters[i] - z[i] + u[i]
            gradient[i] += ρ * distance
            sum += Double(distance) * Double(distance)
          }
        }
      }
    }
    return penalty / 2 * sum
  }

  /// Updates Z, U and ρ at the end of every `interval` epochs.
  public mutating func epochEnded(_ state: inout ModelState<Float>, at position: TrainingPosition) {
    if (position.epoch + 1) % settings.interval == 0 { update(state.parameters) }
  }

  /// Z ← Π(W + U), U ← U + W − Z, ρ ← κ ρ.
  mutating func update(_ parameters: [Float]) {
    guard let groups else { return }
    var (z, u) = (state.vectors[0], state.vectors[1])
    let shrinkage = Float(1 / settings.growth)
    for layer in groups.groups.layers { for i in layer.range { z[i] = parameters[i] + u[i] } }
    groups.mask(z, after: nil).apply(to: &z)
    for layer in groups.groups.layers { for i in layer.range { u[i] = shrinkage * (u[i] + parameters[i] - z[i]) } }
    state = TrainingMemory(steps: state.steps + 1, numbers: [penalty * settings.growth], vectors: [z, u])
  }
}
