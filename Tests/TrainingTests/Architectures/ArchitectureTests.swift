import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite("Architectures") struct ArchitectureTests {
  private let cifar = FeatureShape(height: 32, width: 32, channels: 3)

  /// The counts of 2003.00631's networks as the reference implementation has them.
  @Test(arguments: [(8, 77_850), (20, 272_282), (38, 563_930), (56, 855_578), (110, 1_730_522)])
  func parametersOfResidualNetworks(depth: Int, count: Int) throws {
    let one: Model<Float> = try ModelArchitecture.residual(ResidualArchitecture(depth: depth)).model(input: cifar, classes: 10)
    #expect(one.parameterCount == count)
    guard depth <= 20 else { return }
    let ensemble = try ResidualArchitecture(depth: depth, ensemble: FeynmanKacEnsemble(members: 2, noise: 0.1))
    let two: Model<Float> = try ModelArchitecture.residual(ensemble).model(input: cifar, classes: 10)
    #expect(two.parameterCount == 2 * count)
  }

  @Test func leNet5HasItsWeights() throws {
    let model: Model<Float> = try ModelArchitecture.leNet5.model(input: FeatureShape(height: 28, width: 28, channels: 1), classes: 10)
    let weights = model.parameters.filter { [.denseWeight, .convolutionWeight].contains($0.declaration.role) }
    #expect(weights.reduce(0) { $0 + $1.range.count } == 430_500)
  }

  @Test func depthsThatDoNotExistAreRefused() {
    #expect(throws: TrainingError.self) { try ResidualArchitecture(depth: 21) }
  }

  @Test(arguments: Self.small) func gradientsAgreeWithDifferences(architecture: ModelArchitecture) throws {
    let model: Model<Double> = try architecture.model(input: FeatureShape(height: 6, width: 6, channels: 1), classes: 3)
    try checkGradients(model, batch: 2)
  }

  @Test(arguments: Self.small) func savedNetworksComputeTheSame(architecture: ModelArchitecture) throws {
    let shape = FeatureShape(height: 6, width: 6, channels: 2)
    let model: Model<Double> = try architecture.model(input: shape, classes: 3)
    var generator = SplitMix64(seed: 4)
    var state = try model.initialState(seed: 2)
    for index in state.statistics.indices { state.statistics[index] += 0.5 * generator.nextUniform() }
    let execution = Execution(model, capacity: 3)
    execution.input.elements = generator.gaussianVector(3 * shape.count)
    execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0))
    let network = try model.network(state)
    for sample in 0..<3 {
      let pixels = execution.input.sample(sample)
      // Networks have the channels first.
      let input = (0..<2).flatMap { channel in (0..<shape.pixels).map { pixels[$0 * 2 + channel] } }
      let output = try network.forward([input])[0]
      for (a, b) in zip(output, execution.output.sample(sample)) { #expect(abs(a - b) <= 1e-10 * max(1, abs(b))) }
    }
  }

  static let small: [ModelArchitecture] = [
    .perceptron(PerceptronArchitecture(widths: [5, 4])),
    .perceptron(PerceptronArchitecture(widths: [6], nonlinearity: .groupSort(size: 2))),
    .convolutional(
      ConvolutionalArchitecture(
        convolutions: [.init(channels: 3), .init(channels: 4, kernel: 4, stride: 2)], widths: [5], nonlinearity: .scalar(.softplus),
        isNormalized: true)),
    .residual(ResidualArchitecture(blocks: 1, channels: [2, 3], ensemble: FeynmanKacEnsemble(members: 2, noise: 0.1))),
    .residualPerceptron(ResidualPerceptronArchitecture(width: 4, blocks: 2, ensemble: FeynmanKacEnsemble(noise: 0.2))),
  ]
}
