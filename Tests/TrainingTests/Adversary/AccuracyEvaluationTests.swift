import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite("Accuracy") struct AccuracyEvaluationTests {
  /// Points (x, 1/2) in the unit square; class 1 where x > 1/2.
  private func line(_ positions: [Float], labels: [Int]? = nil) throws -> Dataset {
    try Dataset(
      name: "line", shape: .vector(2), samples: positions.flatMap { [$0, 0.5] }, labels: labels ?? positions.map { $0 > 0.5 ? 1 : 0 },
      classCount: 2)
  }

  /// Logits 0 and x − 1/2 as a classifier for batches of three.
  private func classifier() throws -> ModelClassifier<Float> {
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("dense", inputs: 2, outputs: 2))
    let execution = Execution(model, capacity: 3)
    return ModelClassifier(execution, state: ModelState(parameters: [0, 0, 1, 0, 0, -0.5], statistics: []), mode: .evaluation)
  }

  @Test("A classifier whose distances are known") func distances() throws {
    let data = try line([0.1, 0.3, 0.45, 0.6, 0.8, 0.9, 0.2], labels: [0, 0, 0, 1, 1, 1, 1])
    var evaluation = AccuracyEvaluation()
    evaluation.attacks = [
      .init("small", try .fastGradientSign(epsilon: 0.07)), .init("large", try .iterated(epsilon: 0.25)),
      .init("ball", try .training(norm: .l2, epsilon: 0.15)),
    ]
    evaluation.minimalNorm = try MinimalNormAttack()
    var told: [Int] = []
    let result = try evaluation.run(try classifier(), on: data) { told.append($0.count) }
    #expect(told == [3, 6, 7])
    #expect(result.count == 7 && result.total == 7 && result.correct == 6)
    #expect(result.attacks.map(\.correct) == [5, 3, 4])
    let expected = [0.4, 0.2, 0.05, 0.1, 0.3, 0.4, 0]
    #expect(zip(result.distances ?? [], expected).allSatisfy { $0 >= $1 - 1e-6 && $0 <= 1.01 * $1 + 1e-4 })
    #expect(abs((result.medianDistance ?? 0) - 0.25) < 0.01)
    #expect(result.accuracy(at: 0) == 6.0 / 7 && result.accuracy(at: 0.15) == 4.0 / 7)
  }

  @Test("Of equal logits none is right, in training as in evaluations") func ties() {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<50 {
      let (samples, classes) = (7, 3)
      let logits = (0..<samples * classes).map { _ -> Float in
        let draw = generator.next() % 6
        return draw == 5 ? .nan : draw == 4 ? .infinity : Float(draw)
      }
      let labels = (0..<samples).map { _ in Int(generator.next() % UInt64(classes)) }
      let counted = LogitMargins.rightCount(Tensor(shape: .vector(classes), elements: logits), labels: labels)
      #expect(counted == LogitMargins.margins(logits, labels).count { $0 > 0 })
      let sorted = labels.enumerated().count { index, label in
        let row = logits[index * classes..<(index + 1) * classes]
        return row.count { $0 == row[row.startIndex + label] } == 1 && row.max() == row[row.startIndex + label]
          && !row.contains { $0.isNaN }
      }
      #expect(counted == sorted)
    }
  }

  @Test("An evaluation that is stopped tells of what it has") func cancellation() throws {
    let data = try line([0.1, 0.2, 0.3, 0.4, 0.6])
    var evaluation = AccuracyEvaluation()
    evaluation.isCancelled = { true }
    let result = try evaluation.run(try classifier(), on: data)
    #expect(result.count == 0 && result.total == 5 && result.naturalAccuracy == 0)
  }

  @Test("Data that do not fit") func misfits() throws {
    let classifier = try classifier()
    var evaluation = AccuracyEvaluation()
    let wide = try Dataset(name: "wide", shape: .vector(3), samples: [1, 2, 3], labels: [0], classCount: 2)
    #expect(throws: TrainingError.self) { try evaluation.run(classifier, on: wide) }
    let many = try Dataset(name: "many", shape: .vector(2), samples: [1, 2], labels: [2], classCount: 3)
    #expect(throws: TrainingError.self) { try evaluation.run(classifier, on: many) }
    let outside = try Dataset(name: "outside", shape: .vector(2), samples: [1, 2], labels: [1], classCount: 2)
    #expect(try evaluation.run(classifier, on: outside).count == 1)
    evaluation.attacks = [.init("fgsm", try .fastGradientSign(epsilon: 0.1))]
    #expect(throws: TrainingError.self) { try evaluation.run(classifier, on: outside) }
  }
}

@Suite("Networks as models") struct ModelNetworkTests {
  @Test("A network of every supported operation gives the same logits and gradients") func everyOperation() throws {
    var model = Model<Double>(input: FeatureShape(height: 9, width: 8, channels: 4))
    try model.add(InputNormalizationLayer("normalisation", mean: [0.1, 0.2, 0.3, 0.4], deviation: [1, 2, 0.5, 1.5]))
    try model.add(ConvolutionLayer("first", inputs: 4, outputs: 6, size: 3, stride: 2, groups: 2, hasBias: true))
    let start = try model.add(BatchNormalizationLayer("norm", channels: 6, isRectified: true))
    try model.add(ConvolutionLayer("second", inputs: 6, outputs: 6, size: 3))
    try model.add(ChannelSelectionLayer("selection", of: 6, sources: [5, nil, 0, 1, 2, 2]))
    try model.add(GroupSortLayer("sort", size: 2))
    let end = try model.add(ActivationLayer("tanh", .tanh))
    try model.add(SumLayer("sum", coefficients: [1, -1]), to: [start, end])
    try model.add(MaximumPoolLayer("maximum", PoolWindow(2, stride: 1, padding: 1)))
    try model.add(AveragePoolLayer("mean", PoolWindow(3, stride: 2, padding: 1)))
    try model.add(FlattenLayer("flat"))
    try model.add(DenseLayer("dense", inputs: 54, outputs: 5))
    var random = SplitMix64(seed: 3)
    var state = try model.initialState(seed: 3)
    for i in state.parameters.indices { state.parameters[i] += 0.1 * random.nextGaussian() }
    for i in state.statistics.indices { state.statistics[i] += 0.5 * random.nextUniform() }
    let network = try model.network(state)
    let imported = try Model<Double>.importing(network)
    let execution = Execution(imported.model, capacity: 3)
    let fast = ModelClassifier(execution, state: imported.state, mode: .evaluation)
    let general = try NetworkClassifier<Double>(network, capacity: 3)
    let clean: [Double] = random.gaussianVector(3 * model.inputShape.count)
    let weights: [Double] = random.gaussianVector(15)
    var outputs: [[Double]] = []
    var gradients: [[Double]] = []
    for classifier in [fast, general] as [any DifferentiableClassifier<Double>] {
      classifier.input.elements = clean
      outputs.append(classifier.forward(random: RandomStream(seed: 0)).elements)
      classifier.outputGradient.elements = weights
      classifier.backward()
      gradients.append(classifier.inputGradient.elements)
    }
    #expect(zip(outputs[0], outputs[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(gradients[0], gradients[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(gradients[0].contains { abs($0) > 1e-3 })
  }

  @Test("Operations without a layer are named") func unsupported() throws {
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 4])
    let node = try network.add(.slice(starts: [0, 1], ends: [1, 3], steps: [1, 1]), name: "part", to: [input])
    try network.setOutputs([node], names: ["output"])
    let error = #expect(throws: TrainingError.self) { try Model<Float>.importing(network) }
    #expect(error?.description.contains("'part'") == true)
  }
}
