import Compression
import LinearAlgebra
import Testing
import Training

@Suite("Groups of weights") struct WeightGroupsTests {
  private func model() throws -> Model<Float> {
    try ModelArchitecture.residual(.init(depth: 8, channels: [2, 3, 4])).model(
      input: FeatureShape(height: 6, width: 6, channels: 1), classes: 3)
  }

  @Test("The groups of a layer part its weights, and norms are those of the members", arguments: WeightGroups.Kind.allCases)
  func partition(kind: WeightGroups.Kind) throws {
    let model = try model()
    let parameters = try model.initialState(seed: 3).parameters
    for layer in try WeightGroups(kind, of: model, scope: .all).layers {
      let members = (0..<layer.count).map(layer.members)
      #expect(members.joined().sorted() == Array(layer.range))
      let norms = members.map { $0.reduce(0) { $0 + Double(parameters[$1]) * Double(parameters[$1]) }.squareRoot() }
      #expect(zip(norms, layer.norms(parameters)).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test("Pruned input channels count as channels, as filters only where all of a filter is gone")
  func counting() throws {
    let model = try model()
    var parameters = try model.initialState(seed: 3).parameters
    let layer = try #require(WeightGroups(.inputChannels, of: model, scope: .convolutions).layers.last)
    var mask = PruningMask(count: parameters.count)
    mask.remove(1, of: layer)
    mask.apply(to: &parameters)
    let counted = try #require(Sparsity(parameters, of: model, scope: .convolutions).layers.last)
    #expect(counted.name == layer.name && counted.zeroInputChannels == 1 && counted.zeroFilters == 0)
    #expect(counted.zeroWeights == counted.weights / 4)
    #expect(PruningMask(nonZero: parameters, in: try WeightGroups(.entries, of: model, scope: .all)) == mask)
  }
}
