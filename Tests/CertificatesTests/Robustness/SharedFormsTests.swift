import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// Rivals that rest on another rival's forms are proved by them or not at all.
@Suite("Shared forms")
struct SharedFormsTests {
  /// y₀ = 2 and y_k = s_k max(0, x), |x| ≤ 1.
  private func network(_ slopes: [Double]) -> LoweredNetwork {
    func dense(_ source: Int, _ column: [Double], bias: [Double]) -> LoweredNetwork.Kind {
      .affine(
        terms: [.init(source: source, map: DenseMap(weight: Matrix(rows: column.count, columns: 1, elements: column)))], bias: bias)
    }
    return LoweredNetwork(nodes: [
      .init(name: "x", kind: .input, count: 1), .init(name: "p", kind: dense(0, [1], bias: [0]), count: 1),
      .init(name: "h", kind: .activation(source: 1, units: .uniform(.relu)), count: 1),
      .init(name: "y", kind: dense(2, [0] + slopes, bias: [2] + slopes.map { _ in 0 }), count: slopes.count + 1),
    ])
  }

  private func isProved(_ slopes: [Double], _ proofs: [RobustnessCertificate.Proof]) -> Bool {
    let network = network(slopes)
    let certificate = RobustnessCertificate(
      generator: "tests", network: network, statement: .init(norm: .l2, center: [0], radius: 1, label: 0),
      rivals: proofs.enumerated().map { .init(rival: $0 + 1, proof: $1) })
    do {
      try RobustnessChecker.check(certificate, of: network)
      return true
    } catch {
      #expect(error is NotProved)
      return false
    }
  }

  /// h (p − h) = 0, and ρ = 1.
  private let quadratic: RobustnessCertificate.Proof = {
    let json = Data(#"{"quadratic": {"weight": 1, "nodes": [{"node": 0, "units": [0], "forms": [-1, 1, 0, 0, 0]}]}}"#.utf8)
    return (try? JSONDecoder().decode(RobustnessCertificate.Proof.self, from: json)) ?? .linear(nil)
  }()

  @Test("Every rival's own margin counts")
  func margins() {
    #expect(quadratic.name == "quadratic")
    #expect(isProved([0.5, 0.5, 0.25], [quadratic, .shared(rival: 1), .shared(rival: 1)]))
    #expect(isProved([0.5, 0.5, 0.25], [.shared(rival: 3), .shared(rival: 3), quadratic]))
    #expect(isProved([0.5, 0.5, 0.25], [quadratic, .shared(rival: 3), quadratic]))
    // y₂ is 2 or more at x = 1.
    for slope in [2, 2.01, 3, 1e6] {
      #expect(!isProved([0.5, slope, 0.25], [quadratic, .shared(rival: 1), .shared(rival: 1)]))
      #expect(!isProved([0.5, slope, 0.25], [.shared(rival: 3), .shared(rival: 3), quadratic]))
      #expect(!isProved([slope, 0.5, 0.25], [quadratic, .shared(rival: 1), quadratic]))
    }
  }

  @Test("What has no forms of its own cannot be shared", arguments: [2, 1, 3, 0, 4, -1, .max, .min])
  func bases(base: Int) {
    // Itself, one that shares, a linear proof, the label, no class.
    #expect(!isProved([0.5, 0.5, 0.25], [.shared(rival: 2), .shared(rival: base), .linear(nil)]))
    #expect(isProved([0.5, 0.5, 0.25], [quadratic, .shared(rival: base), .linear(nil)]) == (base == 1))
  }

  @Test("Boxes have no quadratic proofs")
  func boxes() {
    let network = network([0.5, 0.5])
    let certificate = RobustnessCertificate(
      generator: "tests", network: network, statement: .init(norm: .lInfinity, center: [0], radius: 1, label: 0),
      rivals: [.init(rival: 1, proof: quadratic), .init(rival: 2, proof: .shared(rival: 1))])
    #expect(throws: NotProved.self) { try RobustnessChecker.check(certificate, of: network) }
  }
}
