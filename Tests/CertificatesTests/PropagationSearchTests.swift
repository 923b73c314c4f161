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
          x = Self.least(region, evaluator.linearisation(at: point).adjoint(cotangent).row(0), from: x, &random)
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

  /// Two rounds of a tournament of four units, or networks that differ from it in one number.
  private static func tournament(_ change: String) -> LoweredNetwork {
    typealias Rows = [[(column: Int, value: Double)]]
    func value(_ name: String, _ usual: Double, _ other: Double) -> Double { change == name ? other : usual }
    func term(_ source: Int, _ columns: Int, _ rows: Rows) -> LoweredNetwork.Term {
      .init(source: source, map: SparseMap(inputCount: columns, rows: rows))
    }
    func round(_ source: Int, _ count: Int, _ pairs: [(Int, Int)], name: String) -> [LoweredNetwork.Node] {
      let sign = value("a sum", -1, 1)
      let steep = value("a steep difference", 1, 2)
      let differences: Rows = pairs.map { [($0.0, steep), (change == "other units" ? 0 : $0.1, sign * steep)] }
      let compared = change == "another source" ? 0 : source
      var means: Rows = pairs.map { [($0.0, 0.5), ($0.1, value("unlike means", 0.5, 0.25))] }
      if change == "a copy with a share", source == 0 { means[0] = [(pairs[0].0, 1)] }
      var mean = term(source, count, means)
      if change == "a radius" {
        let rows = SparseMap(inputCount: count, rows: means).sparseRows()
        let radii = rows.values.map { _ in 0.125 }
        mean = .init(
          source: source,
          map: SparseMap(SparseRows(columnCount: count, starts: rows.starts, columns: rows.columns, values: rows.values, radii: radii)))
      }
      let shares: Rows = pairs.indices.map { [($0, value("a small share", 0.5, 0.25))] }
      let bias = { [Double](repeating: value($0, 0, 0.75), count: pairs.count) }
      return [
        .init(
          name: "\(name) difference",
          kind: .affine(terms: [term(compared, compared == 0 ? 4 : count, differences)], bias: bias("a shifted difference")),
          count: pairs.count),
        .init(
          name: "\(name) absolute",
          kind: .activation(source: source + 1, units: .uniform(change == "another function" ? .relu : .absoluteValue)),
          count: pairs.count),
        .init(
          name: name, kind: .affine(terms: [mean, term(source + 2, pairs.count, shares)], bias: bias("a shifted round")),
          count: pairs.count),
      ]
    }
    let input = LoweredNetwork.Node(name: "input", kind: .input, count: 4)
    let exact = [input] + round(0, 4, [(0, 1), (2, 3)], name: "first")
    return LoweredNetwork(nodes: exact + round(3, 2, [(0, 1)], name: "second"))
  }

  @Test(
    "What differs from a tournament in one number is none",
    arguments: [
      "", "a sum", "a steep difference", "other units", "another source", "unlike means", "a copy with a share", "a radius",
      "a small share", "a shifted difference", "another function", "a shifted round",
    ])
  func almostTournaments(change: String) throws {
    let lowered = Self.tournament(change)
    let network = try PropagationNetwork(lowered)
    let maxima = network.steps.compactMap { if case .maximum(let maxima) = $0 { maxima } else { nil } }
    #expect(maxima.map(\.largestCount) == (change.isEmpty ? [4] : []))
    for region in PropagationTests.regions(4, seed: 5, radius: 1.5) {
      let bounds = try BoundPropagation(network, region: region)
      for x in PropagationTests.points(region, count: 60, seed: 6) {
        let value = ForwardProofTests.values(lowered, x)[6][0]
        #expect(bounds.intervals.lower[6][0] <= value + 1e-12 && value - 1e-12 <= bounds.intervals.upper[6][0])
      }
    }
  }

  /// Factors 1 ± ⅛ and 2 ± ¼: bounds hold for all of them.
  @Test("Bounds hold for all coefficients within their radii")
  func radii() throws {
    func network(_ first: [Double], _ second: [Double], radii: Bool) -> LoweredNetwork {
      func diagonal(_ source: Int, _ factors: [Double], _ radius: Double) -> LoweredNetwork.Kind {
        let map = DiagonalMap(scale: factors, radius: radii ? factors.map { _ in radius } : nil)
        return .affine(terms: [.init(source: source, map: map)], bias: [0.25, -0.5, 0])
      }
      let kinds: [LoweredNetwork.Kind] = [
        .input, diagonal(0, first, 0.125), .activation(source: 1, units: .uniform(.leakyReLU(slope: 0.5))), diagonal(2, second, 0.25),
        .activation(source: 3, units: .uniform(.absoluteValue)),
      ]
      return LoweredNetwork(nodes: kinds.enumerated().map { .init(name: "node \($0)", kind: $1, count: 3) })
    }
    var random = SplitMix64(seed: 8)
    let uncertain = network([1, 1, 1], [2, 2, 2], radii: true)
    for region in PropagationTests.regions(3, seed: 4, radius: 0.5) {
      let bounds = try BoundPropagation(uncertain, region: region, tightening: .all)
      let lower = try bounds.lowerBounds(of: Matrix(rows: 2, columns: 3, elements: [1, -2, 0.5, -1, 1, 1]))
      for x in PropagationTests.points(region, count: 100, seed: 9) {
        func factors(_ middle: Double, _ radius: Double) -> [Double] {
          x.map { _ in Bool.random(using: &random) ? middle - radius : middle + radius }
        }
        let values = ForwardProofTests.values(network(factors(1, 0.125), factors(2, 0.25), radii: false), x)
        for (node, values) in values.enumerated() {
          for (i, value) in values.enumerated() {
            #expect(bounds.intervals.lower[node][i] <= value + 1e-12 && value - 1e-12 <= bounds.intervals.upper[node][i])
          }
        }
        let y = values[4]
        #expect(lower[0] <= y[0] - 2 * y[1] + 0.5 * y[2] + 1e-12 && lower[1] <= y[1] + y[2] - y[0] + 1e-12)
      }
    }
  }

  /// With no layer before, nothing but the input's slack covers the rounding of c · x.
  @Test("Functions of the input alone lie below the exact value", arguments: UInt64(0)..<4)
  func inputAlone(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let center: [Double] = random.gaussianVector(60)
    let network = LoweredNetwork(nodes: [.init(name: "input", kind: .input, count: 60)])
    let functions: Matrix<Double> = random.gaussianMatrix(rows: 40, columns: 60, deviation: 1)
    for region in [Region.ball(center: center, radius: 1e-300), .box(lower: center, upper: center)] {
      for (row, bound) in try BoundPropagation(network, region: region).lowerBounds(of: functions).enumerated() {
        let exact = zip(functions.row(row), center).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * Dyadic($1.1) }
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
