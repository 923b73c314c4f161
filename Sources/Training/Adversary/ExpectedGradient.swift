import LinearAlgebra

/// The gradient of an attack's objective with respect to the input, as the mean over draws of a classifier's noise.
///
/// Expectation over transformation: Athalye, Engstrom, Ilyas, Kwok: Synthesizing robust adversarial examples, ICML 2018.
struct ExpectedGradient<Element: Scalar> {
  let objective: AttackObjective
  let draws: Int
  private var sum: [Element] = []
  private(set) var meanLogits: [Element] = []

  init(_ objective: AttackObjective, draws: Int) {
    self.objective = objective
    self.draws = draws
  }

  /// Computes the classifier's `inputGradient`, and ``meanLogits``, at the batch in its input.
  mutating func evaluate(
    _ classifier: some DifferentiableClassifier<Element>, labels: [Int], targets: [Int]? = nil, random: RandomStream
  ) {
    let draws = classifier.isNoisy ? max(1, draws) : 1
    for draw in 0..<draws {
      let logits = classifier.forward(random: random.stream(draw))
      objective.gradient(of: logits, labels: labels, targets: targets, into: classifier.outputGradient)
      if draw == 0 { meanLogits = logits.elements } else { Self.add(logits, to: &meanLogits) }
      classifier.backward()
      guard draws > 1 else { return }
      if draw == 0 { sum = classifier.inputGradient.elements } else { Self.add(classifier.inputGradient, to: &sum) }
    }
    let share = 1 / Element(draws)
    for i in meanLogits.indices { meanLogits[i] *= share }
    let target = classifier.inputGradient.buffer
    for i in target.indices { target[i] = share * sum[i] }
  }

  private static func add(_ tensor: Tensor<Element>, to sum: inout [Element]) {
    let source = tensor.buffer
    sum.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] += source[i] } }
  }
}
