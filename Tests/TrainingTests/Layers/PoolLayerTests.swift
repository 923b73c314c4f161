import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite struct PoolLayerTests {
  static let windows = [
    PoolWindow(2), PoolWindow(3, stride: 2, padding: 1), PoolWindow(3, stride: 1), PoolWindow(2, stride: 3, padding: 1),
    PoolWindow(height: 1, width: 3, strideHeight: 2, strideWidth: 1, padHeight: 0, padWidth: 1),
  ]

  @Test(arguments: windows) func gradientsAndExport(window: PoolWindow) throws {
    let shape = FeatureShape(height: 5, width: 4, channels: 3)
    try check(MaximumPoolLayer("pool", window), on: shape)
    for countsPadding in [true, false] { try check(AveragePoolLayer("pool", window, countsPadding: countsPadding), on: shape) }
  }

  @Test func theGlobalAverageHasGradientsAndExport() throws {
    try check(AveragePoolLayer.global("pool"), on: FeatureShape(height: 3, width: 4, channels: 2))
    try check(AveragePoolLayer.global("pool"), on: .vector(3))
  }

  /// Every window again, pixel by pixel.
  @Test(arguments: windows) func poolsAreTheirDefinition(window: PoolWindow) throws {
    let shape = FeatureShape(height: 6, width: 7, channels: 2)
    var generator = SplitMix64(seed: 4)
    let input: [Float] = generator.gaussianVector(2 * shape.count)
    func run(_ layer: any Layer<Float>) throws -> (FeatureShape, [Float]) {
      var model = Model<Float>(input: shape)
      try model.add(layer)
      var state = try model.initialState(seed: 1)
      let execution = Execution(model, capacity: 2)
      execution.input.elements = input
      execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
      return (model.outputShape, execution.output.elements)
    }
    let (size, maxima) = try run(MaximumPoolLayer("pool", window))
    let (_, means) = try run(AveragePoolLayer("pool", window))
    let (_, inner) = try run(AveragePoolLayer("pool", window, countsPadding: false))
    for sample in 0..<2 {
      for i in 0..<size.height {
        for j in 0..<size.width {
          for c in 0..<2 {
            var values: [Float] = []
            for row in 0..<window.height {
              for column in 0..<window.width {
                let (y, x) = (i * window.strideHeight - window.padHeight + row, j * window.strideWidth - window.padWidth + column)
                guard 0..<shape.height ~= y, 0..<shape.width ~= x else { continue }
                values.append(input[((sample * shape.height + y) * shape.width + x) * 2 + c])
              }
            }
            let place = ((sample * size.height + i) * size.width + j) * 2 + c
            let sum = values.reduce(0, +)
            #expect(maxima[place] == values.max())
            #expect(abs(means[place] - sum / Float(window.height * window.width)) < 1e-6)
            #expect(abs(inner[place] - sum / Float(values.count)) < 1e-6)
          }
        }
      }
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var model = Model<Float>(input: FeatureShape(height: 30, width: 31, channels: 8))
    try model.add(MaximumPoolLayer("maximum", PoolWindow(3, stride: 1, padding: 1)))
    try model.add(AveragePoolLayer("average", PoolWindow(2)))
    try model.add(AveragePoolLayer.global("global"))
    try checkThreads(model)
  }

  @Test func wrongWindowsAreRefused() throws {
    var model = Model<Float>(input: FeatureShape(height: 4, width: 4, channels: 1))
    for window in [PoolWindow(5), PoolWindow(0), PoolWindow(2, stride: 0), PoolWindow(3, padding: 2), PoolWindow(3, padding: -1)] {
      #expect(throws: TrainingError.self) { try model.add(MaximumPoolLayer("maximum", window)) }
      #expect(throws: TrainingError.self) { try model.add(AveragePoolLayer("average", window)) }
    }
    #expect(throws: TrainingError.self) { try model.add(AveragePoolLayer.global("global"), to: [0, 0]) }
  }
}
