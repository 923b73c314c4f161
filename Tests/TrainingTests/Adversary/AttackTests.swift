import LinearAlgebra
import Networks
import Testing

@testable import Training

/// A linear classifier on vectors with the given weights (classes × inputs, row-major) and no bias.
private func linearExecution<Element: Scalar>(_ weights: [Element], inputs: Int, capacity: Int) throws -> (
  Execution<Element>, ModelState<Element>
) {
  var model = Model<Element>(input: .vector(inputs))
  try model.add(DenseLayer("dense", inputs: inputs, outputs: weights.count / inputs, hasBias: false))
  return (Execution(model, capacity: capacity), ModelState(parameters: weights, statistics: []))
}

@Suite("Perturbation sets") struct PerturbationSetTests {
  /// A projection p of x onto a convex set is the point with (x − p)·(q − p) ≤ 0 for every q of the set.
  @Test(arguments: PerturbationNorm.allCases, [nil, 0...1.0]) func projections(norm: PerturbationNorm, domain: ClosedRange<Double>?) {
    var random = SplitMix64(seed: 5)
    for _ in 0..<60 {
      let n = Int.random(in: 1...6, using: &random)
      let set = PerturbationSet(norm: norm, epsilon: Double.random(in: 0.01...1.2, using: &random), domain: domain)
      let centre = (0..<n).map { _ in Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : 0 }
      let x = centre.map { $0 + Double.random(in: -2...2, using: &random) }
      var p = x
      set.project(&p, around: centre, count: n)
      #expect(isInside(p, set, centre))
      var again = p
      set.project(&again, around: centre, count: n)
      #expect(zip(again, p).allSatisfy { abs($0 - $1) < 1e-9 })
      for _ in 0..<300 {
        var q = centre.map { $0 + Double.random(in: -set.epsilon...set.epsilon, using: &random) }
        if let domain { q = q.map { min(max($0, domain.lowerBound), domain.upperBound) } }
        guard isInside(q, set, centre) else { continue }
        let product = (0..<n).reduce(0.0) { $0 + (x[$1] - p[$1]) * (q[$1] - p[$1]) }
        #expect(product < 1e-9)
      }
    }
  }

  @Test(arguments: PerturbationNorm.allCases) func randomPointsFillTheBall(norm: PerturbationNorm) {
    let set = PerturbationSet(norm: norm, epsilon: 0.3, domain: 0...1)
    let centre = [0.5, 0.95, 0.5]
    var radii: [Double] = []
    for seed in 0..<300 {
      var x = centre
      set.randomise(&x, count: 3, random: RandomStream(seed: UInt64(seed)))
      #expect(isInside(x, set, centre))
      radii.append(
        norm == .l2
          ? (x[0] - 0.5) * (x[0] - 0.5) + (x[1] - 0.95) * (x[1] - 0.95) + (x[2] - 0.5) * (x[2] - 0.5) : abs(x[0] - 0.5))
    }
    #expect((radii.max() ?? 0) > (norm == .l2 ? 0.07 : 0.29) && (radii.min() ?? 1) < 0.03)
  }

  private func isInside(_ x: [Double], _ set: PerturbationSet, _ centre: [Double]) -> Bool {
    let d = zip(x, centre).map { $0 - $1 }
    let size = set.norm == .l2 ? d.reduce(0) { $0 + $1 * $1 }.squareRoot() : d.map(abs).max() ?? 0
    return size <= set.epsilon + 1e-12 && (set.domain.map { domain in x.allSatisfy { domain ~= $0 } } ?? true)
  }
}

@Suite("Attacks") struct AttackTests {
  @Test("On a linear classifier attacks reach the closed form", arguments: PerturbationNorm.allCases, [1, 7])
  func linear(norm: PerturbationNorm, count: Int) throws {
    var random = SplitMix64(seed: 2)
    let (n, batch, epsilon) = (6, 5, 0.1)
    let weights: [Double] = random.gaussianVector(2 * n)
    let (execution, state) = try linearExecution(weights, inputs: n, capacity: batch)
    let clean = (0..<batch * n).map { _ in Double.random(in: 0...1, using: &random) }
    let labels = (0..<batch).map { $0 % 2 }
    execution.input.elements = clean
    let attack = try ProjectedGradient(norm: norm, epsilon: epsilon, step: epsilon, count: count, startsAtRandom: count > 1, domain: nil)
    attack.perturb(
      ModelClassifier(execution, state: state, mode: .evaluation), labels: labels, random: RandomStream(seed: 1))
    for i in 0..<batch {
      let row = (0..<n).map { weights[(1 - labels[i]) * n + $0] - weights[labels[i] * n + $0] }
      let gain = (0..<n).reduce(0.0) { $0 + row[$1] * (execution.input.sample(i)[$1] - clean[i * n + $1]) }
      let dual = norm == .l2 ? row.reduce(0) { $0 + $1 * $1 }.squareRoot() : row.reduce(0) { $0 + abs($1) }
      // From a random start in a ball the direction of the centre is only approached.
      #expect(abs(gain - epsilon * dual) < (norm == .l2 && count > 1 ? 1e-3 * epsilon * dual : 1e-9))
    }
  }

  @Test("In a domain, l_inf attacks on a linear classifier move every pixel as far as it goes") func linearInDomain() throws {
    var random = SplitMix64(seed: 3)
    let weights: [Double] = random.gaussianVector(16)
    let (execution, state) = try linearExecution(weights, inputs: 8, capacity: 1)
    let clean = (0..<8).map { _ in Double.random(in: 0...1, using: &random) }
    execution.input.elements = clean
    try ProjectedGradient.iterated(epsilon: 0.4, count: 20).perturb(
      ModelClassifier(execution, state: state, mode: .evaluation), labels: [0], random: RandomStream(seed: 1))
    for i in 0..<8 {
      let direction: Double = weights[8 + i] > weights[i] ? 1 : -1
      #expect(abs(execution.input.sample(0)[i] - min(max(clean[i] + 0.4 * direction, 0), 1)) < 1e-12)
    }
  }

  @Test("Where the loss is convex no step lowers it, and points stay in the set", arguments: PerturbationNorm.allCases)
  func convex(norm: PerturbationNorm) throws {
    var random = SplitMix64(seed: 4)
    let weights: [Double] = random.gaussianVector(4 * 10, deviation: 2)
    let (execution, state) = try linearExecution(weights, inputs: 10, capacity: 6)
    let clean = (0..<60).map { _ in Double.random(in: 0...1, using: &random) }
    let labels = [0, 1, 2, 3, 0, 1]
    let classifier = ModelClassifier(execution, state: state, mode: .evaluation)
    func losses() -> [Double] {
      let logits = classifier.forward(random: RandomStream(seed: 0))
      return labels.indices.map {
        CrossEntropy.evaluate(Tensor(shape: logits.shape, elements: Array(logits.sample($0))), labels: [labels[$0]])
      }
    }
    execution.input.elements = clean
    var before = losses()
    for count in 1...6 {
      execution.input.elements = clean
      try ProjectedGradient(norm: norm, epsilon: 0.2, step: 0.07, count: count, startsAtRandom: false)
        .perturb(classifier, labels: labels, random: RandomStream(seed: 1))
      for i in 0..<6 {
        let d = (0..<10).map { execution.input.sample(i)[$0] - clean[i * 10 + $0] }
        #expect((norm == .l2 ? d.reduce(0) { $0 + $1 * $1 }.squareRoot() : d.map(abs).max() ?? 0) <= 0.2 + 1e-12)
      }
      #expect(execution.input.elements.allSatisfy { 0...1 ~= $0 })
      let after = losses()
      for i in 0..<6 { #expect(after[i] >= before[i] - 1e-12) }
      before = after
    }
  }

  @Test("The nearest adversarial sample of a linear classifier", arguments: [nil, -3...3.0])
  func minimalNorm(domain: ClosedRange<Double>?) throws {
    var random = SplitMix64(seed: 6)
    let (n, classes, batch) = (8, 4, 12)
    let weights: [Double] = random.gaussianVector(classes * n)
    let (execution, state) = try linearExecution(weights, inputs: n, capacity: batch)
    let clean: [Double] = random.gaussianVector(batch * n, deviation: 0.3)
    func value(_ x: ArraySlice<Double>, _ row: Int) -> Double { zip(x, weights[row * n..<(row + 1) * n]).reduce(0) { $0 + $1.0 * $1.1 } }
    let labels = (0..<batch).map { i in
      let x = clean[i * n..<(i + 1) * n]
      return (0..<classes).max { value(x, $0) < value(x, $1) } ?? 0
    }
    execution.input.elements = clean
    let classifier = ModelClassifier(execution, state: state, mode: .evaluation)
    var wrong = labels
    wrong[0] = (labels[0] + 1) % classes
    let distances = try MinimalNormAttack(domain: domain).perturb(classifier, labels: wrong, random: RandomStream(seed: 1))
    #expect(distances[0] == 0 && Array(execution.input.sample(0)) == Array(clean[0..<n]))
    for i in 1..<batch {
      let x = clean[i * n..<(i + 1) * n]
      let exact =
        (0..<classes).filter { $0 != labels[i] }.map { j -> Double in
          let normal = (0..<n).map { weights[labels[i] * n + $0] - weights[j * n + $0] }
          return (value(x, labels[i]) - value(x, j)) / normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }.min() ?? 0
      #expect(distances[i] >= exact - 1e-9 && distances[i] <= 1.02 * exact + 1e-6, "\(distances[i]) against \(exact)")
      let found = execution.input.sample(i)
      #expect(abs(zip(found, x).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() - distances[i]) < 1e-12)
      let point = Array(found)[...]
      #expect((0..<classes).contains { $0 != labels[i] && value(point, $0) >= value(point, labels[i]) - 1e-9 })
    }
  }

  @Test("The number of threads, and what ran before, do not matter", arguments: PerturbationNorm.allCases)
  func threads(norm: PerturbationNorm) throws {
    var model = Model<Float>(input: FeatureShape(height: 6, width: 6, channels: 2))
    try model.add(FlattenLayer("flat"))
    try model.add(DenseLayer("first", inputs: 72, outputs: 20))
    try model.add(ActivationLayer("relu", .relu))
    try model.add(DenseLayer("second", inputs: 20, outputs: 5))
    var state = try model.initialState(seed: 3)
    let before = state
    var random = SplitMix64(seed: 8)
    let clean = (0..<70 * 72).map { _ in Float.random(in: 0...1, using: &random) }
    let labels = (0..<70).map { $0 % 5 }
    let count = Threads.count
    defer { Threads.count = count }
    var results: [[Float]] = []
    for threads in [1, 3] {
      Threads.count = threads
      let execution = Execution(model, capacity: 70)
      execution.input.elements = clean
      try ProjectedGradient.training(norm: norm, epsilon: 0.2, count: 4)
        .perturb(execution, &state, labels: labels, mode: .attackInTraining, random: RandomStream(seed: 5))
      #expect(execution.parameterGradient.allSatisfy { $0 == 0 })
      let perturbed = execution.input.elements
      execution.input.elements = clean
      _ = try MinimalNormAttack(steps: 5).perturb(
        ModelClassifier(execution, state: state, mode: .evaluation), labels: labels, random: RandomStream(seed: 5))
      results.append(perturbed + execution.input.elements)
    }
    #expect(results[0] == results[1])
    #expect(state == before)
  }

  @Test("A saved network is attacked as the model it came from") func savedNetwork() throws {
    var model = Model<Double>(input: FeatureShape(height: 3, width: 4, channels: 2))
    try model.add(FlattenLayer("flat"))
    try model.add(DenseLayer("first", inputs: 24, outputs: 9))
    try model.add(ActivationLayer("relu", .relu))
    try model.add(DenseLayer("second", inputs: 9, outputs: 3))
    let state = try model.initialState(seed: 3)
    let execution = Execution(model, capacity: 4)
    let saved = try NetworkClassifier<Double>(try model.network(state), capacity: 4)
    #expect(saved.input.shape == model.inputShape)
    var random = SplitMix64(seed: 9)
    let clean = (0..<96).map { _ in Double.random(in: 0...1, using: &random) }
    execution.input.elements = clean
    saved.input.elements = clean
    let attack = try ProjectedGradient.iterated(epsilon: 0.1)
    attack.perturb(ModelClassifier(execution, state: state, mode: .evaluation), labels: [0, 1, 2, 0], random: RandomStream(seed: 1))
    attack.perturb(saved, labels: [0, 1, 2, 0], random: RandomStream(seed: 1))
    #expect(zip(execution.input.elements, saved.input.elements).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(execution.input.elements != clean)
  }

  @Test("Expectations over noise are means over its draws") func expectation() throws {
    let classifier = NoisyLinear(inputs: 3)
    classifier.input.elements = [0.1, 0.2, 0.3]
    let stream = RandomStream(seed: 4)
    var mean = [0.0, 0, 0]
    for draw in 0..<8 {
      for (i, value) in classifier.gradient(stream.stream(draw)).enumerated() { mean[i] += value / 8 }
    }
    var expected = ExpectedGradient<Double>(.margin, draws: 8)
    expected.evaluate(classifier, labels: [0], random: stream)
    #expect(zip(classifier.inputGradient.elements, mean).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(Set(mean).count == 3)
  }

  @Test("Settings out of range") func settings() {
    #expect(throws: TrainingError.self) { try ProjectedGradient(epsilon: -1, step: 1, count: 1) }
    #expect(throws: TrainingError.self) { try ProjectedGradient(epsilon: .nan, step: 1, count: 1) }
    #expect(throws: TrainingError.self) { try ProjectedGradient(epsilon: 1, step: 0, count: 1) }
    #expect(throws: TrainingError.self) { try ProjectedGradient(epsilon: 1, step: 1, count: 0) }
    #expect(throws: TrainingError.self) { try MinimalNormAttack(steps: 0) }
  }
}

/// Two logits, 0 and w·x, whose weights w are drawn anew in each forward pass.
private final class NoisyLinear: DifferentiableClassifier {
  let input: Tensor<Double>
  let inputGradient: Tensor<Double>
  let outputGradient = Tensor<Double>(capacity: 1, shape: .vector(2))
  let isNoisy = true
  private let logits = Tensor<Double>(capacity: 1, shape: .vector(2))
  private var weights: [Double] = []

  init(inputs: Int) {
    input = Tensor(capacity: 1, shape: .vector(inputs))
    inputGradient = Tensor(capacity: 1, shape: .vector(inputs))
  }

  /// The weights of a draw.
  func gradient(_ random: RandomStream) -> [Double] {
    var generator = random.generator
    return generator.gaussianVector(input.shape.count)
  }

  func forward(random: RandomStream) -> Tensor<Double> {
    weights = gradient(random)
    logits.elements = [0, zip(weights, input.elements).reduce(0) { $0 + $1.0 * $1.1 }]
    return logits
  }

  func backward() { inputGradient.elements = weights.map { $0 * outputGradient.elements[1] } }
}
