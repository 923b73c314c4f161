import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Lipschitz

/// The frequency method against unrolled networks, and against attained gains.
@Suite("Frequency method") struct FrequencyEstimatorTests {
  private func estimate(_ problem: LipschitzProblem, coversAllImageSizes: Bool = false, tolerance: Double = 1e-2) throws
    -> LipschitzEstimate
  {
    var budget = Budget()
    budget.tolerance = tolerance
    return try FrequencyEstimator(coversAllImageSizes: coversAllImageSizes).estimate(problem, budget: budget)
  }

  /// One multiplier per unit is never worse than one per channel, on the very network; and no pair of inputs beats either.
  @Test(arguments: ConvolutionalSamples.all)
  func neverBelowUnrolled(_ sample: ConvolutionalSamples.Sample) throws {
    let problem = try LipschitzProblem(try sample.build(1))
    let own = try estimate(problem)
    let upper = try #require(own.upper, "\(own.note ?? "")")
    #expect(own.isCertified && own.note?.contains("this image size") == true)
    try CertificateChecker.check(try #require(own.certificate), of: problem.lowered)
    let lower = try #require(own.lower)
    #expect(lower <= upper && lower >= upper * (1 - 1.1e-2))
    let unrolled = try LiftedEstimator().estimate(problem)
    let optimum = try #require(unrolled.lower)
    #expect(upper >= optimum * (1 - 1e-12))
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    #expect(upper >= max(attained, try SoundnessTests.largestQuotient(problem, pairs: 500)))
  }

  /// The same multipliers at every pixel of the unrolled network: zero padding is a compression, so its gain is not above ρ.
  @Test(arguments: ConvolutionalSamples.all)
  func multipliersHoldForTheUnrolledNetwork(_ sample: ConvolutionalSamples.Sample) throws {
    let problem = try LipschitzProblem(try sample.build(3))
    let own = try estimate(problem)
    guard case .frequencies(let data)? = own.certificate?.derivation else {
      Issue.record("no derivation: \(own.note ?? "")")
      return
    }
    let part = try ConvolutionalPart(problem.selected)
    let channel = zip(part.activationNodes, data.channelMultipliers).map { index, t in
      t.flatMap { Array(repeating: $0, count: part.nodes[index].map.pixels) }
    }
    // Truncated activations are proved with sectors that contain 0, of which the unrolled network's own are part.
    let sectors = problem.sectors.enumerated().map { position, own in
      guard position < part.activationNodes.count else { return own }
      let wide = part.sectors(of: part.activationNodes[position])
      let pixels = part.nodes[part.activationNodes[position]].map.pixels
      return UnitSectors(
        lower: own.lower.indices.map { wide.lower[$0 / pixels] }, upper: own.upper.indices.map { wide.upper[$0 / pixels] })
    }
    let proof = try GainProof(network: problem.selected, sectors: sectors, multipliers: channel + data.unitMultipliers)
    #expect(try proof.inputGain.largestEigenvalueEstimate() <= data.rho * (1 + 1e-9))
  }

  /// A bound for every image size is one for each, and hardly above that of a large image.
  @Test(arguments: [6, 11, 24]) func coversAllImageSizes(_ size: Int) throws {
    let layers: [ConvolutionalSamples.Layer] = [
      .convolution(channels: 3, kernel: 3, stride: 2, padding: 1), .activation(.relu),
      .convolution(channels: 3, kernel: 3, stride: 1, padding: 1),
      .activation(.relu), .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
    ]
    let problem = try LipschitzProblem(try ConvolutionalSamples.network(layers, channels: 2, height: size, width: size, seed: 4))
    let all = try estimate(problem, coversAllImageSizes: true)
    let one = try estimate(problem)
    #expect(all.isCertified && all.note?.contains("any image size") == true)
    let (upper, lower) = (try #require(all.upper), try #require(one.lower))
    #expect(upper >= lower * (1 - 1e-12))
    // The torus of a large image has frequencies close to every other.
    let large = try #require(one.upper)
    if size == 24 { #expect(upper <= large * 1.05) }
    try CertificateChecker.check(try #require(all.certificate), of: problem.lowered)
  }

  @Test func outputsAndOtherNorms() throws {
    let network = try ConvolutionalSamples.all[8].build(5)
    let one = try estimate(try LipschitzProblem(network, output: .difference(2, 0)))
    let lower = try #require(try LiftedEstimator().estimate(try LipschitzProblem(network, output: .difference(2, 0))).lower)
    let upper = try #require(one.upper)
    #expect(one.isCertified && upper >= lower)
    let box = FrequencyEstimator().outcome(try LipschitzProblem(network, inputNorm: .lInfinity))
    #expect(box.upper == nil && box.note?.hasPrefix("not applicable:") == true)
    #expect(throws: NotApplicable.self) { try estimate(try LipschitzProblem(network, inputNorm: .lInfinity)) }
  }

  @Test func notApplicable() throws {
    let perceptron = FrequencyEstimator().outcome(
      try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [4, 6, 2], seed: 1)))
    #expect(perceptron.upper == nil && perceptron.note?.contains("no convolution") == true)
    // Zeros beside a map that is not an activation's output: truncating it is not a compression.
    let padded = try ConvolutionalSamples.network(
      [
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
        .activation(.relu), .convolution(channels: 1, kernel: 1, stride: 1, padding: 0),
      ], channels: 1, height: 5, width: 5, seed: 1)
    let refused = FrequencyEstimator().outcome(try LipschitzProblem(padded))
    #expect(refused.upper == nil && refused.note?.contains("not a compression") == true)
    // So does a pool that leaves out a column.
    let odd = try ConvolutionalSamples.network(
      [
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.relu), .averagePool(2),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
      ], channels: 1, height: 4, width: 5, seed: 1)
    let second = FrequencyEstimator().outcome(try LipschitzProblem(odd))
    #expect(second.upper == nil && second.note?.contains("not a compression") == true)
  }
}
