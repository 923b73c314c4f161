import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks
import TestSupport
import Testing

@testable import Robustness

@Suite("Radii by linear bounds")
struct PropagationRadiusTests {
  static func perceptron(_ widths: [Int], _ activation: Activation, seed: UInt64) throws -> Classifier {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "x", shape: [1, widths[0]])
    for (k, (m, n)) in zip(widths.dropFirst(), widths).enumerated() {
      if k > 0 { node = try network.add(.activation(activation), name: "phi \(k)", to: [node]) }
      let weight: Matrix<Double> = random.gaussianMatrix(rows: m, columns: n, deviation: (2 / Double(n)).squareRoot())
      let bias: [Double] = random.gaussianVector(m)
      node = try network.add(.dense(weight: weight, bias: bias.map { 0.3 * $0 }), name: "dense \(k)", to: [node])
    }
    try network.setOutputs([node])
    return try Classifier(network)
  }

  static func budget(_ tolerance: Double = 1e-3) -> Budget {
    var budget = Budget()
    budget.tolerance = tolerance
    return budget
  }

  /// Thorough methods find at least what quick ones find, and no sampled input within a radius has another answer.
  @Test(
    "Radii grow with the method and are never refuted", arguments: [Activation.relu, .leakyReLU(slope: 0.1), .tanh, .silu, .absoluteValue])
  func radiiAreOrdered(activation: Activation) throws {
    for seed in UInt64(1)...2 {
      let classifier = try Self.perceptron([4, 10, 8, 3], activation, seed: seed)
      var random = SplitMix64(seed: 90 + seed)
      let input: [Double] = random.gaussianVector(4)
      let label = classifier.answer(input)
      for norm in [InputNorm.l2, .lInfinity] {
        let problem = try RadiusProblem(classifier, input: input, label: label, norm: norm)
        let methods: [any RadiusMethod] = [IntervalRadius(), LinearRadius(), OptimizedLinearRadius()]
        let radii = try methods.map { try $0.radius(of: problem, ceiling: nil, budget: Self.budget()).radius }
        #expect(radii[0] > 0 && radii[1] >= radii[0] * (1 - 2e-3) && radii[2] >= radii[1] * (1 - 1e-3), "\(activation) \(norm): \(radii)")
        for _ in 0..<400 {
          let direction: [Double] = random.gaussianVector(4)
          let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let x = zip(input, direction).map { norm == .l2 ? $0 + radii[2] * 0.999_999 * $1 / length : $0 + radii[2] * ($1 < 0 ? -1 : 1) }
          #expect(classifier.answer(x) == label)
        }
      }
    }
  }

  @Test func nothingIsProvedForAnotherLabel() throws {
    let classifier = try Self.perceptron([4, 10, 3], .relu, seed: 4)
    let input = [0.3, -0.2, 0.8, 0.1]
    let wrong = (classifier.answer(input) + 1) % 3
    let problem = try RadiusProblem(classifier, input: input, label: wrong)
    for method in [IntervalRadius(), LinearRadius(), OptimizedLinearRadius()] as [any RadiusMethod] {
      #expect(try method.radius(of: problem, ceiling: nil, budget: Self.budget()).radius == 0)
    }
  }

  @Test func ceilingIsRespected() throws {
    let classifier = try Self.perceptron([4, 10, 3], .relu, seed: 4)
    let input = [0.3, -0.2, 0.8, 0.1]
    let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input))
    let free = try LinearRadius().radius(of: problem, ceiling: nil, budget: Self.budget()).radius
    let capped = try LinearRadius().radius(of: problem, ceiling: 0.5 * free, budget: Self.budget()).radius
    #expect(capped < 0.5 * free && capped > 0.49 * free)
  }

  @Test func cancellationGivesWhatIsProved() throws {
    let classifier = try Self.perceptron([4, 10, 3], .relu, seed: 4)
    let input = [0.3, -0.2, 0.8, 0.1]
    let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input))
    var budget = Self.budget()
    budget.isCancelled = { true }
    #expect(try OptimizedLinearRadius().radius(of: problem, ceiling: nil, budget: budget).radius == 0)
  }

  /// Optimised slopes raise bounds, of margins and of inner units, and never spoil the intersection.
  @Test("Optimised slopes tighten", arguments: [Activation.relu, .leakyReLU(slope: -0.2), .sigmoid])
  func slopesTighten(activation: Activation) throws {
    let classifier = try Self.perceptron([5, 14, 12, 4], activation, seed: 7)
    let region = Region.ball(center: [0.1, -0.4, 0.2, 0.9, -0.3], radius: 0.6)
    let plain = try BoundPropagation(classifier.propagation(), region: region)
    let optimizer = classifier.slopeOptimizer()
    let rows = classifier.marginRows(0)
    let last = plain.network.nodes.count - 1
    let slopes = optimizer.slopes(for: rows.converted(to: Float.self), of: last, intervals: plain.intervals, region: region)
    let (before, after) = (try plain.lowerBounds(of: rows), try plain.lowerBounds(of: rows, slopes: slopes))
    for (a, b) in zip(before, after) { #expect(b >= a - 1e-4 * (1 + abs(a))) }
    if activation == .relu { #expect(zip(before, after).contains { $1 > $0 + 1e-3 }) }
    let advised = try BoundPropagation(classifier.propagation(), region: region, inside: plain, advisor: optimizer)
    for node in plain.network.nodes.indices {
      for i in plain.intervals.lower[node].indices {
        #expect(advised.intervals.lower[node][i] >= plain.intervals.lower[node][i])
        #expect(advised.intervals.upper[node][i] <= plain.intervals.upper[node][i])
      }
    }
  }

  @Test("Margins guide the search", arguments: [1e-6, 0.02, 0.7, 300])
  func marginSearch(threshold: Double) {
    var trials = 0
    let found = MarginSearch.largest(from: 0.1, clean: 1, tolerance: 1e-3, mustStop: { false }) {
      trials += 1
      return 1 - ($0 / threshold) * ($0 / threshold)
    }
    #expect(found <= threshold && found >= threshold * (1 - 1.1e-3))
    #expect(trials < 25)
    #expect(MarginSearch.largest(from: 1, tolerance: 1e-3, mustStop: { false }) { _ in -.infinity } == 0)
    #expect(MarginSearch.largest(from: 1, tolerance: 1e-3, mustStop: { false }) { _ in .nan } == 0)
  }

  private struct Peers: Decodable {
    struct Radius: Decodable {
      let net: String
      let img: Int
      let label: Int
      let linf_ibp: [Double]
      let linf_crown: [Double]
      let l2_ibp: [Double]
      let l2_crown: [Double]
      let linf_pgd: Double
      let l2_pgd: Double
    }
    let radii: [Radius]
  }

  /// auto_LiRPA's radii are bisected to a relative 2·10⁻³; where ours differ by more they are larger, because of the intersection with intervals.
  @Test("Radii are at least auto_LiRPA's", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func publishedRadii() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path("verification/peer_radii.json")))
    let images = try String(contentsOfFile: SharedData.path("verification/inputs/mnist_test_100_eran.csv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",").compactMap { Double($0) } }
    let small = ["exported_pth/mnist_mlp_784_20_10.onnx", "marabou_resources/mnist2x10.onnx"]
    var count = 0
    for peer in try JSONDecoder().decode(Peers.self, from: data).radii where small.contains(peer.net) {
      let classifier = try Classifier(ModelFile.read(path: SharedData.path("verification/" + peer.net)))
      let input = images[peer.img].dropFirst().map { $0 / 255 }
      for (norm, interval, linear, attack) in [
        (InputNorm.lInfinity, peer.linf_ibp[0], peer.linf_crown[0], peer.linf_pgd), (.l2, peer.l2_ibp[0], peer.l2_crown[0], peer.l2_pgd),
      ] {
        let problem = try RadiusProblem(classifier, input: Array(input), label: peer.label, norm: norm)
        let ours = try LinearRadius().radius(of: problem, ceiling: nil, budget: Self.budget()).radius
        #expect(ours >= linear * (1 - 4e-3) && ours < attack, "\(peer.net) \(peer.img) \(norm): \(ours), CROWN \(linear)")
        if norm == .lInfinity {
          let plain = try IntervalRadius().radius(of: problem, ceiling: nil, budget: Self.budget()).radius
          #expect(abs(plain / interval - 1) < 1e-2, "\(peer.net) \(peer.img): \(plain), IBP \(interval)")
        }
        count += 1
      }
    }
    #expect(count >= 16)
  }
}
