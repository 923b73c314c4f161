import LinearAlgebra

extension Trainer {
  /// What a loss of natural and adversarial samples together needs beside the execution.
  struct PairMemory {
    let natural: Tensor<Float>
    let adversarial: Tensor<Float>
    let naturalLogits: Tensor<Float>
    let naturalGradient: Tensor<Float>

    init(_ execution: Execution<Float>) {
      func tensor(_ shape: FeatureShape) -> Tensor<Float> { Tensor(capacity: execution.capacity, shape: shape) }
      natural = tensor(execution.model.inputShape)
      adversarial = tensor(execution.model.inputShape)
      naturalLogits = tensor(execution.model.outputShape)
      naturalGradient = tensor(execution.model.outputShape)
    }
  }

  /// The passes of a step; every one has noise of its own.
  private enum Pass: Int {
    case natural
    case adversarial
  }

  /// Attacks the batch where the settings say so, and runs the passes of the loss, whose gradient is added to the execution's.
  ///
  /// Running statistics learn from each pass of the loss once, and not from those of the attack.
  ///
  /// - Returns: the mean loss.
  func passes(_ state: inout ModelState<Float>) -> Double {
    switch settings.loss {
    case .crossEntropy(let smoothing):
      attack(&state)
      let loss = crossEntropy(&state, smoothing: smoothing, .adversarial)
      countCorrect()
      return loss
    case .tradeOff(let natural, let adversarial):
      // The natural passes leave the input as it is, so the attack may come after them.
      let naturalLoss = crossEntropy(&state, weight: natural, .natural)
      attack(&state)
      let adversarialLoss = crossEntropy(&state, weight: adversarial, .adversarial)
      countCorrect()
      return natural * naturalLoss + adversarial * adversarialLoss
    case .trades(let weight): return trades(&state, weight: weight)
    case .margin(let margin): return self.margin(&state, margin)
    }
  }

  private func attack(_ state: inout ModelState<Float>) {
    settings.adversary?.perturb(
      execution, &state, labels: labels, mode: .attackInTraining, random: random.stream(.attack).stream(position.totalStep))
  }

  private func forward(_ state: inout ModelState<Float>, _ pass: Pass, mode: PassMode = .training) {
    execution.forward(&state, mode: mode, random: random.stream(.noise).stream(position.totalStep).stream(pass.rawValue))
  }

  private func countCorrect() { sums.correct += LogitMargins.rightCount(execution.output, labels: labels) }

  private func crossEntropy(_ state: inout ModelState<Float>, weight: Double = 1, smoothing: Double = 0, _ pass: Pass) -> Double {
    forward(&state, pass)
    let loss = CrossEntropy.evaluate(
      execution.output, labels: labels, gradient: execution.outputGradient, weight: weight, smoothing: smoothing)
    execution.backward(state, ofParameters: true, ofInput: false)
    return loss
  }

  private func trades(_ state: inout ModelState<Float>, weight: Double) -> Double {
    guard let pairs else { return .nan }
    pairs.natural.copy(execution.input)
    attack(&state)
    pairs.adversarial.copy(execution.input)
    execution.input.copy(pairs.natural)
    forward(&state, .natural)
    pairs.naturalLogits.copy(execution.output)
    execution.input.copy(pairs.adversarial)
    forward(&state, .adversarial)
    countCorrect()
    let value = Trades.evaluate(
      natural: pairs.naturalLogits, adversarial: execution.output, labels: labels, weight: weight, naturalGradient: pairs.naturalGradient,
      adversarialGradient: execution.outputGradient)
    execution.backward(state, ofParameters: true, ofInput: false)
    // A backward pass belongs to the forward pass before it: the natural one again, with the same noise, and without the statistics.
    execution.input.copy(pairs.natural)
    forward(&state, .natural, mode: .attackInTraining)
    execution.outputGradient.copy(pairs.naturalGradient)
    execution.backward(state, ofParameters: true, ofInput: false)
    return value.crossEntropy + weight * value.divergence
  }

  private func margin(_ state: inout ModelState<Float>, _ margin: MarginTraining) -> Double {
    guard var product = lipschitz else { return .nan }
    lipschitz = nil
    defer { lipschitz = product }
    let constant = product.evaluate(state.parameters, steps: margin.powerSteps)
    let head = state.parameters[product.head]
    let distances = HeadDistances<Float>(head, classes: model.outputShape.count)
    forward(&state, .natural)
    countCorrect()
    let value = margin.loss.evaluate(
      execution.output, labels: labels, constant: constant, distances: distances.values,
      radius: margin.radius(at: position), gradient: execution.outputGradient)
    execution.backward(state, ofParameters: true, ofInput: false)
    execution.withParameterGradient { gradient in
      product.addGradient(weight: value.constantGradient, to: &gradient)
      distances.addGradient(value.distanceGradient, of: head, to: &gradient[product.head])
    }
    return value.loss
  }
}
