import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite struct SortLayerTests {
  @Test(arguments: [2, 3, 6]) func sortsHaveGradientsAndExport(size: Int) throws {
    try check(GroupSortLayer("sort", size: size), on: FeatureShape(height: 2, width: 3, channels: 6))
    try check(GroupSortLayer("sort", size: size), on: .vector(12))
  }

  @Test func maxMinHasGradientsAndExport() throws {
    try check(MaxMinLayer("maxmin"), on: FeatureShape(height: 3, width: 2, channels: 6))
    try check(MaxMinLayer("maxmin"), on: .vector(8))
  }

  private func output(_ layer: any Layer<Float>, _ shape: FeatureShape, _ input: [Float]) throws -> [Float] {
    var model = Model<Float>(input: shape)
    try model.add(layer)
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: input.count / shape.count)
    execution.input.elements = input
    execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 1))
    return execution.output.elements
  }

  @Test func theOrderIsTheConventions() throws {
    let shape = FeatureShape(height: 1, width: 2, channels: 4)
    let input: [Float] = [4, 1, 3, 2, -1, -2, 0, 5]
    #expect(try output(GroupSortLayer("sort"), shape, input) == [1, 4, 2, 3, -2, -1, 0, 5])
    #expect(try output(GroupSortLayer("sort", size: 4), shape, input) == [1, 2, 3, 4, -2, -1, 0, 5])
    #expect(try output(MaxMinLayer("maxmin"), shape, input) == [4, 2, 3, 1, 0, 5, -1, -2])
  }

  /// Only comparisons happen, so the network's values are the same to the last bit.
  @Test func exportsAreExact() throws {
    for layer in [GroupSortLayer<Double>("a"), GroupSortLayer("b", size: 4), MaxMinLayer("c")] as [any Layer<Double>] {
      var model = Model<Double>(input: FeatureShape(height: 3, width: 2, channels: 8))
      try model.add(layer)
      try checkExport(model, batch: 4, tolerance: 0)
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var model = Model<Float>(input: FeatureShape(height: 20, width: 21, channels: 12))
    try model.add(GroupSortLayer("pairs"))
    try model.add(MaxMinLayer("halves"))
    try model.add(GroupSortLayer("triples", size: 3))
    try checkThreads(model)
  }

  @Test func wrongShapesAreRefused() throws {
    var model = Model<Float>(input: .vector(5))
    #expect(throws: TrainingError.self) { try model.add(GroupSortLayer("sort")) }
    #expect(throws: TrainingError.self) { try model.add(GroupSortLayer("sort", size: 1)) }
    #expect(throws: TrainingError.self) { try model.add(GroupSortLayer("sort", size: 0)) }
    #expect(throws: TrainingError.self) { try model.add(MaxMinLayer("maxmin")) }
  }
}
