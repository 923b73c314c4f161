import LinearAlgebra
import Testing

@testable import Training

/// Three steps of every optimiser against PyTorch 2.15 on the CPU.
///
/// The numbers come from
///
///     p = torch.tensor([0.5, -1.0, 2.0], requires_grad=True); o = ...([p], lr=0.1, ...)
///     for g in [[0.1, -0.2, 0.3], [0.4, 0.0, -0.6], [-0.5, 0.25, 0.125]]:
///         p.grad = torch.tensor(g); o.step(); print(p.tolist())
///
/// with the constructors named below.
@Suite struct OptimiserTests {
  private struct Golden: Sendable, CustomStringConvertible {
    let description: String
    let settings: OptimiserSettings
    let decay: Double
    let steps: [[Float]]
  }

  private static func adaptive(_ variant: AdaptiveMoments.Variant) -> OptimiserSettings {
    .adaptiveMoments(variant, firstDecay: 0.8, secondDecay: 0.95, stabiliser: 1e-4)
  }

  private static let golden = [
    Golden(
      description: "SGD()", settings: .gradientDescent(), decay: 0,
      steps: [[0.49, -0.98, 1.97], [0.45, -0.98, 2.03], [0.5, -1.005, 2.0175]]),
    Golden(
      description: "SGD(momentum=0.9, dampening=0.3, weight_decay=0.05)", settings: .gradientDescent(momentum: 0.9, dampening: 0.3),
      decay: 0.05, steps: [[0.4875, -0.975, 1.96], [0.4465438, -0.9490875, 1.95914], [0.4431202, -0.9399444, 1.942759]]),
    Golden(
      description: "SGD(momentum=0.9, nesterov=True, weight_decay=0.05)", settings: .gradientDescent(momentum: 0.9, isNesterov: true),
      decay: 0.05, steps: [[0.47625, -0.9525, 1.924], [0.3856006, -0.9232013, 1.987322], [0.4334961, -0.9398482, 1.95634]]),
    Golden(
      description: "Adam(betas=(0.8, 0.95), eps=1e-4, weight_decay=0.05)", settings: adaptive(.adam), decay: 0.05,
      steps: [[0.40008, -0.90004, 1.900025], [0.307862, -0.8233771, 1.922516], [0.3152179, -0.826157, 1.914848]]),
    Golden(
      description: "AdamW(betas=(0.8, 0.95), eps=1e-4, weight_decay=0.05)", settings: adaptive(.adamW), decay: 0.05,
      steps: [[0.3975999, -0.89505, 1.890033], [0.3051941, -0.8269447, 1.922418], [0.316189, -0.8496888, 1.929833]]),
    Golden(
      description: "NAdam(betas=(0.8, 0.95), eps=1e-4, weight_decay=0.05)", settings: adaptive(.nadam), decay: 0.05,
      steps: [[0.3905597, -0.890516, 1.8905], [0.280618, -0.8608169, 1.972922], [0.3635159, -0.931717, 1.934741]]),
    Golden(
      description: "NAdam(betas=(0.8, 0.95), eps=1e-4, weight_decay=0.05, decoupled_weight_decay=True)", settings: adaptive(.nadamW),
      decay: 0.05, steps: [[0.3880816, -0.885527, 1.880509], [0.2753589, -0.8713046, 1.96718], [0.3608833, -0.9584643, 1.940339]]),
  ]
  private static let gradients: [[Float]] = [[0.1, -0.2, 0.3], [0.4, 0, -0.6], [-0.5, 0.25, 0.125]]

  @Test(arguments: golden) private func threeStepsAreThoseOfPyTorch(_ golden: Golden) {
    var optimiser = golden.settings.optimiser(count: 3)
    var parameters: [Float] = [0.5, -1, 2]
    for (gradient, expected) in zip(Self.gradients, golden.steps) {
      optimiser.step(&parameters, gradient: gradient, rate: 0.1, decay: [.init(range: 0..<3, coefficient: golden.decay)])
      for (value, expected) in zip(parameters, expected) { #expect(abs(value - expected) <= 1e-6) }
    }
  }

  @Test(arguments: golden) private func memoryIsAllThatIsRemembered(_ golden: Golden) {
    var (once, again) = (golden.settings.optimiser(count: 3), golden.settings.optimiser(count: 3))
    var parameters: [Float] = [0.5, -1, 2]
    once.step(&parameters, gradient: Self.gradients[0], rate: 0.1, decay: [])
    again.memory = once.memory
    var copy = parameters
    once.step(&parameters, gradient: Self.gradients[1], rate: 0.1, decay: [])
    again.step(&copy, gradient: Self.gradients[1], rate: 0.1, decay: [])
    #expect(parameters == copy && once.memory == again.memory)
  }

  /// Ranges outside every share move as without decay, those inside as with it.
  @Test(arguments: golden) private func decayKeepsToItsRanges(_ golden: Golden) {
    func run(_ shares: [WeightDecay.Share]) -> [Float] {
      var optimiser = golden.settings.optimiser(count: 3)
      var parameters: [Float] = [0.5, -1, 2]
      for gradient in Self.gradients { optimiser.step(&parameters, gradient: gradient, rate: 0.1, decay: shares) }
      return parameters
    }
    let (none, all) = (run([]), run([.init(range: 0..<3, coefficient: 0.5)]))
    #expect(run([.init(range: 1..<2, coefficient: 0.5)]) == [none[0], all[1], none[2]])
    #expect(run([.init(range: 2..<3, coefficient: 0.5), .init(range: 0..<1, coefficient: 0.5)]) == [all[0], none[1], all[2]])
    #expect(none != all)
  }

  @Test func weightsAloneCanBeDecayed() throws {
    var model = Model<Float>(input: .vector(3))
    try model.add(DenseLayer("a", inputs: 3, outputs: 2))
    try model.add(DenseLayer("b", inputs: 2, outputs: 2))
    #expect(WeightDecay(0.1, scope: .weights).shares(of: model).map(\.range) == [0..<6, 8..<12])
    #expect(WeightDecay(0.1).shares(of: model).map(\.range) == [0..<6, 6..<8, 8..<12, 12..<14])
    #expect(WeightDecay().shares(of: model).isEmpty)
  }

  @Test func clippingByNormKeepsTheDirection() {
    var generator = SplitMix64(seed: 3)
    let gradient: [Float] = generator.gaussianVector(100)
    var clipped = gradient
    GradientClipping.norm(2).apply(to: &clipped)
    let norm = clipped.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(norm - 2) < 1e-5)
    let factor = clipped[0] / gradient[0]
    for (a, b) in zip(clipped, gradient) { #expect(abs(a - factor * b) <= 1e-6) }
    var small = gradient
    GradientClipping.norm(1000).apply(to: &small)
    #expect(small == gradient)
  }

  @Test func clippingByValueMovesElementsIntoTheInterval() {
    var gradient: [Float] = [-3, -0.5, 0, 0.7, 9, .infinity]
    GradientClipping.value(0.6).apply(to: &gradient)
    #expect(gradient == [-0.6, -0.5, 0, 0.6, 0.6, 0.6])
  }

  @Test(arguments: [
    OptimiserSettings.gradientDescent(momentum: 1), .gradientDescent(momentum: 0, isNesterov: true),
    .gradientDescent(momentum: 0.9, dampening: 0.1, isNesterov: true), .gradientDescent(momentum: .nan),
    .adaptiveMoments(firstDecay: 1), .adaptiveMoments(secondDecay: -0.1), .adaptiveMoments(stabiliser: 0),
  ]) func constantsOutOfRangeAreRefused(_ settings: OptimiserSettings) {
    #expect(throws: TrainingError.self) { try settings.check() }
  }
}
