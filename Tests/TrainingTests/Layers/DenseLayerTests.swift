import Testing

@testable import Training

@Suite struct DenseLayerTests {
  @Test(arguments: [true, false]) func gradientsAgreeWithDifferences(hasBias: Bool) throws {
    var model = Model<Double>(input: .vector(5))
    try model.add(DenseLayer("first", inputs: 5, outputs: 4, hasBias: hasBias))
    try model.add(DenseLayer("second", inputs: 4, outputs: 3))
    try checkGradients(model)
  }

  @Test func aWrongInputIsRefused() throws {
    var model = Model<Double>(input: .vector(5))
    #expect(throws: TrainingError.self) { try model.add(DenseLayer("first", inputs: 4, outputs: 4)) }
  }
}
