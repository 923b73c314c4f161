import LinearAlgebra

/// Trains a model on a data set.
///
/// The result depends on the model, its first values, the data and the settings only: not on the number of threads, and not on whether the run
/// was interrupted and went on from a checkpoint.
public final class Trainer {
  /// The model.
  public let model: Model<Float>
  /// The samples that are learnt.
  public let data: Dataset
  /// The samples by which epochs are judged.
  public let validation: Dataset?
  /// The settings.
  public let settings: TrainingSettings
  /// The numbers of the model so far, as they are trained: hooks may deploy others.
  public internal(set) var state: ModelState<Float>
  /// Where the run is: the next step.
  public internal(set) var position: TrainingPosition
  /// The finished epochs.
  public internal(set) var curve: [EpochRecord] = []

  /// What tells this run apart from others: the name of its files, and what a checkpoint must have to be its own.
  public let identity: Checkpoint.Identity

  var hooks: [any TrainingHook]
  var optimiser: any Optimiser
  var sums = Checkpoint.EpochSums()
  var best: Checkpoint.BestEpoch?
  /// Seconds of training before the clock was started.
  var earlierSeconds = 0.0
  private var clockStart: ContinuousClock.Instant?
  let execution: Execution<Float>
  let random: RandomStream
  private let decay: [WeightDecay.Share]
  /// The samples' order in ``orderedEpoch``.
  private var order: [Int] = []
  private var orderedEpoch = -1
  var labels: [Int] = []
  let pairs: PairMemory?
  var lipschitz: LipschitzProduct<Float>?

  /// A run at its beginning.
  ///
  /// - Parameters:
  ///   - model: one vector of logits for each sample.
  ///   - data: the samples to be learnt.
  ///   - validation: the samples by which epochs are judged, if any.
  ///   - settings: how.
  ///   - hooks: what is done to parameters beside the optimiser's steps.
  ///   - initial: the first values; those of the settings' seed unless given.
  /// - Throws: ``TrainingError`` when the parts do not fit each other.
  public init(
    model: Model<Float>, data: Dataset, validation: Dataset? = nil, settings: TrainingSettings, hooks: [any TrainingHook] = [],
    initial: ModelState<Float>? = nil
  ) throws {
    try settings.check()
    for data in [data, validation].compactMap({ $0 }) {
      guard data.shape == model.inputShape else {
        throw TrainingError.data("\(data.name): samples are of shape \(data.shape), the model takes \(model.inputShape)")
      }
      guard model.outputShape == .vector(data.classCount) else {
        throw TrainingError.data("\(data.name): there are \(data.classCount) classes, the model has outputs of shape \(model.outputShape)")
      }
    }
    if settings.selection != .last || settings.validationAdversary != nil, validation == nil {
      throw TrainingError.setting(key: "validation", detail: "there are no validation samples to judge epochs by")
    }
    state = try initial ?? model.initialState(seed: settings.seed)
    guard state.parameters.count == model.parameterCount, state.statistics.count == model.statisticsCount else {
      throw TrainingError.data(
        "the first values are \(state.parameters.count) and \(state.statistics.count) numbers, the model has \(model.parameterCount) parameters and \(model.statisticsCount) statistics"
      )
    }
    self.model = model
    self.data = data
    self.validation = validation
    self.settings = settings
    self.hooks = hooks
    position = TrainingPosition(stepsPerEpoch: (data.count + settings.batch - 1) / settings.batch, epochs: settings.epochs)
    optimiser = settings.optimiser.optimiser(count: model.parameterCount)
    decay = settings.weightDecay.shares(of: model)
    execution = Execution(model, capacity: min(settings.batch, max(data.count, validation?.count ?? 0)))
    random = RandomStream(seed: settings.seed)
    if case .trades = settings.loss { pairs = PairMemory(execution) } else { pairs = nil }
    if case .margin = settings.loss {
      lipschitz = try LipschitzProduct(model, random: random.stream(.initialisation).stream(Int.min))
    }
    identity = Checkpoint.Identity(
      settings: settings, hooks: hooks, model: model, data: [data] + (validation.map { [$0] } ?? []), beginning: state)
    for index in hooks.indices { try self.hooks[index].begin(state.parameters, model: model) }
  }

  /// Seconds of training so far, pauses between sessions left out.
  public var seconds: Double { earlierSeconds + (clockStart.map { $0.duration(to: .now) / .seconds(1) } ?? 0) }

  func startClock() { clockStart = .now }

  func stopClock() {
    earlierSeconds = seconds
    clockStart = nil
  }

  /// The learning rate of the next step.
  public var rate: Double {
    settings.schedule.rate(step: position.totalStep, stepsPerEpoch: position.stepsPerEpoch, epochs: settings.epochs)
  }

  /// The numbers that would be deployed now.
  public var deployedState: ModelState<Float> {
    var result = state
    for hook in hooks { hook.deploy(&result.parameters) }
    return result
  }

  /// Takes one step: augmentation, attack, the passes of the loss, penalties, clipping, hooks, the optimiser, projections.
  ///
  /// It does nothing at the end of the last epoch. The end of an epoch is part of its last step.
  ///
  /// - Returns: the number of samples it was taken on.
  /// - Throws: ``TrainingError/diverged(epoch:step:)``, or what a hook throws.
  @discardableResult
  public func step() throws -> Int {
    guard !position.isAtEnd else { return 0 }
    fillBatch()
    settings.augmentation?.augment(execution.input, random: random.stream(.augmentation).stream(position.totalStep))

    var passState = state
    if hooks.contains(where: \.isSubstituting) {
      for index in hooks.indices { hooks[index].substitute(&passState.parameters, at: position) }
    }
    execution.clearParameterGradient()
    let loss = passes(&passState)
    state.statistics = passState.statistics
    guard loss.isFinite else { throw TrainingError.diverged(epoch: position.epoch, step: position.step) }

    let rate = rate
    var penalty = 0.0
    for index in hooks.indices {
      penalty += execution.withParameterGradient { hooks[index].penalise(state.parameters, gradient: &$0, at: position) }
    }
    if let clipping = settings.clipping { execution.withParameterGradient { clipping.apply(to: &$0) } }
    for index in hooks.indices { hooks[index].move(&state.parameters, rate: rate, at: position) }
    optimiser.step(&state.parameters, gradient: execution.parameterGradient, rate: rate, decay: decay)
    for index in hooks.indices { hooks[index].project(&state.parameters, at: position) }

    sums.samples += labels.count
    sums.loss += loss * Double(labels.count)
    sums.penalty += penalty
    sums.steps += 1
    position.step += 1
    if position.step == position.stepsPerEpoch { try endEpoch(rate: rate) }
    return labels.count
  }

  // MARK: - Batches

  /// Copies the samples of the next step into the execution's input.
  private func fillBatch() {
    if orderedEpoch != position.epoch {
      order = Array(0..<data.count)
      var generator = random.stream(.shuffling).stream(position.epoch).generator
      // Fisher and Yates' shuffle, written out so that it stays the same whatever the standard library does.
      for last in order.indices.dropFirst().reversed() {
        order.swapAt(last, Int(generator.next() % UInt64(last + 1)))
      }
      orderedEpoch = position.epoch
    }
    let first = position.step * settings.batch
    let members = order[first..<min(first + settings.batch, data.count)]
    labels = members.map { data.labels[$0] }
    data.copy(members, into: execution.input)
  }

  // MARK: - Epochs

  private func endEpoch(rate: Double) throws {
    for index in hooks.indices { try hooks[index].epochEnded(&state, at: position) }
    guard state.parameters.allSatisfy(\.isFinite), state.statistics.allSatisfy(\.isFinite) else {
      throw TrainingError.diverged(epoch: position.epoch, step: position.step - 1)
    }
    let deployed = deployedState
    let natural = validate(deployed, adversary: nil)
    let attacked = settings.validationAdversary.flatMap { validate(deployed, adversary: $0) }
    let record = EpochRecord(
      epoch: position.epoch, rate: rate, loss: sums.loss / Double(sums.samples), penalty: sums.penalty / Double(sums.steps),
      accuracy: Double(sums.correct) / Double(sums.samples), validationAccuracy: natural, attackedAccuracy: attacked, seconds: seconds)
    if isBetter(record) { best = Checkpoint.BestEpoch(epoch: position.epoch, state: deployed) }
    curve.append(record)
    sums = Checkpoint.EpochSums()
    position.epoch += 1
    position.step = 0
  }

  /// Whether an epoch is the result so far.
  private func isBetter(_ record: EpochRecord) -> Bool {
    guard let best else { return settings.selection != .last || position.epoch == settings.epochs - 1 }
    let earlier = curve[best.epoch]
    switch settings.selection {
    case .last: return true
    case .bestAccuracy: return (record.validationAccuracy ?? 0) > (earlier.validationAccuracy ?? 0)
    case .bestAttackedAccuracy: return (record.attackedAccuracy ?? 0) > (earlier.attackedAccuracy ?? 0)
    }
  }

  /// The share of validation samples that the deployed model classifies correctly.
  private func validate(_ state: ModelState<Float>, adversary: (any BatchAdversary)?) -> Double? {
    guard let validation else { return nil }
    var state = state
    var correct = 0
    for first in stride(from: 0, to: validation.count, by: execution.capacity) {
      let members = first..<min(first + execution.capacity, validation.count)
      let labels = Array(validation.labels[members])
      validation.copy(members, into: execution.input)
      let random = random.stream(.attack).stream(-1 - position.epoch).stream(first)
      adversary?.perturb(execution, &state, labels: labels, mode: .evaluation, random: random)
      execution.forward(&state, mode: .evaluation, random: random)
      correct += LogitMargins.rightCount(execution.output, labels: labels)
    }
    return Double(correct) / Double(validation.count)
  }
}
