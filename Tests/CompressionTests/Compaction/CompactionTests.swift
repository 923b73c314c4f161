import Compression
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("Compaction of models") struct CompactionTests {
  static let architectures: [(name: String, architecture: ModelArchitecture, input: FeatureShape)] = {
    let image = FeatureShape(height: 6, width: 5, channels: 2)
    let ensemble = FeynmanKacEnsemble(members: 2, noise: 0.1)
    return [
      ("perceptron", .perceptron(.init(widths: [9, 8, 7])), image),
      ("tanh", .perceptron(.init(widths: [8, 8], nonlinearity: .scalar(.tanh))), .vector(7)),
      ("pairs", .perceptron(.init(widths: [12, 8], nonlinearity: .groupSort(size: 2))), .vector(6)),
      ("groups of four", .perceptron(.init(widths: [12, 8], nonlinearity: .groupSort(size: 4))), .vector(6)),
      ("LeNet-5", .leNet5, FeatureShape(height: 16, width: 16, channels: 1)),
      (
        "convolutional",
        .convolutional(
          .init(convolutions: [.init(channels: 5), .init(channels: 6, stride: 2)], widths: [10], nonlinearity: .scalar(.softplus))),
        image
      ),
      (
        "sorted convolutions",
        .convolutional(
          .init(
            convolutions: [.init(channels: 4), .init(channels: 6, kernel: 2, padding: 0)], widths: [8], nonlinearity: .groupSort(size: 2),
            isNormalized: true)), image
      ),
      ("residual 8", .residual(.init(blocks: 1, channels: [4, 5, 6])), image),
      ("residual 14", .residual(.init(blocks: 2, channels: [3, 4, 5])), image),
      ("residual ensemble", .residual(.init(blocks: 1, channels: [3, 4], ensemble: ensemble)), image),
      ("residual perceptron", .residualPerceptron(.init(width: 7, blocks: 3)), .vector(5)),
      ("residual perceptron ensemble", .residualPerceptron(.init(width: 6, blocks: 2, ensemble: ensemble)), image),
    ]
  }()

  @Test("The same function without pruned input channels, filters and entries", arguments: architectures.indices)
  func randomMasks(index: Int) throws {
    let (name, architecture, input) = Self.architectures[index]
    for (round, kind) in (WeightGroups.Kind.allCases + [nil]).enumerated() {
      let seed = UInt64(100 * index + round)
      var masked = try MaskedModel(architecture, input: input, seed: seed)
      if let kind {
        try masked.prune(kind, share: kind == .entries ? 0.8 : 0.4, seed: seed)
      } else {
        try masked.prune(.inputChannels, share: 0.25, seed: seed)
        try masked.prune(.filters, share: 0.25, seed: seed + 1)
        try masked.prune(.entries, share: 0.3, seed: seed + 2)
      }
      let oracle = CompactionOracle(network: try masked.network())
      let comment: Comment = "\(name), \(kind?.rawValue ?? "mixed")"
      do {
        let compaction = try oracle.check(seed: seed, comment)
        try oracle.checkUses(of: compaction.network, seed: seed, comment)
        // What no filter takes is gone; one channel stays where a layer would have none.
        #expect(compaction.after.layers.allSatisfy { $0.zeroInputChannels == 0 || $0.inputChannels == 1 }, comment)
        if kind == .inputChannels || kind == nil { #expect(compaction.after.parameters < compaction.before.parameters, comment) }
      } catch let error as CompressionError {
        guard case .emptyLayer = error else { throw error }
        #expect(try oracle.isConstant(seed: seed), comment)
      }
    }
  }

  @Test("A network without zeros stays as it is", arguments: architectures.indices) func dense(index: Int) throws {
    let (name, architecture, input) = Self.architectures[index]
    let masked = try MaskedModel(architecture, input: input, seed: 5)
    let compaction = try CompactionOracle(network: masked.network()).check(seed: 5, "\(name)")
    #expect(compaction.after == compaction.before && compaction.changed.isEmpty, "\(name)")
    #expect(compaction.network.nodes.map(\.name) == (try masked.network().nodes.map(\.name)), "\(name)")
  }

  @Test("Every removed input channel of a hidden convolution removes parameters") func strictness() throws {
    let dense = try MaskedModel(
      .residual(.init(blocks: 1, channels: [3, 4])), input: FeatureShape(height: 4, width: 4, channels: 2), seed: 9)
    for layer in try WeightGroups(.inputChannels, of: dense.model, scope: .convolutions).layers {
      for group in 0..<layer.count {
        var masked = dense
        try masked.prune(.inputChannels, of: layer.name) { $0 == group }
        let compaction = try CompactionOracle(network: masked.network()).check(seed: 9, "\(layer.name) \(group)")
        let changed = try #require(compaction.layers.first { "\($0.name).weight" == layer.name })
        #expect(changed.removedInputChannels == 1 && changed.removedParameters == layer.groupSize, "\(layer.name) \(group)")
        #expect(compaction.after.parameters <= compaction.before.parameters - layer.groupSize)
      }
    }
  }

  private func residual(_ seed: UInt64) throws -> MaskedModel {
    try MaskedModel(.residual(.init(blocks: 2, channels: [4, 6])), input: FeatureShape(height: 5, width: 5, channels: 2), seed: seed)
  }

  @Test("A residual branch that yields zeros is gone, and the shortcut stays") func wholeBranch() throws {
    var masked = try residual(1)
    try masked.prune(.filters, of: "stage1.block2.conv2.weight") { _ in true }
    let compaction = try CompactionOracle(network: masked.network()).check(seed: 1)
    for layer in compaction.layers { #expect((layer.after == nil) == layer.name.hasPrefix("stage1.block2.conv"), "\(layer.name)") }
    #expect(!compaction.network.nodes.contains { $0.name.hasPrefix("stage1.block2.norm") })

    var first = try residual(1)
    let shift = try #require(first.model.parameters.first { $0.name == "stage1.block2.norm2.shift" })
    for place in shift.range { first.state.parameters[place] = 3 }
    try first.prune(.filters, of: "stage1.block2.conv1.weight") { _ in true }
    let constant = try CompactionOracle(network: first.network()).check(seed: 1)
    // What is left of the branch depends on the distance to the border only: one filter of zeros, normalised.
    let left = constant.layers.filter { $0.name.hasPrefix("stage1.block2.conv") }.map { $0.after?.weightShape }
    #expect(left == [[1, 1, 3, 3], [4, 1, 3, 3]])
  }

  @Test("Filters that end in a residual stream are spread out with zeros") func streamFilters() throws {
    var masked = try residual(2)
    try masked.prune(.filters, of: "stage2.block2.conv2.weight") { $0 % 3 != 0 }
    let compaction = try CompactionOracle(network: masked.network()).check(seed: 2)
    let layer = try #require(compaction.layers.first { $0.name == "stage2.block2.conv2" })
    #expect(layer.removedFilters == 4 && compaction.changed == [layer])
  }

  @Test("Constants behind zero padding become one channel, without padding a bias") func constants() throws {
    var masked = try residual(3)
    try masked.prune(.filters, of: "stage2.block2.conv1.weight") { $0 > 0 }
    let normalization = try #require(masked.model.parameters.first { $0.name == "stage2.block2.norm2.shift" })
    for place in normalization.range { masked.state.parameters[place] = 3 }
    let compaction = try CompactionOracle(network: masked.network()).check(seed: 3)
    #expect(compaction.layers.first { $0.name == "stage2.block2.conv1" }?.after?.weightShape == [2, 6, 3, 3])
    #expect(compaction.layers.first { $0.name == "stage2.block2.conv2" }?.after?.weightShape == [6, 2, 3, 3])

    var perceptron = try MaskedModel(.perceptron(.init(widths: [6, 5], nonlinearity: .scalar(.softplus))), input: .vector(4), seed: 3)
    try perceptron.prune(.filters, of: "dense1.weight") { $0 > 1 }
    let folded = try CompactionOracle(network: perceptron.network()).check(seed: 3)
    #expect(folded.after.layers.map(\.weightShape) == [[2, 4], [5, 2], [4, 5]])
  }

  @Test("All but one channel") func oneChannel() throws {
    var masked = try residual(4)
    for layer in try WeightGroups(.inputChannels, of: masked.model, scope: .hidden).layers where layer.name != "stem.weight" {
      try masked.prune(.inputChannels, of: layer.name) { $0 != 1 }
    }
    let oracle = CompactionOracle(network: try masked.network())
    let compaction = try oracle.check(seed: 4)
    try oracle.checkUses(of: compaction.network, seed: 4)
    #expect(compaction.after.layers.dropFirst().dropLast().allSatisfy { $0.inputChannels == 1 })
  }

  @Test(
    "A layer that lets nothing through is named",
    arguments: ["stem.weight", "stage1.block2.conv2.weight", "head.weight"], [WeightGroups.Kind.filters, .inputChannels])
  func emptyLayers(weight: String, kind: WeightGroups.Kind) throws {
    var masked = try residual(6)
    try masked.prune(kind, of: weight) { _ in true }
    let network = try masked.network()
    if weight.hasPrefix("stage") {
      #expect(try network.compacted().after.parameters < NetworkSize(network).parameters)
    } else {
      #expect(throws: CompressionError.emptyLayer(String(weight.dropLast(7)))) { try network.compacted() }
      #expect(try CompactionOracle(network: network).isConstant(seed: 6))
    }
    var perceptron = try MaskedModel(.perceptron(.init(widths: [6, 5])), input: .vector(4), seed: 3)
    try perceptron.prune(kind, of: "dense2.weight") { _ in true }
    #expect(throws: CompressionError.emptyLayer("dense2")) { try perceptron.network().compacted() }
  }

  @Test("A member of an ensemble that is constant becomes a constant") func constantMember() throws {
    var masked = try MaskedModel(
      .residual(.init(blocks: 1, channels: [3, 4], ensemble: .init(members: 2))), input: FeatureShape(height: 4, width: 4, channels: 1),
      seed: 8)
    try masked.prune(.filters, of: "member1.head.weight") { _ in true }
    let oracle = CompactionOracle(network: try masked.network())
    let compaction = try oracle.check(seed: 8)
    try oracle.checkUses(of: compaction.network, seed: 8)
    #expect(compaction.layers.allSatisfy { ($0.after == nil) == $0.name.hasPrefix("member1.") })
  }
}
