import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// Bounds put together from blocks and tiles.
@Suite("Composition")
struct CompositionTests {
  /// The test networks with a place to cut, and a small convolutional one.
  private static func samples() throws -> [TestCase] {
    try TestNetworks.all() + TestNetworks.uncertain() + [
      TestCase(name: "convolutions", network: NetworkBuilders.convolutionChain(image: [2, 5, 5], channels: [2, 3, 2], seed: 4)),
      TestCase(name: "residual convolutions", network: NetworkBuilders.residual(blocks: 1, width: 1, size: 4, seed: 5)),
    ]
  }

  // MARK: - Tiles

  /// A tile's network computes from its window what the network computes in those coordinates.
  @Test func tilesComputeWhatTheNetworkDoes() throws {
    var random = SplitMix64(seed: 1)
    var cutsInside = 0
    for sample in try Self.samples() {
      let network = try sample.lowered.withoutBiases
      let ends = network.cuts + [network.nodes.count - 1]
      var start = 0
      for end in ends {
        let input: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: network.inputCount)
        let (u, v) = (network.prefix(to: start).forward(input), network.prefix(to: end).forward(input))
        for outputs in Self.groups(network.nodes[end].count, &random) {
          let tile = try TileNetwork(of: network, from: start, to: end, outputs: outputs)
          try tile.network.requireNormalForm()
          #expect(tile.window == tile.window.sorted() && Set(tile.window).count == tile.window.count)
          var part = Matrix<Double>(rows: 3, columns: tile.window.count)
          for k in 0..<3 { for (i, p) in tile.window.enumerated() { part[k, i] = u[k, p] } }
          let result = tile.network.forward(part)
          for k in 0..<3 {
            for (i, o) in outputs.enumerated() { #expect((result[k, i] - v[k, o]).magnitude <= 1e-12 * (1 + v[k, o].magnitude)) }
          }
        }
        if start > 0 { cutsInside += 1 }
        start = end
      }
    }
    #expect(cutsInside > 20)
  }

  @Test func noCutThroughAResidualBlock() throws {
    let network = try TestNetworks.structures()[0].lowered
    let last = network.nodes.count - 1
    let inside = try #require((1..<last).first { !network.cuts.contains($0) })
    #expect(throws: NotProved.self) {
      try TileNetwork(of: network, from: inside, to: last, outputs: Array(0..<network.outputCount))
    }
  }

  // MARK: - Bounds

  /// No choice of slopes within the sectors gains more than a proved composition, in either norm.
  @Test func boundsHold() throws {
    var random = SplitMix64(seed: 2)
    for sample in try Self.samples() {
      let network = try sample.lowered
      let composition = try Self.composition(network, &random)
      let l2 = try composition.prove(network, inputNorm: .l2)
      let lInfinity = try composition.prove(network, inputNorm: .lInfinity)
      #expect(l2 > 0 && l2 <= lInfinity * (1 + 1e-12), "\(sample.name)")
      for _ in 0..<20 {
        let slopes = network.globalSectors.map { sector in
          zip(sector.lower, sector.upper).map { $0 + ($1 - $0) * (random.nextUniform() < 0.5 ? random.nextUniform() : 1) }
        }
        let x: Matrix<Double> = random.gaussianMatrix(rows: 1, columns: network.inputCount)
        let y = network.increments(x, slopes: slopes)
        #expect(y.frobeniusNorm <= l2 * x.frobeniusNorm * (1 + 1e-12))
        #expect(y.frobeniusNorm <= lInfinity * (x.elements.map(\.magnitude).max() ?? 0) * (1 + 1e-12))
      }
    }
  }

  /// Disjoint windows: a block diagonal map has the largest of its parts' norms, not their sum.
  @Test func disjointWindowsTakeTheLargest() throws {
    let map = DenseMap<Double>(weight: Matrix(rows: 2, columns: 2, elements: [3, 0, 0, 4]), repetitions: 2)
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: 4),
      .init(name: "output", kind: .affine(terms: [.init(source: 0, map: map)], bias: nil), count: 4),
    ])
    let tiles = (0..<4).map { Composition.Tile(outputs: IndexRuns([$0]), proof: $0 % 2) }
    let proofs = [9.0, 16.0].map { Composition.TileProof(outputWeights: [1], multipliers: [], inputWeights: [$0 * (1 + 1e-12)]) }
    // Zeros of a dense map's pieces are no entries.
    let bound = try Composition(blocks: [.init(output: 1, tiles: tiles, proofs: proofs)]).prove(network, inputNorm: .l2)
    #expect(bound >= 4 && bound <= 4 * (1 + 1e-11))
  }

  // MARK: - Certificates

  @Test func certificatesSurviveTheFile() throws {
    let (network, certificate) = try Self.certificate()
    let read = try Certificate(decoding: certificate.encoded())
    #expect(read == certificate)
    try CertificateChecker.check(read, of: network)
    var better = certificate
    better.statement.bound *= 0.999
    better.seal = better.contentDigest
    #expect(throws: NotProved.self) { try CertificateChecker.check(better, of: network) }
  }

  /// Every change of the data that matters is refused, sealed again or not, and none is a trap.
  @Test func tamperedCompositionsAreRefused() throws {
    let (network, certificate) = try Self.certificate()
    guard case .composition(let original)? = certificate.derivation else {
      Issue.record("no composition")
      return
    }
    func refuse(_ name: String, _ change: (inout Composition) -> Void) {
      var composition = original
      change(&composition)
      #expect(composition != original, "\(name)")
      var changed = certificate
      changed.derivation = .composition(composition)
      #expect(throws: NotProved.self, "\(name), not sealed") { try CertificateChecker.check(changed, of: network) }
      changed.seal = changed.contentDigest
      #expect(throws: NotProved.self, "\(name)") { try CertificateChecker.check(changed, of: network) }
    }
    refuse("no blocks") { $0.blocks = [] }
    refuse("the last block left out") { $0.blocks.removeLast() }
    refuse("the first block left out") { $0.blocks.removeFirst() }
    refuse("blocks exchanged") { $0.blocks.swapAt(0, 1) }
    refuse("a block twice") { $0.blocks.insert($0.blocks[0], at: 0) }
    for output in [-1, 0, 1, 6, Int.max, Int.min] { refuse("a cut at \(output)") { $0.blocks[0].output = output } }
    for block in original.blocks.indices {
      refuse("no tiles") { $0.blocks[block].tiles = [] }
      refuse("a tile left out") { $0.blocks[block].tiles.removeLast() }
      for ends in [[], [0], [1, 0], [-1, 3], [0, Int.max], [Int.min, 0], [3, 3, 2, 5], [0, 1 << 40]] {
        refuse("runs \(ends)") { $0.blocks[block].tiles[0].outputs.ends = ends }
      }
      refuse("an empty run") { $0.blocks[block].tiles[0].outputs.ends.insert(contentsOf: [0, 0], at: 0) }
      for proof in [-1, original.blocks[block].proofs.count, Int.max] {
        refuse("proof \(proof)") { $0.blocks[block].tiles[0].proof = proof }
      }
      for weights in [[], [0], [-1], [.nan], [.infinity], [1, 2]] as [[Double]] {
        refuse("output weights \(weights)") { $0.blocks[block].proofs[0].outputWeights = weights }
      }
      for weights in [[], [0], [-1], [.nan], [.infinity], [1, 2]] as [[Double]] {
        refuse("input weights \(weights)") { $0.blocks[block].proofs[0].inputWeights = weights }
      }
      refuse("smaller input weights") { composition in
        composition.blocks[block].proofs[0].inputWeights = composition.blocks[block].proofs[0].inputWeights.map { $0 * 0.01 }
      }
      guard let first = original.blocks[block].proofs[0].multipliers.first else { continue }
      refuse("no multipliers") { $0.blocks[block].proofs[0].multipliers = [] }
      refuse("a multiplier less") { $0.blocks[block].proofs[0].multipliers[0].removeLast() }
      refuse("one list more") { $0.blocks[block].proofs[0].multipliers.append(first) }
      for value in [-1, .nan, .infinity] as [Double] {
        refuse("multiplier \(value)") { $0.blocks[block].proofs[0].multipliers[0][0] = value }
      }
    }
    refuse("a proof of another tile") { composition in
      let tile = composition.blocks[0].tiles.firstIndex { $0.proof != 0 } ?? 0
      composition.blocks[0].tiles[tile].proof = 0
    }
  }

  /// Multipliers beside a derivation prove nothing, so they are not let through as if they did.
  @Test func derivationsStandAlone() throws {
    let (network, certificate) = try Self.certificate()
    var weights = certificate
    weights.inputWeights = [1]
    var nodes = certificate
    nodes.nodes = [.init(name: "relu", alpha: [0], beta: [1], multipliers: [1], forwardMultipliers: nil)]
    for var changed in [weights, nodes] {
      changed.seal = changed.contentDigest
      #expect(throws: NotProved("it has a derivation and multipliers besides; one of them is not what proves it")) {
        try CertificateChecker.check(changed, of: network)
      }
    }
  }

  @Test func memoryIsLimited() throws {
    let (network, certificate) = try Self.certificate()
    #expect(throws: NotProved.self) { try CertificateChecker.check(certificate, of: network, memoryLimit: 1000) }
    try CertificateChecker.check(certificate, of: network, memoryLimit: 1 << 24)
  }

  /// Random bytes in place of the numbers of the file: read or refused, never a trap.
  @Test func changedFiles() throws {
    let (network, certificate) = try Self.certificate()
    let bytes = [UInt8](try certificate.encoded())
    var random = SplitMix64(seed: 9)
    for _ in 0..<200 {
      var changed = bytes
      let place = Int(random.next() % UInt64(bytes.count))
      changed[place] = UInt8(truncatingIfNeeded: random.next())
      guard let read = try? Certificate(decoding: Data(changed)) else { continue }
      if read == certificate { continue }
      do {
        try CertificateChecker.check(read, of: network)
        // Names are not sealed.
        #expect(read.statement == certificate.statement && read.derivation == certificate.derivation)
      } catch is NotProved {}
    }
  }

  // MARK: - Making compositions

  private static func certificate() throws -> (LoweredNetwork, Certificate) {
    var random = SplitMix64(seed: 3)
    let network = try NetworkBuilders.convolutionChain(image: [1, 4, 4], channels: [2, 2, 1], seed: 6).lowered()
    let composition = try composition(network, &random)
    #expect(composition.blocks.count > 1 && composition.blocks[0].proofs.count > 1)
    let bound = try composition.prove(network, inputNorm: .l2)
    let certificate = Certificate(
      generator: "test", modelName: "", network: network, statement: Statement(inputNorm: .l2, output: .all, bound: bound),
      derivation: .composition(composition))
    try CertificateChecker.check(certificate, of: network)
    return (network, certificate)
  }

  /// Blocks at every second cut, tiles of random coordinates, a proof for each tile.
  private static func composition(_ network: LoweredNetwork, _ random: inout SplitMix64) throws -> Composition {
    var ends = network.cuts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    ends.append(network.nodes.count - 1)
    let starts = [0] + ends.dropLast()
    var weights = Array(repeating: 1.0, count: network.outputCount)
    var blocks: [Composition.Block] = []
    for (start, end) in zip(starts, ends).reversed() {
      var block = Composition.Block(output: end, tiles: [], proofs: [])
      for outputs in groups(network.nodes[end].count, &random) {
        let tile = try TileNetwork(of: network, from: start, to: end, outputs: outputs)
        block.tiles.append(.init(outputs: IndexRuns(outputs), proof: block.proofs.count))
        block.proofs.append(try proof(tile, outputWeights: outputs.map { weights[$0] }))
      }
      weights = try block.prove(network, from: start, weights: weights)
      blocks.insert(block, at: 0)
    }
    return Composition(blocks: blocks)
  }

  private static func proof(_ tile: TileNetwork, outputWeights: [Double]) throws -> Composition.TileProof {
    let sectors = tile.network.globalSectors
    let gain = try GainProof(network: tile.network, sectors: sectors, outputWeights: outputWeights) { position, stage in
      let q = stage.units
      return (0..<q.rows).map { i in
        let sector = sectors[position]
        let (c, d) = (0.5 * (sector.lower[i] + sector.upper[i]), 0.5 * (sector.upper[i] - sector.lower[i]))
        let sum = (0..<q.rows).reduce(0.0) { $0 + q[i, $1].magnitude }
        return d > 0 ? max(2, 1 + c.magnitude / d) * 1.1 * sum : 0
      }
    }
    let q = gain.inputGain
    let inputWeights = (0..<q.rows).map { i in (0..<q.rows).reduce(1e-30) { $0 + q[i, $1].magnitude } * (1 + 1e-10) }
    return .init(outputWeights: outputWeights, multipliers: gain.multipliers, inputWeights: inputWeights)
  }

  /// The coordinates in up to three groups.
  private static func groups(_ count: Int, _ random: inout SplitMix64) -> [[Int]] {
    var result: [[Int]] = [[], [], []]
    for i in 0..<count { result[Int(random.next() % 3)].append(i) }
    return result.filter { !$0.isEmpty }
  }
}

extension LoweredNetwork {
  /// The nodes through which everything passes, but the input and the output.
  fileprivate var cuts: [Int] {
    let last = nodes.count - 1
    return (1..<max(1, last)).filter { cut in
      nodes.indices.allSatisfy { index in
        guard index > cut else { return true }
        switch nodes[index].kind {
        case .input: return true
        case .affine(let terms, _): return terms.allSatisfy { $0.source >= cut }
        case .activation(let source, _): return source >= cut
        }
      }
    }
  }

  fileprivate var withoutBiases: LoweredNetwork {
    LoweredNetwork(
      nodes: nodes.map { node in
        guard case .affine(let terms, _) = node.kind else { return node }
        return .init(name: node.name, kind: .affine(terms: terms, bias: nil), count: node.count)
      })
  }

  /// The network that ends at a node.
  fileprivate func prefix(to end: Int) -> LoweredNetwork {
    let term = LoweredNetwork.Term(source: end, map: nil)
    return LoweredNetwork(
      nodes: nodes[...end] + [.init(name: "end", kind: .affine(terms: [term], bias: nil), count: nodes[end].count)])
  }
}
