import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite("Selection of channels") struct ChannelSelectionLayerTests {
  @Test(
    "Selections have gradients and are exported, with channels taken twice, never, and zeros",
    arguments: [[3, 0, 1, 2], [2], [1, 1, 3, 1, 0, 2], [nil, 2, nil, 0], [0, 1, 2, 3]] as [[Int?]])
  func gradients(sources: [Int?]) throws {
    try check(ChannelSelectionLayer("selection", of: 4, sources: sources), on: FeatureShape(height: 3, width: 2, channels: 4))
    try check(ChannelSelectionLayer("selection", of: 4, sources: sources), on: .vector(4))
  }

  @Test("Only copies happen, so the network's values are the same to the last bit") func exactness() throws {
    var model = Model<Double>(input: FeatureShape(height: 2, width: 3, channels: 5))
    try model.add(ChannelSelectionLayer("selection", of: 5, sources: [4, nil, 0, 0]))
    try checkExport(model, batch: 3, tolerance: 0)
  }

  @Test("Results do not depend on the number of threads") func threads() throws {
    var model = Model<Float>(input: FeatureShape(height: 30, width: 31, channels: 9))
    try model.add(ChannelSelectionLayer("selection", of: 9, sources: [8, 1, nil, 1, 2, 3, nil]))
    try checkThreads(model)
  }

  @Test("Channels that do not exist are refused") func refusals() throws {
    var model = Model<Float>(input: .vector(5))
    #expect(throws: TrainingError.self) { try model.add(ChannelSelectionLayer("a", of: 5, sources: [5])) }
    #expect(throws: TrainingError.self) { try model.add(ChannelSelectionLayer("b", of: 5, sources: [-1])) }
    #expect(throws: TrainingError.self) { try model.add(ChannelSelectionLayer("c", of: 4, sources: [0])) }
    #expect(throws: TrainingError.self) { try model.add(ChannelSelectionLayer("d", of: 5, sources: [])) }
  }
}
