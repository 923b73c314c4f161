import CKernels
import Foundation
import LinearAlgebra
import Testing

@testable import Training

@Suite struct NoiseLayerTests {
  @Test func layersHaveGradientsAndExport() throws {
    let shape = FeatureShape(height: 3, width: 2, channels: 4)
    try check(GaussianNoiseLayer("noise", deviation: 0.3), on: shape)
    try check(FeynmanKacNoiseLayer("noise", coefficient: 0.4), on: shape)
    try check(FeynmanKacNoiseLayer("noise", coefficient: 0), on: shape)
    try check(DropoutLayer("drop", probability: 0.4), on: shape)
  }

  /// The known answers of the authors' Random123 library for Philox 4x32-10: counter 0 and key 0, and by its definition round by round.
  @Test func randomWordsArePhilox() {
    var words = [UInt32](repeating: 0, count: 128)
    lipcert_random_words(2, 0, &words)
    #expect((0..<4).map { words[16 * $0] } == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    let key: UInt64 = 0x0123_4567_89ab_cdef
    lipcert_random_words(2, key, &words)
    for counter in 0..<32 {
      var c: [UInt32] = [UInt32(counter), 0, 0, 0]
      var (k0, k1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
      for _ in 0..<10 {
        let (a, b) = (UInt64(c[0]) * 0xD251_1F53, UInt64(c[2]) * 0xCD9E_8D57)
        c = [
          UInt32(b >> 32) ^ c[1] ^ k0, UInt32(truncatingIfNeeded: b), UInt32(a >> 32) ^ c[3] ^ k1, UInt32(truncatingIfNeeded: a),
        ]
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      #expect((0..<4).map { words[counter / 16 * 64 + 16 * $0 + counter % 16] } == c)
    }
  }

  /// The kernel against Box and Muller's formula in double precision, from the same words.
  @Test func normalNumbersAreBoxAndMullers() {
    let blocks = 64
    var words = [UInt32](repeating: 0, count: 64 * blocks)
    lipcert_random_words(blocks, 77, &words)
    var numbers = [Float](repeating: 0, count: 64 * blocks)
    lipcert_sadd_noise(64 * blocks, 77, 1, nil, &numbers)
    var worst = 0.0
    for block in 0..<blocks {
      for half in 0..<2 {
        for lane in 0..<16 {
          let place = 64 * block + 32 * half + lane
          let u = Double((Float(words[place] >> 1) + 0.5) * 0x1p-31)
          let radius = (-2 * log(u)).squareRoot()
          let (x, y) = (Double(numbers[place]), Double(numbers[place + 16]))
          worst = max(worst, abs((x * x + y * y).squareRoot() - radius))
          // The angle is the word's turn, mirrored in every second quarter.
          let turn = words[place + 16]
          let angle = Double(Int32(bitPattern: turn << 2)) * 0x1p-32 * .pi / 2
          let (c, s) = (cos(angle), sin(angle))
          let sign: Double = turn >> 31 == 0 ? 1 : -1
          let expected = (turn >> 30) & 1 == 0 ? (c, s) : (s, c)
          worst = max(worst, abs(x - sign * radius * expected.0), abs(y - sign * radius * expected.1))
        }
      }
    }
    #expect(worst < 3e-6)
  }

  /// Moments, tails and independence of many numbers, within five standard errors.
  @Test func normalNumbersAreNormal() {
    let count = 1 << 16
    var x = [Float](repeating: 0, count: count)
    lipcert_sadd_noise(count, 0xfeed, 1, nil, &x)
    func mean(_ f: (Int) -> Double) -> Double { (0..<count).reduce(0) { $0 + f($1) } / Double(count) }
    let error = 1 / Double(count).squareRoot()
    #expect(abs(mean { Double(x[$0]) }) < 5 * error)
    #expect(abs(mean { pow(Double(x[$0]), 2) } - 1) < 5 * 2.0.squareRoot() * error)
    #expect(abs(mean { pow(Double(x[$0]), 3) }) < 5 * 15.0.squareRoot() * error)
    #expect(abs(mean { pow(Double(x[$0]), 4) } - 3) < 5 * 96.0.squareRoot() * error)
    for (bound, share) in [(1.0, 0.317_310_5), (2, 0.045_500_3), (3, 0.002_699_8)] {
      #expect(abs(mean { abs(Double(x[$0])) > bound ? 1 : 0 } - share) < 5 * share.squareRoot() * error)
    }
    for lag in [1, 15, 16, 17, 32, 48, 64] {
      #expect(abs(mean { Double(x[$0]) * Double(x[($0 + lag) % count]) }) < 5 * error)
    }
    var other = x
    lipcert_sadd_noise(count, 0xfeee, 1, nil, &other)
    #expect(abs(mean { Double(x[$0]) * Double(other[$0]) }) < 5 * error)
  }

  private func run(_ layer: any Layer<Float>, _ shape: FeatureShape, _ input: [Float], mode: PassMode, seed: UInt64 = 1) throws
    -> (output: [Float], statistics: [Float])
  {
    var model = Model<Float>(input: shape)
    try model.add(layer)
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: input.count / shape.count)
    execution.input.elements = input
    execution.forward(&state, mode: mode, random: RandomStream(seed: seed))
    return (execution.output.elements, state.statistics)
  }

  @Test func noiseIsInProportionToTheBatch() throws {
    let shape = FeatureShape(height: 8, width: 8, channels: 8)
    var generator = SplitMix64(seed: 2)
    let input = (0..<16 * shape.count).map { _ in Float(7 + 3 * generator.nextGaussian()) }
    func deviation(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
    }
    let layer = FeynmanKacNoiseLayer<Float>("noise", coefficient: 0.1)
    let (output, statistics) = try run(layer, shape, input, mode: .training)
    let added = zip(output, input).map { Double($0) - Double($1) }
    let batch = deviation(input.map(Double.init))
    #expect(abs(deviation(added) / (0.1 * batch) - 1) < 0.05)
    #expect(abs(Double(statistics[0]) - (0.9 + 0.1 * batch)) < 1e-5)
    #expect(try run(layer, shape, input, mode: .training, seed: 2).output != output)
    #expect(try run(layer, shape, input, mode: .attackInTraining).statistics == [1])
    #expect(try run(layer, shape, input, mode: .evaluation).output == input)
    // Outside training every sample is treated alone, with the running deviation (here 1).
    let (noisy, _) = try run(layer, shape, input, mode: .noisyEvaluation)
    #expect(abs(deviation(zip(noisy, input).map { Double($0) - Double($1) }) / 0.1 - 1) < 0.05)
    let (alone, _) = try run(layer, shape, Array(input.prefix(shape.count)), mode: .noisyEvaluation)
    #expect(alone == Array(noisy.prefix(shape.count)))
  }

  @Test func dropoutKeepsTheMean() throws {
    let shape = FeatureShape(height: 8, width: 8, channels: 8)
    let input = [Float](repeating: 1, count: 16 * shape.count)
    let (output, _) = try run(DropoutLayer("drop", probability: 0.25), shape, input, mode: .training)
    #expect(Set(output) == [0, 1 / 0.75])
    let share = Double(output.count { $0 == 0 }) / Double(output.count)
    #expect(abs(share - 0.25) < 5 * (0.25 * 0.75 / Double(output.count)).squareRoot())
    #expect(try run(DropoutLayer("drop", probability: 0.25), shape, input, mode: .noisyEvaluation).output == input)
  }

  @Test func aConstantBatchHasAGradient() throws {
    var model = Model<Float>(input: .vector(3))
    try model.add(FeynmanKacNoiseLayer("noise"))
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: 2)
    execution.input.elements = [Float](repeating: 0.3, count: 6)
    execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
    execution.outputGradient.elements = [1, 2, 3, 4, 5, 6]
    execution.backward(state, ofParameters: false, ofInput: true)
    #expect(execution.output.elements == [Float](repeating: 0.3, count: 6))
    #expect(execution.inputGradient.elements == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: [PassMode.training, .noisyEvaluation]) func resultsDoNotDependOnThreads(mode: PassMode) throws {
    var model = Model<Float>(input: FeatureShape(height: 20, width: 21, channels: 12))
    try model.add(GaussianNoiseLayer("plain", deviation: 0.5))
    try model.add(FeynmanKacNoiseLayer("scaled"))
    try model.add(DropoutLayer("drop"))
    try checkThreads(model, mode: mode)
  }

  @Test func wrongSettingsAreRefused() throws {
    var model = Model<Float>(input: .vector(5))
    #expect(throws: TrainingError.self) { try model.add(GaussianNoiseLayer("noise", deviation: -1)) }
    #expect(throws: TrainingError.self) { try model.add(FeynmanKacNoiseLayer("noise", coefficient: .nan)) }
    #expect(throws: TrainingError.self) { try model.add(DropoutLayer("drop", probability: 1)) }
    #expect(throws: TrainingError.self) { try model.add(DropoutLayer("drop"), to: [0, 0]) }
  }
}

@Suite struct InputNormalizationLayerTests {
  @Test func gradientsAndExport() throws {
    let layer = InputNormalizationLayer<Double>("input", mean: [0.5, 0.4, -1], deviation: [0.2, 3, 1])
    try check(layer, on: FeatureShape(height: 2, width: 3, channels: 3))
    try check(layer, on: .vector(3))
  }

  @Test func wrongConstantsAreRefused() throws {
    var model = Model<Float>(input: .vector(2))
    #expect(throws: TrainingError.self) { try model.add(InputNormalizationLayer("input", mean: [0], deviation: [1])) }
    #expect(throws: TrainingError.self) { try model.add(InputNormalizationLayer("input", mean: [0, 0], deviation: [1, 0])) }
    #expect(throws: TrainingError.self) { try model.add(InputNormalizationLayer("input", mean: [0, .nan], deviation: [1, 1])) }
  }
}
