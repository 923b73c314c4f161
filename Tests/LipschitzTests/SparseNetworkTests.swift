import Certificates
import LinearAlgebra
import Lipschitz
import Networks
import Testing

@Suite("Networks with many zeros")
struct SparseNetworkTests {
  /// A perceptron of which one weight in ten is left.
  static func network(seed: UInt64) throws -> Network {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "x", shape: [1, 110])
    for (k, (m, n)) in [(110, 110), (110, 110), (4, 110)].enumerated() {
      if k > 0 { node = try network.add(.activation(.relu), name: "relu \(k)", to: [node]) }
      var weight: Matrix<Double> = random.gaussianMatrix(rows: m, columns: n, deviation: (20 / Double(n)).squareRoot())
      for i in weight.elements.indices where random.nextUniform() < 0.9 { weight.elements[i] = 0 }
      node = try network.add(.dense(weight: weight, bias: nil), name: "dense \(k)", to: [node])
    }
    try network.setOutputs([node])
    return network
  }

  /// Working copies multiply entry by entry; the network that is certified keeps its maps and digest.
  @Test func liftedBoundOfASparseNetwork() throws {
    let network = try Self.network(seed: 3)
    let lowered = try network.lowered()
    #expect(SparsePolicy.prefersSparse(rows: 110, columns: 110, entries: 1_500))
    for node in lowered.nodes {
      guard case .affine(let terms, _) = node.kind else { continue }
      for term in terms { #expect(term.map == nil || term.map is DenseMap<Double>) }
    }
    // Two copies of the network side by side: maps of the form I ⊗ W are always multiplied as dense ones.
    let nodes = lowered.nodes.map { node -> LoweredNetwork.Node in
      let kind: LoweredNetwork.Kind =
        switch node.kind {
        case .input: .input
        case .activation(let source, let units): .activation(source: source, units: units)
        case .affine(let terms, _):
          .affine(
            terms: terms.map { term in
              guard let dense = term.map as? DenseMap<Double> else { return term }
              return .init(source: term.source, map: DenseMap(weight: dense.weight, repetitions: 2))
            }, bias: nil)
        }
      return .init(name: node.name, kind: kind, count: 2 * node.count)
    }
    var budget = Budget()
    budget.tolerance = 1e-2
    let sparse = try LiftedEstimator().estimate(LipschitzProblem(lowered: lowered), budget: budget)
    let twice = try LiftedEstimator().estimate(LipschitzProblem(lowered: LoweredNetwork(nodes: nodes)), budget: budget)
    // Two copies side by side have the constant of one.
    let (a, b) = (try #require(sparse.upper), try #require(twice.upper))
    #expect(abs(a - b) <= 2e-2 * a)
    let certificate = try #require(sparse.certificate)
    #expect(certificate.model.sha256 == NetworkDigest.sha256(of: lowered))
    try CertificateChecker.check(certificate, of: lowered)
  }
}
