import LinearAlgebra

/// Projected gradient ascent on a loss within a ball around each sample: PGD, IFGSM and FGSM.
///
/// Madry, Makelov, Schmidt, Tsipras, Vladu: Towards deep learning models resistant to adversarial attacks, ICLR 2018; without random starts
/// the iterative FGSM of Kurakin, Goodfellow, Bengio, and with one step the FGSM of Goodfellow, Shlens, Szegedy, ICLR 2015. Each step goes
/// along the sign of the gradient (l_∞) or its direction (l₂), then to the nearest point of the set.
public struct ProjectedGradient: BatchAdversary, Hashable, Sendable, Codable {
  /// How perturbations are measured.
  public var norm: PerturbationNorm
  /// The greatest perturbation, in the units of the samples.
  public var epsilon: Double
  /// The length of a step, in the same units.
  public var step: Double
  /// The number of steps.
  public var count: Int
  /// Whether each sample starts from a random point of its ball rather than from itself.
  public var startsAtRandom: Bool
  /// The least and the greatest value a sample may have; `nil` for samples that are not images.
  public var domain: ClosedRange<Double>?
  /// What is made large.
  public var objective: AttackObjective
  /// Gradients are means over this many draws of a noisy classifier's noise; 1 follows single draws.
  public var noiseDraws: Int

  /// Collects the settings.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when one is out of its range.
  public init(
    norm: PerturbationNorm = .lInfinity, epsilon: Double, step: Double, count: Int, startsAtRandom: Bool = true,
    domain: ClosedRange<Double>? = 0...1, objective: AttackObjective = .crossEntropy, noiseDraws: Int = 1
  ) throws(TrainingError) {
    guard epsilon >= 0, epsilon.isFinite else { throw .setting(key: "epsilon", detail: "\(epsilon) is no radius") }
    guard step > 0 || epsilon == 0, step.isFinite else { throw .setting(key: "step", detail: "\(step) is no length of a step") }
    guard 1...100_000 ~= count else { throw .setting(key: "steps", detail: "from 1 to 100000, not \(count)") }
    guard 1...10_000 ~= noiseDraws else { throw .setting(key: "draws", detail: "from 1 to 10000, not \(noiseDraws)") }
    self.norm = norm
    self.epsilon = epsilon
    self.step = step
    self.count = count
    self.startsAtRandom = startsAtRandom
    self.domain = domain
    self.objective = objective
    self.noiseDraws = noiseDraws
  }

  /// The fast gradient sign method: one step of length ε from the sample itself.
  ///
  /// The reference's setting A2 has ε = 0.031 on images in [0, 1] (EnResNet, arXiv 1811.10745).
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when ε is no radius.
  public static func fastGradientSign(
    norm: PerturbationNorm = .lInfinity, epsilon: Double = 0.031, domain: ClosedRange<Double>? = 0...1
  ) throws(TrainingError) -> ProjectedGradient {
    try ProjectedGradient(norm: norm, epsilon: epsilon, step: epsilon, count: 1, startsAtRandom: false, domain: domain)
  }

  /// The reference's attack for testing: no random start, steps of 1/255 for ε = 0.031, and in proportion for others; its setting A3 has 20
  /// steps.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when a number is out of its range.
  public static func iterated(
    norm: PerturbationNorm = .lInfinity, epsilon: Double = 0.031, count: Int = 20, domain: ClosedRange<Double>? = 0...1
  ) throws(TrainingError) -> ProjectedGradient {
    try ProjectedGradient(
      norm: norm, epsilon: epsilon, step: epsilon * (1 / 255) / 0.031, count: count, startsAtRandom: false, domain: domain)
  }

  /// The reference's attack in training: a random start, steps of 0.007 for ε = 0.031 and 10 steps, and in proportion for others.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when a number is out of its range.
  public static func training(
    norm: PerturbationNorm = .lInfinity, epsilon: Double = 0.031, count: Int = 10, domain: ClosedRange<Double>? = 0...1
  ) throws(TrainingError) -> ProjectedGradient {
    try ProjectedGradient(
      norm: norm, epsilon: epsilon, step: epsilon * (0.007 / 0.031) * 10 / Double(max(1, count)), count: count, startsAtRandom: true,
      domain: domain)
  }

  /// Replaces the batch in an execution's input by adversarial samples.
  ///
  /// Only gradients of the input are computed, and running statistics stay. The result depends on the random stream and the batch, not on
  /// the number of threads.
  ///
  /// - Parameters:
  ///   - execution: the model's memory, with the samples in its input.
  ///   - state: the numbers of the model; they stay as they are.
  ///   - labels: the class of each sample.
  ///   - mode: how the model is run.
  ///   - random: the numbers of random starts and of noise.
  /// - Precondition: one label for each sample; samples lie in the domain.
  public func perturb(
    _ execution: Execution<Float>, _ state: inout ModelState<Float>, labels: [Int], mode: PassMode, random: RandomStream
  ) {
    perturb(ModelClassifier(execution, state: state, mode: mode), labels: labels, random: random)
  }

  /// Replaces the batch in a classifier's input by adversarial samples.
  ///
  /// - Precondition: one label for each sample; samples lie in the domain.
  public func perturb<Element: Scalar>(_ classifier: some DifferentiableClassifier<Element>, labels: [Int], random: RandomStream) {
    let input = classifier.input
    precondition(labels.count == input.batch, "one label for each sample")
    let n = input.shape.count
    let set = PerturbationSet(norm: norm, epsilon: epsilon, domain: domain)
    let centre = input.elements
    centre.withUnsafeBufferPointer { centre in
      guard let centre = SharedInput(centre) else { return }
      let (x, gradient) = (SharedBuffer(base: input.base), SharedInput(base: UnsafePointer(classifier.inputGradient.base)))
      let chunk = max(1, (1 << 14) / n)
      if startsAtRandom {
        let starts = random.stream(.attack)
        ParallelFor.runRanges(input.batch, minimumChunk: chunk) { range in
          for i in range { set.randomise(x.base + i * n, count: n, random: starts.stream(i)) }
        }
      }
      var expected = ExpectedGradient<Element>(objective, draws: noiseDraws)
      for k in 0..<count {
        expected.evaluate(classifier, labels: labels, random: random.stream(k))
        ParallelFor.runRanges(input.batch, minimumChunk: chunk) { range in
          for i in range {
            set.ascend(x.base + i * n, along: gradient.base + i * n, by: step, around: centre.base + i * n, count: n)
          }
        }
      }
    }
  }
}
