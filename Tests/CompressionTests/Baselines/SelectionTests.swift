import Compression
import LinearAlgebra
import Testing
import Training

@Suite("Selections by magnitude, norm and pattern") struct SelectionTests {
  /// A model with dense layers of these lengths, an input first.
  static func dense(_ widths: [Int]) throws -> Model<Float> {
    var model = Model<Float>(input: .vector(widths[0]))
    for index in widths.indices.dropFirst() {
      try model.add(DenseLayer("dense\(index)", inputs: widths[index - 1], outputs: widths[index]))
    }
    return model
  }

  /// A convolution on two channels to three, then a dense layer.
  static func convolutional() throws -> Model<Float> {
    var model = Model<Float>(input: FeatureShape(height: 4, width: 4, channels: 2))
    try model.add(ConvolutionLayer("conv", inputs: 2, outputs: 3, size: 3, hasBias: true))
    try model.add(FlattenLayer("flatten"))
    try model.add(DenseLayer("head", inputs: 48, outputs: 4))
    return model
  }

  static func state(of model: Model<Float>, seed: UInt64) -> ModelState<Float> {
    var generator = SplitMix64(seed: seed)
    // Few different magnitudes, so that there are ties.
    let parameters = (0..<model.parameterCount).map { _ in Float(Int(generator.next() % 13) - 6) / 4 }
    return ModelState(parameters: parameters, statistics: [Float](repeating: 1, count: model.statisticsCount))
  }

  /// Σ w² of what a mask prunes.
  static func distance(_ mask: PruningMask, _ parameters: [Float]) -> Double {
    mask.isKept.indices.reduce(0) { $0 + (mask.isKept[$1] ? 0 : Double(parameters[$1]) * Double(parameters[$1])) }
  }

  static func applying(_ mask: PruningMask, to state: ModelState<Float>) -> ModelState<Float> {
    var state = state
    mask.apply(to: &state.parameters)
    return state
  }

  /// All ways to keep some of the numbers 0 ..< count, as bits.
  static func subsets(of count: Int, keeping kept: Int) -> [Int] { (0..<(1 << count)).filter { $0.nonzeroBitCount == kept } }

  @Test("No other choice of eight weights is nearer, and a second projection changes nothing", arguments: 0..<8)
  func magnitudeIsOptimal(kept: Int) throws {
    let model = try Self.dense([4, 2])
    for seed in 0..<20 as Range<UInt64> {
      let state = Self.state(of: model, seed: seed)
      let selection = MagnitudeSelection(sparsity: Double(8 - kept) / 8, scope: .all)
      guard kept > 0 else {
        #expect(throws: CompressionError.setting(key: "sparsity", detail: "1.0 is not a share from 0 to below 1")) {
          try selection.mask(state, of: model, after: nil)
        }
        continue
      }
      let mask = try selection.mask(state, of: model, after: nil)
      #expect(mask.isKept[..<8].count { $0 } == kept && mask.isKept[8...].allSatisfy { $0 })
      let weights = state.parameters[..<8].map(Double.init)
      let best = Self.subsets(of: 8, keeping: kept).map { subset in
        (0..<8).reduce(0) { $0 + (subset >> $1 & 1 == 1 ? 0 : weights[$1] * weights[$1]) }
      }.min()
      #expect(Self.distance(mask, state.parameters) == best)
      #expect(try selection.mask(Self.applying(mask, to: state), of: model, after: nil) == mask)
      // Of equal weights those that stand first are kept.
      for (i, j) in (0..<8).flatMap({ i in (i + 1..<8).map { (i, $0) } }) where abs(weights[i]) == abs(weights[j]) {
        #expect(mask.isKept[i] || !mask.isKept[j])
      }
    }
  }

  @Test("Exactly the share goes, of all layers or of each", arguments: [0, 0.1, 0.33, 0.5, 0.62, 0.7])
  func magnitudeIsExact(sparsity: Double) throws {
    let model = try Self.dense([7, 9, 5, 8])
    let weights = try PruningScope.all.weights(of: model)
    let total = weights.reduce(0) { $0 + $1.range.count }
    for seed in 0..<5 as Range<UInt64> {
      var state = Self.state(of: model, seed: seed)
      let global = try MagnitudeSelection(sparsity: sparsity, scope: .all).mask(state, of: model, after: nil)
      #expect(model.parameterCount - global.keptCount == Int((sparsity * Double(total)).rounded()))
      // Everything that is kept is at least as large as everything that goes.
      let (kept, pruned) = weights.flatMap(\.range).reduce(into: (Float.infinity, Float(0))) {
        let size = abs(state.parameters[$1])
        if global.isKept[$1] { $0.0 = min($0.0, size) } else { $0.1 = max($0.1, size) }
      }
      #expect(kept >= pruned)
      let local = try MagnitudeSelection(sparsity: sparsity, scope: .all, isGlobal: false).mask(state, of: model, after: nil)
      for layer in weights {
        #expect(layer.range.count { !local.isKept[$0] } == Int((sparsity * Double(layer.range.count)).rounded()))
      }
      // What was pruned counts, even if it is not the smallest any more: nothing comes back and the share is exact.
      var generator = SplitMix64(seed: seed)
      for i in state.parameters.indices { state.parameters[i] = Float(generator.nextGaussian()) }
      let next = try MagnitudeSelection(sparsity: 0.75, scope: .all).mask(state, of: model, after: global)
      #expect(zip(next.isKept, global.isKept).allSatisfy { !$0 || $1 })
      #expect(model.parameterCount - next.keptCount == Int((0.75 * Double(total)).rounded()))
    }
  }

  @Test("No other choice of groups is nearer; biases stay", arguments: [WeightGroups.Kind.filters, .inputChannels])
  func groupsAreOptimal(kind: WeightGroups.Kind) throws {
    let model = try Self.convolutional()
    let layers = try WeightGroups(kind, of: model, scope: .convolutions).layers
    let layer = try #require(layers.first)
    for seed in 0..<10 as Range<UInt64> {
      let state = Self.state(of: model, seed: seed)
      for pruned in 0..<layer.count {
        let selection = FilterNormSelection(share: Double(pruned) / Double(layer.count), kind: kind, scope: .convolutions)
        let mask = try selection.mask(state, of: model, after: nil)
        let gone = (0..<layer.count).filter { layer.members($0).allSatisfy { !mask.isKept[$0] } }
        #expect(gone.count == pruned && mask.keptCount == model.parameterCount - pruned * layer.groupSize)
        let squares = layer.norms(state.parameters).map { $0 * $0 }
        let best = Self.subsets(of: layer.count, keeping: pruned).map { subset in
          (0..<layer.count).reduce(0) { $0 + (subset >> $1 & 1 == 1 ? squares[$1] : 0) }
        }.min()
        #expect(abs(Self.distance(mask, state.parameters) - (best ?? -1)) < 1e-9)
        #expect(try selection.mask(Self.applying(mask, to: state), of: model, after: nil) == mask)
      }
    }
  }

  @Test("Across layers groups are compared by norm for their size", arguments: WeightGroups.Norm.allCases)
  func groupsAcrossLayers(norm: WeightGroups.Norm) throws {
    let model = try Self.dense([4, 3, 8, 2])
    let layers = try WeightGroups(.filters, of: model, scope: .all).layers
    var checked = 0
    for seed in 0..<20 as Range<UInt64> {
      let state = Self.state(of: model, seed: seed)
      let selection = FilterNormSelection(share: 0.25, kind: .filters, norm: norm, scope: .all, isGlobal: true)
      // 13 rows in all; by chance those of one layer may be the smallest.
      guard let mask = try? selection.mask(state, of: model, after: nil) else { continue }
      checked += 1
      let rows = layers.flatMap { layer in
        (0..<layer.count).map { row in
          let weights = layer.members(row).map { Double(abs(state.parameters[$0])) }
          let mean = weights.reduce(0) { $0 + (norm == .l1 ? $1 : $1 * $1) } / Double(weights.count)
          return (size: norm == .l1 ? mean : mean.squareRoot(), isKept: mask.isKept[layer.members(row)[0]])
        }
      }
      #expect(rows.count { !$0.isKept } == 3)
      let largest = rows.filter { !$0.isKept }.map(\.size).max() ?? .infinity
      #expect(rows.filter(\.isKept).allSatisfy { $0.size >= largest - 1e-12 })
    }
    #expect(checked >= 15)
  }

  @Test("Every block of a pattern keeps its largest weights", arguments: [(2, 4), (1, 4), (1, 2), (3, 5), (4, 4)])
  func patterns(kept: Int, block: Int) throws {
    let model = try Self.convolutional()
    let selection = PatternSelection(keeping: kept, of: block, scope: .all)
    for seed in 0..<5 as Range<UInt64> {
      let state = Self.state(of: model, seed: seed)
      let mask = try selection.mask(state, of: model, after: nil)
      for weight in try PruningScope.all.weights(of: model) {
        // 18 weights of a filter, and rows of 48: the last block may be shorter.
        let row = weight.range.count / weight.declaration.shape[0]
        for first in weight.range where (first - weight.range.lowerBound) % row % block == 0 {
          let size = min(block, row - (first - weight.range.lowerBound) % row)
          let magnitudes = (0..<size).map { Double(abs(state.parameters[first + $0])) }
          let choice = (0..<size).filter { mask.isKept[first + $0] }
          let best = Self.subsets(of: size, keeping: min(kept, size)).map { subset in
            (0..<size).reduce(0) { $0 + (subset >> $1 & 1 == 1 ? magnitudes[$1] * magnitudes[$1] : 0) }
          }.max()
          #expect(choice.count == min(kept, size))
          #expect(choice.reduce(0) { $0 + magnitudes[$1] * magnitudes[$1] } == best)
        }
      }
      #expect(try selection.mask(Self.applying(mask, to: state), of: model, after: nil) == mask)
      let earlier = try MagnitudeSelection(sparsity: 0.3, scope: .all).mask(state, of: model, after: nil)
      let next = try selection.mask(Self.applying(earlier, to: state), of: model, after: earlier)
      #expect(zip(next.isKept, earlier.isKept).allSatisfy { !$0 || $1 })
    }
  }

  @Test("A layer of which nothing would be left is named")
  func emptyLayers() throws {
    let model = try Self.dense([4, 3, 2])
    var state = Self.state(of: model, seed: 1)
    let first = try #require(PruningScope.all.weights(of: model).first)
    for i in state.parameters.indices { state.parameters[i] = first.range.contains(i) ? 0.01 : 1 }
    #expect(throws: CompressionError.emptyLayer("dense1.weight")) {
      try MagnitudeSelection(sparsity: 0.7, scope: .all).mask(state, of: model, after: nil)
    }
    #expect(throws: CompressionError.emptyLayer("dense1.weight")) {
      try FilterNormSelection(share: 0.6, scope: .all, isGlobal: true).mask(state, of: model, after: nil)
    }
    // In each layer a share below one leaves something, however it is rounded.
    let mask = try FilterNormSelection(share: 0.9, scope: .all).mask(state, of: model, after: nil)
    let counted = try Sparsity(Self.applying(mask, to: state).parameters, of: model, scope: .all)
    #expect(counted.layers.map(\.zeroFilters) == [2, 1])
  }

  @Test("Settings out of their range are refused")
  func settings() throws {
    let model = try Self.dense([4, 3, 2])
    let state = Self.state(of: model, seed: 1)
    let selections: [any MaskSelection] = [
      MagnitudeSelection(sparsity: 1), MagnitudeSelection(sparsity: -0.1), MagnitudeSelection(sparsity: .nan),
      FilterNormSelection(share: 1), FilterNormSelection(share: 0.5, kind: .entries), PatternSelection(keeping: 0, of: 4),
      PatternSelection(keeping: 5, of: 4), PatternSelection(keeping: 0, of: 0), SlimmingSelection(share: 1), SlimmingSelection(share: 0.5),
      MagnitudeSelection(sparsity: 0.5, scope: .convolutions),
    ]
    for selection in selections {
      #expect {
        try selection.mask(state, of: model, after: nil)
      } throws: {
        if case CompressionError.setting = $0 { true } else { false }
      }
    }
  }
}
