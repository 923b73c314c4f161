import LinearAlgebra
import Testing

@testable import Networks

@Suite struct FoldingTests {
  private func normalizations(_ network: Network) -> Int {
    network.nodes.count { node in
      if case .batchNormalization = node.operation { return true }
      return false
    }
  }

  private func randomNormalization(_ channels: Int, _ random: inout SplitMix64) -> Operation {
    .batchNormalization(
      Operation.BatchNormalization(
        scale: random.gaussianVector(channels), shift: random.gaussianVector(channels), mean: random.gaussianVector(channels),
        variance: (0..<channels).map { _ in random.nextUniform() }, epsilon: 1e-5))
  }

  private func expectSame(_ network: Network, _ folded: Network, seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var random = SplitMix64(seed: seed)
    let batch: Matrix<Double> = random.gaussianMatrix(rows: 4, columns: network.inputCount)
    let (before, after) = (try network.forward(batch).elements, try folded.forward(batch).elements)
    let scale = before.reduce(1) { max($0, abs($1)) }
    #expect(zip(before, after).allSatisfy { abs($0 - $1) <= 1e-12 * scale }, sourceLocation: sourceLocation)
    #expect(folded.outputNames == network.outputNames, sourceLocation: sourceLocation)
  }

  @Test(arguments: 1...4) func residualNetworksLoseTheirNormalizations(seed: UInt64) throws {
    let network = try NetworkBuilders.residual(blocks: 1, width: 3, size: 8, seed: seed)
    let folded = try network.foldingBatchNormalization()
    #expect(normalizations(network) == 9)
    #expect(normalizations(folded) == 0)
    #expect(folded.nodes.count == network.nodes.count - 9)
    try expectSame(network, folded, seed: seed)
  }

  /// Chains of random layers, each normalised none to two times.
  @Test(arguments: 1...20) func randomChains(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 4, 6, 6])
    for layer in 0..<4 {
      let groups = random.next() % 2 == 0 ? 1 : 2
      let convolution = Operation.Convolution(
        weight: random.gaussianMatrix(rows: 4, columns: 4 / groups * 9), bias: layer % 2 == 0 ? random.gaussianVector(4) : nil,
        kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1], groups: groups)
      node = try network.add(.convolution(convolution), name: "conv\(layer)", to: [node])
      for part in 0..<Int(random.next() % 3) {
        node = try network.add(randomNormalization(4, &random), name: "norm\(layer).\(part)", to: [node])
      }
      node = try network.add(.activation(.relu), name: "relu\(layer)", to: [node])
    }
    node = try network.add(.reshape([1, 144]), name: "flat", to: [node])
    node = try network.add(.dense(weight: random.gaussianMatrix(rows: 5, columns: 144), bias: nil), name: "dense", to: [node])
    node = try network.add(randomNormalization(5, &random), name: "last", to: [node])
    try network.setOutputs([node], names: ["logits"])
    let folded = try network.foldingBatchNormalization()
    #expect(normalizations(folded) == 0)
    try expectSame(network, folded, seed: seed)
  }

  /// A normalisation stays where its input is read elsewhere, is an output itself, comes from something else, or has another channel axis.
  @Test func whatCannotBeFoldedStays() throws {
    var random = SplitMix64(seed: 3)
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 3])
    let dense = Operation.dense(weight: random.gaussianMatrix(rows: 3, columns: 3), bias: random.gaussianVector(3))
    let first = try network.add(randomNormalization(3, &random), name: "first", to: [input])
    let shared = try network.add(dense, name: "shared", to: [first])
    let second = try network.add(randomNormalization(3, &random), name: "second", to: [shared])
    let sum = try network.add(.sum(signs: [1, 1]), name: "sum", to: [shared, second])
    let third = try network.add(randomNormalization(3, &random), name: "third", to: [sum])
    let output = try network.add(dense, name: "output", to: [third])
    let fourth = try network.add(randomNormalization(3, &random), name: "fourth", to: [output])
    let spread = try network.add(.reshape([1, 3, 1]), name: "spread", to: [fourth])
    let wide = try network.add(.dense(weight: random.gaussianMatrix(rows: 2, columns: 1), bias: nil), name: "wide", to: [spread])
    let fifth = try network.add(randomNormalization(3, &random), name: "fifth", to: [wide])
    try network.setOutputs([output, fifth], names: ["a", "b"])
    let folded = try network.foldingBatchNormalization()
    #expect(normalizations(folded) == 5)
    try expectSame(network, folded, seed: 1)
  }
}
