import Compression
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("Sizes of networks") struct NetworkSizeTests {
  @Test("The residual networks of the literature have the parameters of their models", arguments: [(8, 77_850), (20, 272_282)])
  func residual(depth: Int, parameters: Int) throws {
    let model: Model<Float> = try ModelArchitecture.residual(.init(depth: depth)).model(
      input: FeatureShape(height: 8, width: 8, channels: 3), classes: 10)
    var state = try model.initialState(seed: 1)
    let size = NetworkSize(try model.network(state))
    #expect(size.parameters == parameters && size.parameters == model.parameterCount)
    #expect(size.layers.first?.weightShape == [16, 3, 3, 3] && size.layers.first?.multiplications == 64 * 16 * 27)
    #expect(size.zeroWeights == 0 && size.nonZeroMultiplications == size.multiplications)
    #expect(size.bytes == 4 * (size.parameters + size.constants))

    let groups = try WeightGroups(.inputChannels, of: model, scope: .convolutions)
    var mask = PruningMask(count: state.parameters.count)
    for layer in groups.layers { for group in stride(from: 0, to: layer.count, by: 2) { mask.remove(group, of: layer) } }
    mask.apply(to: &state.parameters)
    let pruned = NetworkSize(try model.network(state))
    let sparsity = try Sparsity(state.parameters, of: model, scope: .all)
    #expect(pruned.weightShare == sparsity.weightShare && pruned.channelShare == sparsity.channelShare)
    #expect(pruned.filterShare == sparsity.filterShare && pruned.zeroWeights == model.parameterCount - mask.keptCount)
    #expect(pruned.multiplications == size.multiplications && pruned.nonZeroMultiplications < size.multiplications)
  }

  @Test("A channel of a grouped convolution belongs to the filters of its group")
  func grouped() throws {
    var network = Network()
    network.addInput(name: "x", shape: [1, 4, 3, 3])
    // Two groups of two channels and one filter each; the second filter takes nothing of its first channel.
    let weight = Matrix<Double>(rows: 2, columns: 2, elements: [1, 2, 0, 3])
    let node = try network.add(
      .convolution(.init(weight: weight, bias: [0, 1], kernel: [1, 1], groups: 2)), name: "conv", to: [0])
    try network.setOutputs([node])
    let layer = try #require(NetworkSize(network).layers.first)
    #expect(layer.inputChannels == 4 && layer.zeroInputChannels == 1 && layer.filters == 2 && layer.zeroFilters == 0)
    #expect(layer.multiplications == 36 && layer.nonZeroMultiplications == 27 && layer.parameters == 6)
    #expect(NetworkSize(network).nonZeroParameters == 4)
  }
}
