import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// A search for inputs whose values lie outside their bounds, on networks of all operations.
@Suite("Search against bound propagation")
struct PropagationSearchTests {
  private static func regions(_ count: Int, _ random: inout SplitMix64) -> [Region] {
    let center: [Double] = random.gaussianVector(count)
    let radius = [1e-300, 1e-9, 0.03, 0.3, 2, 100][Int(random.next() % 6)]
    let reach = center.map { _ in random.next() % 3 == 0 ? 0 : radius * random.nextUniform() }
    return [
      .ball(center: center, radius: radius), .around(center, radius: radius, norm: .lInfinity),
      .box(lower: zip(center, reach).map { $0 - $1 }, upper: zip(center, reach).map { $0 + $1 }), .box(lower: center, upper: center),
    ]
  }

  /// Slopes as a certificate may give them: usual ones, steep ones, numbers that are none, or missing.
  private static func slopes(_ network: LoweredNetwork, _ random: inout SplitMix64) -> RelaxationSlopes {
    let kind = random.next() % 5
    func slope() -> Double {
      switch kind {
      case 0: random.nextUniform()
      case 1: random.nextGaussian()
      case 2: 1e5 * random.nextGaussian()
      case 3: [Double.nan, .infinity, -.infinity, 1e308, -1e308, 0x1p-1074, 0, 1, 0.5, 0.25][Int(random.next() % 10)]
      default: random.next() % 2 == 0 ? 0 : 1
      }
    }
    func lists() -> [[Double]] {
      network.activationNodes.map { node in random.next() % 4 == 0 ? [] : (0..<network.nodes[node].count).map { _ in slope() } }
    }
    return RelaxationSlopes(lower: lists(), upper: lists())
  }

  /// The point of a region where a linear function is least, or one half of the way there from `x`.
  private static func least(_ region: Region, _ gradient: [Double], from x: [Double], _ random: inout SplitMix64) -> [Double] {
    let end: [Double]
    switch region {
    case .global: return x
    case .ball(let center, let radius):
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      end = norm > 0 ? zip(center, gradient).map { $0 - radius * (1 - 1e-12) * $1 / norm } : x
    case .box(let lower, let upper): end = gradient.indices.map { gradient[$0] > 0 ? lower[$0] : gradient[$0] < 0 ? upper[$0] : x[$0] }
    }
    return random.next() % 3 == 0 ? zip(x, end).map { 0.5 * $0 + 0.5 * $1 } : end
  }

  @Test("No input is found below a lower bound", arguments: UInt64(0)..<48)
  func search(seed: UInt64) throws {
    let network = try RandomNetworks.network(seed: seed)
    let (lowered, evaluator) = (try network.lowered(), try Evaluator<Double>(network))
    let prepared = try PropagationNetwork(lowered)
    var random = SplitMix64(seed: seed &+ 1000)
    let functions: Matrix<Double> = random.gaussianMatrix(rows: 1 + Int(random.next() % 36), columns: lowered.outputCount, deviation: 1)
    for region in Self.regions(lowered.inputCount, &random) {
      let (first, second) = (Self.slopes(lowered, &random), Self.slopes(lowered, &random))
      let plain = try BoundPropagation(prepared, region: region)
      // Steep slopes may leave a value without bounds; intervals remain.
      let all = [
        plain, try BoundPropagation(prepared, region: region, tightening: .all, inside: plain),
        try BoundPropagation(
          prepared, region: region, tightening: .all,
          slopes: Dictionary(uniqueKeysWithValues: lowered.nodes.indices.map { ($0, $0.isMultiple(of: 2) ? first : second) })),
      ]
      let bounds = try [
        all[0].lowerBounds(of: functions), all[1].lowerBounds(of: functions, slopes: [first]),
        all[1].lowerBounds(of: functions, slopes: (0..<functions.rows).map { _ in Self.slopes(lowered, &random) }),
        all[2].lowerBounds(of: functions, slopes: [second]),
      ]
      let size = lowered.nodes.indices.reduce(1) { max($0, plain.intervals.magnitudes($1).max() ?? 0) }
      for i in 0..<min(4, functions.rows) {
        var x = PropagationTests.points(region, count: 1, seed: random.next())[0]
        for step in 0..<5 {
          let point = Matrix(rows: 1, columns: x.count, elements: x)
          let values = evaluator.forward(point).row(0)
          for k in 0..<functions.rows {
            let margin = zip(functions.row(k), values).reduce(0) { $0 + $1.0 * $1.1 }
            for bound in bounds { #expect(bound[k] <= margin + 1e-11 * size, "seed \(seed), \(region), row \(k)") }
          }
          if step > 1 {
            for (node, values) in ForwardProofTests.values(lowered, x).enumerated() {
              for bounds in all {
                let (low, high) = bounds.intervals[node]
                let isInside = values.indices.allSatisfy { low[$0] <= values[$0] + 1e-11 * size && values[$0] - 1e-11 * size <= high[$0] }
                #expect(isInside, "seed \(seed), \(region), node \(node)")
              }
            }
          }
          let cotangent = Matrix(rows: 1, columns: values.count, elements: functions.row(i))
          x = Self.least(region, evaluator.vjp(at: point, cotangent: cotangent).row(0), from: x, &random)
        }
      }
    }
  }

  /// The values of all nodes in exact arithmetic; `nil` when a coefficient is not exact or a function not piecewise linear.
  private static func exactValues(_ network: LoweredNetwork, _ x: [Double]) -> [[Dyadic]]? {
    var result: [[Dyadic]] = []
    for node in network.nodes {
      switch node.kind {
      case .input: result.append(x.map { Dyadic($0) })
      case .affine(let terms, let bias):
        var sums = bias?.map { Dyadic($0) } ?? Array(repeating: .zero, count: node.count)
        for term in terms {
          let values = result[term.source]
          guard let rows = term.map?.sparseRows() else {
            for i in sums.indices { sums[i] = sums[i] + values[i] }
            continue
          }
          guard rows.radii.allSatisfy({ $0 == 0 }) else { return nil }
          for i in sums.indices {
            for k in rows.starts[i]..<rows.starts[i + 1] { sums[i] = sums[i] + Dyadic(rows.values[k]) * values[rows.columns[k]] }
          }
        }
        result.append(sums)
      case .activation(let source, .uniform(.relu)): result.append(result[source].map { $0.isNegative ? .zero : $0 })
      case .activation(let source, .uniform(.absoluteValue)): result.append(result[source].map { $0.isNegative ? -$0 : $0 })
      case .activation(let source, .uniform(.leakyReLU(let slope))):
        result.append(result[source].map { $0.isNegative ? Dyadic(slope) * $0 : $0 })
      case .activation: return nil
      }
    }
    return result
  }

  @Test("Bounds on one point lie below the exact value", arguments: UInt64(0)..<40)
  func exact(seed: UInt64) throws {
    let network = try RandomNetworks.network(seed: seed, isPiecewiseLinear: true).lowered()
    var random = SplitMix64(seed: seed)
    let center: [Double] = random.gaussianVector(network.inputCount)
    let values = try #require(Self.exactValues(network, center))
    let functions: Matrix<Double> = random.gaussianMatrix(rows: 20, columns: network.outputCount, deviation: 1)
    for region in [Region.ball(center: center, radius: 1e-300), .box(lower: center, upper: center)] {
      let bounds = try BoundPropagation(network, region: region, tightening: .all)
      for (node, values) in values.enumerated() {
        let (lower, upper) = bounds.intervals[node]
        let isInside = values.indices.allSatisfy {
          !(values[$0] + -Dyadic(lower[$0])).isNegative && !(Dyadic(upper[$0]) + -values[$0]).isNegative
        }
        #expect(isInside, "seed \(seed), node \(node)")
      }
      for (row, bound) in try bounds.lowerBounds(of: functions).enumerated() {
        let exact = zip(functions.row(row), values[network.nodes.count - 1]).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * $1.1 }
        #expect(!(exact + -Dyadic(bound)).isNegative, "seed \(seed), row \(row)")
      }
    }
  }

  @Test("The networks have maxima of many units, in windows that overlap and one after the other")
  func networksAreRich() throws {
    let maxima = try (0..<48).map { seed in
      try PropagationNetwork(RandomNetworks.network(seed: seed).lowered()).steps.compactMap { step -> Maxima? in
        if case .maximum(let maxima) = step { maxima } else { nil }
      }
    }
    #expect(maxima.count { !$0.isEmpty } >= 20)
    #expect(maxima.count { $0.contains { $0.largestUse > 1 } } >= 10)
    #expect(maxima.count { Set($0.map(\.source)).count > 1 } >= 4)
  }
}
