import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct CertificateTests {
  let network: LoweredNetwork
  let bound: ProvedBound
  let certificate: Certificate

  init() throws {
    network = try TestNetworks.perceptrons()[1].lowered
    bound = try ProvedBound(network)
    certificate = Certificate(
      generator: "tests", modelName: "model", network: network,
      statement: Statement(inputNorm: .l2, output: .all, bound: bound.bound), inputWeights: [bound.inputWeights[0]],
      sectors: bound.sectors, multipliers: bound.proof.multipliers)
  }

  private func isAccepted(_ certificate: Certificate, of network: LoweredNetwork? = nil) -> Bool {
    (try? CertificateChecker.check(certificate, of: network ?? self.network)) != nil
  }

  private func sealed(_ change: (inout Certificate) -> Void) -> Certificate {
    var result = certificate
    change(&result)
    result.seal = result.contentDigest
    return result
  }

  @Test func validCertificatesAreAccepted() throws {
    try CertificateChecker.check(certificate, of: network)
    let margins = try ProvedBound(network, output: .difference(1, 0), norm: .lInfinity)
    let other = Certificate(
      generator: "tests", modelName: "", network: network,
      statement: Statement(inputNorm: .lInfinity, output: .difference(1, 0), bound: margins.bound), inputWeights: margins.inputWeights,
      sectors: margins.sectors, multipliers: margins.proof.multipliers)
    try CertificateChecker.check(other, of: network)
    #expect(certificate.nodes.allSatisfy { $0.alpha.count == 1 && $0.beta.count == 1 })
    let full = sealed { for i in $0.nodes.indices { $0.nodes[i].alpha = bound.sectors[i].lower } }
    #expect(isAccepted(full))
  }

  /// One field changed at random.
  private func tampered(_ random: inout SplitMix64) -> Certificate {
    var c = certificate
    func changed(_ x: Double) -> Double {
      switch Int.random(in: 0..<6, using: &random) {
      case 0: x.nextUp
      case 1: x.nextDown
      case 2: x * Double.random(in: 0.5...1, using: &random)
      case 3: x * Double.random(in: 1...3, using: &random)
      case 4: -x - 1
      default: [0.5, .nan, .infinity, 1e300, 1e-300, -0.25].randomElement(using: &random) ?? 0.5
      }
    }
    func changed(_ values: inout [Double]) {
      let i = Int.random(in: 0..<values.count, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: values.remove(at: i)
      case 1: values.append(values[i])
      default: values[i] = changed(values[i])
      }
    }
    let node = Int.random(in: 0..<c.nodes.count, using: &random)
    switch Int.random(in: 0..<14, using: &random) {
    case 0: c.statement.bound = changed(c.statement.bound)
    case 1: c.statement.inputNorm = .lInfinity
    case 2:
      c.statement.output =
        [.output(0), .output(7), .difference(0, 1), .difference(0, 0), .output(-1)].randomElement(using: &random) ?? .all
    case 3: c.statement.region = .ball(center: [Double](repeating: 0, count: c.model.inputs), radius: 1)
    case 4: changed(&c.inputWeights)
    case 5: changed(&c.nodes[node].alpha)
    case 6: changed(&c.nodes[node].beta)
    case 7, 8: changed(&c.nodes[node].multipliers)
    case 9: c.nodes.swapAt(0, 1)
    case 10: if Bool.random(using: &random) { c.nodes.removeLast() } else { c.nodes.append(c.nodes[node]) }
    case 11: c.model.sha256 = String(c.model.sha256.reversed())
    case 12: c.model.inputs += Int.random(in: 1...5, using: &random)
    default: c.model.units -= 1
    }
    return c
  }

  /// Thousands of changed fields: the seal shows each.
  @Test func everyChangeBreaksTheSeal() {
    var random = SplitMix64(seed: 21)
    var rejected = 0
    for _ in 0..<4000 {
      let c = tampered(&random)
      guard c != certificate else { continue }
      rejected += 1
      #expect(throws: NotProved.self) { try CertificateChecker.check(c, of: network) }
    }
    #expect(rejected > 3900)
    var c = certificate
    c.seal = String(c.seal.reversed())
    #expect(!isAccepted(c))
  }

  /// Sealed again, a changed certificate is accepted only if what it claims is still true.
  @Test func acceptedOnlyWhenStillTrue() throws {
    var random = SplitMix64(seed: 22)
    var (accepted, rejected) = (0, 0)
    for _ in 0..<1500 {
      var c = tampered(&random)
      c.seal = c.contentDigest
      guard isAccepted(c) else {
        rejected += 1
        continue
      }
      accepted += 1
      if c == certificate { continue }
      #expect(c.statement.inputNorm == .l2 && c.statement.region == .global && c.inputWeights.count == 1)
      let rho = c.inputWeights[0]
      #expect(c.statement.bound >= rho.squareRoot())
      // Changes of the output, bound or ρ upwards may leave a true claim; the exact check knows.
      if accepted.isMultiple(of: 4) {
        #expect(
          try ExactCheck.isPositiveDefinite(
            try network.selecting(c.statement.output), sectors: network.globalSectors, multipliers: c.nodes.map(\.multipliers),
            inputWeights: Array(repeating: rho * (1 + 1e-9), count: network.inputCount)))
      }
    }
    #expect(accepted > 50 && rejected > 500)
  }

  /// ρ below what the multipliers give never passes, nor does a bound below √ρ.
  @Test func loweredClaimsAreRejected() {
    for exponent in 1...40 {
      let factor = 1 - 1e-8 * Double(exponent * exponent)
      let lower = sealed {
        $0.inputWeights[0] *= factor
        $0.statement.bound = ErrorBounds.sqrtUp($0.inputWeights[0])
      }
      #expect(!isAccepted(lower))
      #expect(!isAccepted(sealed { $0.statement.bound *= factor }))
    }
    for bad in [0, -1, .nan, .infinity, -.infinity, 5e-324] { #expect(!isAccepted(sealed { $0.inputWeights = [bad] })) }
    #expect(!isAccepted(sealed { $0.statement.bound = .nan }))
    #expect(!isAccepted(sealed { $0.inputWeights = [] }))
    #expect(!isAccepted(sealed { $0.inputWeights = Array(repeating: $0.inputWeights[0], count: 3) }))
    #expect(!isAccepted(sealed { $0.version = 2 }))
    #expect(!isAccepted(sealed { $0.format = "other" }))
    #expect(isAccepted(sealed { $0.statement.bound *= 2 }))
  }

  /// No multipliers whatever prove less than an attained difference quotient.
  @Test func noMultipliersBeatAnAttainedQuotient() {
    var search = PairSearch(network, norm: .l2)
    search.run(random: 3000, ascent: 10, seed: 5)
    let rho = search.largest * search.largest * (1 - 1e-6)
    var random = SplitMix64(seed: 23)
    for _ in 0..<600 {
      let c = sealed {
        $0.inputWeights = [rho]
        $0.statement.bound = ErrorBounds.sqrtUp(rho)
        for i in $0.nodes.indices {
          let common = Double.random(in: 0.2...5, using: &random)
          $0.nodes[i].multipliers = $0.nodes[i].multipliers.map { $0 * common * Double.random(in: 0.5...2, using: &random) }
        }
      }
      #expect(!isAccepted(c))
    }
  }

  /// Any change of a weight, a map, an activation or a connection makes it another network.
  @Test func everyChangeOfTheNetworkIsNoticed() throws {
    var random = SplitMix64(seed: 24)
    func rebuilt(_ change: (Int, LoweredNetwork.Node) -> LoweredNetwork.Kind) -> LoweredNetwork {
      LoweredNetwork(nodes: network.nodes.enumerated().map { .init(name: $1.name, kind: change($0, $1), count: $1.count) })
    }
    #expect(isAccepted(certificate, of: rebuilt { $1.kind }))
    let affine = network.nodes.indices.filter { if case .affine = network.nodes[$0].kind { true } else { false } }
    for _ in 0..<1000 {
      let chosen = affine.randomElement(using: &random) ?? 1
      var didChange = false
      let other = rebuilt { index, node in
        guard index == chosen, case .affine(let terms, let bias) = node.kind else { return node.kind }
        guard let dense = terms[0].map as? DenseMap<Double>, !dense.weight.elements.isEmpty else { return node.kind }
        var weight = dense.weight
        let place = Int.random(in: 0..<weight.elements.count, using: &random)
        weight.elements[place] = Bool.random(using: &random) ? weight.elements[place].nextUp : weight.elements[place] + 1e-3
        didChange = true
        return .affine(terms: [.init(source: terms[0].source, map: DenseMap(weight: weight))] + terms.dropFirst(), bias: bias)
      }
      if didChange { #expect(!isAccepted(certificate, of: other)) }
    }
    for activation in TestNetworks.activations where activation != TestNetworks.activations[1] {
      let other = rebuilt { _, node in
        if case .activation(let source, _) = node.kind { .activation(source: source, units: .uniform(activation)) } else { node.kind }
      }
      #expect(!isAccepted(certificate, of: other))
    }
  }
}
