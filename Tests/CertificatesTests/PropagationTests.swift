import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite("Bound propagation")
struct PropagationTests {
  static func regions(_ count: Int, seed: UInt64, radius: Double) -> [Region] {
    var random = SplitMix64(seed: seed)
    let center: [Double] = random.gaussianVector(count)
    return [.ball(center: center, radius: radius), .around(center, radius: radius, norm: .lInfinity)]
  }

  /// Points of a region, most of them on its boundary.
  static func points(_ region: Region, count: Int, seed: UInt64) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { k in
      switch region {
      case .global: return []
      case .ball(let center, let radius):
        let direction: [Double] = random.gaussianVector(center.count)
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let length = radius * (k.isMultiple(of: 4) ? random.nextUniform() : 1 - 1e-12)
        return zip(center, direction).map { $0 + length * $1 / norm }
      case .box(let lower, let upper):
        return zip(lower, upper).map { Bool.random(using: &random) ? $0 : $1 }
      }
    }
  }

  static func randomSlopes(_ network: LoweredNetwork, seed: UInt64) -> RelaxationSlopes {
    var random = SplitMix64(seed: seed)
    func lists() -> [[Double]] { network.activationNodes.map { random.gaussianVector(network.nodes[$0].count) } }
    return RelaxationSlopes(lower: lists(), upper: lists())
  }

  /// All values at points of the region lie in the intervals and above the lower bounds, with the best slopes and with random ones.
  @Test("Every value lies within its bounds", arguments: try TestNetworks.all() + TestNetworks.uncertain() + TestNetworks.pools())
  func boundsHold(test: TestCase) throws {
    let network = try test.lowered
    let prepared = try PropagationNetwork(network)
    var random = SplitMix64(seed: 77)
    let rows: Matrix<Double> = random.gaussianMatrix(rows: 40, columns: network.outputCount, deviation: 1)
    for (k, radius) in [1e-9, 0.1, 0.7, 20].enumerated() {
      for region in Self.regions(network.inputCount, seed: UInt64(k), radius: radius) {
        let slopes = Self.randomSlopes(network, seed: UInt64(k))
        let interval = try BoundPropagation(prepared, region: region, tightening: .none)
        let plain = try BoundPropagation(prepared, region: region)
        let full = try BoundPropagation(prepared, region: region, tightening: .all, inside: interval)
        let wild = try BoundPropagation(
          prepared, region: region, tightening: .all,
          slopes: Dictionary(uniqueKeysWithValues: network.nodes.indices.map { ($0, slopes) }))
        let lower = try [
          interval.lowerBounds(of: rows), plain.lowerBounds(of: rows), full.lowerBounds(of: rows),
          full.lowerBounds(of: rows, slopes: [slopes]),
          wild.lowerBounds(of: rows, slopes: (0..<rows.rows).map { Self.randomSlopes(network, seed: UInt64($0)) }),
        ]
        for i in 0..<rows.rows { #expect(lower[0][i] <= lower[2][i] && lower[1][i] <= lower[2][i] + 1e-9 * (1 + lower[2][i].magnitude)) }
        for x in Self.points(region, count: 40, seed: UInt64(k)) {
          let values = ForwardProofTests.values(network, x)
          for bounds in [interval, plain, full, wild] {
            for (node, value) in values.enumerated() {
              let (low, high, size) = (bounds.intervals.lower[node], bounds.intervals.upper[node], bounds.intervals.magnitudes(node))
              let outside = value.indices.filter { i in
                let slack = 1e-12 * (1 + size[i])
                return !(low[i] <= value[i] + slack && value[i] - slack <= high[i])
              }
              #expect(outside.isEmpty, "\(test.name), node \(node), radius \(radius)")
            }
          }
          let outputs = values[network.nodes.count - 1]
          for i in 0..<rows.rows {
            let margin = zip(rows.row(i), outputs).reduce(0) { $0 + $1.0 * $1.1 }
            for bound in lower { #expect(bound[i] <= margin + 1e-11 * (1 + margin.magnitude), "\(test.name), row \(i), radius \(radius)") }
          }
        }
      }
    }
  }

  static func perceptron(_ widths: [Int], seed: UInt64) throws -> LoweredNetwork {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "x", shape: [1, widths[0]])
    for (k, (m, n)) in zip(widths.dropFirst(), widths).enumerated() {
      if k > 0 { node = try network.add(.activation(.relu), name: "relu \(k)", to: [node]) }
      let weight: Matrix<Double> = random.gaussianMatrix(rows: m, columns: n, deviation: (2 / Double(n)).squareRoot())
      node = try network.add(.dense(weight: weight, bias: random.gaussianVector(m)), name: "dense \(k)", to: [node])
    }
    try network.setOutputs([node])
    return try network.lowered()
  }

  /// CROWN for chains of dense ReLU layers, written out.
  static func crown(_ network: LoweredNetwork, _ region: Region) -> (lower: [[Double]], upper: [[Double]]) {
    var layers: [(Matrix<Double>, [Double])] = []
    for node in network.nodes {
      if case .affine(let terms, let bias) = node.kind, let map = terms[0].map {
        layers.append((map.denseMatrix(), bias ?? [Double](repeating: 0, count: node.count)))
      }
    }
    var (lower, upper): ([[Double]], [[Double]]) = ([], [])
    for k in layers.indices {
      func bound(_ sign: Double) -> [Double] {
        (0..<layers[k].1.count).map { i in
          var a = (0..<layers[k].0.columns).map { sign * layers[k].0[i, $0] }
          var constant = sign * layers[k].1[i]
          for j in stride(from: k - 1, through: 0, by: -1) {
            for u in a.indices {
              let (l, h) = (lower[j][u], upper[j][u])
              if h <= 0 {
                a[u] = 0
              } else if l < 0 {
                let chord = h / (h - l)
                if a[u] < 0 { constant -= a[u] * chord * l }
                a[u] *= a[u] < 0 ? chord : h > -l ? 1 : 0
              }
            }
            constant += zip(a, layers[j].1).reduce(0) { $0 + $1.0 * $1.1 }
            a = (0..<layers[j].0.columns).map { c in a.indices.reduce(0) { $0 + a[$1] * layers[j].0[$1, c] } }
          }
          switch region {
          case .global: return -.infinity
          case .ball(let center, let radius):
            return constant + zip(a, center).reduce(0) { $0 + $1.0 * $1.1 } - radius * a.reduce(0) { $0 + $1 * $1 }.squareRoot()
          case .box(let low, let high): return a.indices.reduce(constant) { $0 + min(a[$1] * low[$1], a[$1] * high[$1]) }
          }
        }
      }
      lower.append(bound(1))
      upper.append(bound(-1).map { -$0 })
    }
    return (lower, upper)
  }

  /// The engine is CROWN's, apart from what interval arithmetic adds and from signs that are known without it.
  @Test("Agrees with CROWN written out", arguments: [UInt64(1), 2, 3])
  func agreesWithCROWN(seed: UInt64) throws {
    let network = try Self.perceptron([7, 37, 50, 5], seed: seed)
    for region in Self.regions(7, seed: seed, radius: 0.2) {
      let bounds = try BoundPropagation(network, region: region, tightening: .all)
      let oracle = Self.crown(network, region)
      // Bounds of layers: where intervals help, lines change, so only the first two layers are equal or better throughout.
      for (layer, node) in [1, 3].enumerated() {
        for i in oracle.lower[layer].indices {
          #expect(bounds.intervals.lower[node][i] >= oracle.lower[layer][i] - 1e-9)
          #expect(bounds.intervals.upper[node][i] <= oracle.upper[layer][i] + 1e-9)
        }
      }
      let margins = try bounds.lowerBounds(of: .identity(5))
      let interval = try BoundPropagation(network, region: region, tightening: .none).lowerBounds(of: .identity(5))
      for i in 0..<5 { #expect(margins[i] >= max(oracle.lower[2][i] - 1e-2 * abs(oracle.lower[2][i]), interval[i])) }
    }
  }

  /// Blocks of rows that reach few units give what products of whole matrices give.
  @Test("Convolutions are bounded like the matrices they are", arguments: [UInt64(1), 2])
  func agreesWithMatrices(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "x", shape: [1, 2, 8, 8])
    for (k, (m, n)) in [(6, 2), (7, 6), (5, 7)].enumerated() {
      let weight: Matrix<Double> = random.gaussianMatrix(rows: m, columns: 9 * n, deviation: (2 / Double(9 * n)).squareRoot())
      let convolution = Operation.Convolution(
        weight: weight, bias: random.gaussianVector(m), kernel: [3, 3], strides: [k == 1 ? 2 : 1, 1], padBefore: [1, 1], padAfter: [1, 1])
      node = try network.add(.convolution(convolution), name: "convolution \(k)", to: [node])
      node = try network.add(.activation(.relu), name: "relu \(k)", to: [node])
    }
    let flat = try network.add(.reshape([1, 160]), name: "flat", to: [node])
    let last: Matrix<Double> = random.gaussianMatrix(rows: 4, columns: 160, deviation: 0.1)
    try network.setOutputs([try network.add(.dense(weight: last, bias: nil), name: "last", to: [flat])])
    let local = try network.lowered()
    let dense = LoweredNetwork(
      nodes: local.nodes.map { node in
        guard case .affine(let terms, let bias) = node.kind else { return node }
        let matrices = terms.map { LoweredNetwork.Term(source: $0.source, map: $0.map.map { DenseMap(weight: $0.denseMatrix()) }) }
        return .init(name: node.name, kind: .affine(terms: matrices, bias: bias), count: node.count)
      })
    for region in Self.regions(128, seed: seed, radius: 0.02) {
      let bounds = try [local, dense].map { try BoundPropagation($0, region: region) }
      for node in local.nodes.indices {
        for i in 0..<local.nodes[node].count {
          #expect(abs(bounds[0].intervals.lower[node][i] - bounds[1].intervals.lower[node][i]) < 1e-10)
          #expect(abs(bounds[0].intervals.upper[node][i] - bounds[1].intervals.upper[node][i]) < 1e-10)
        }
      }
      // The second time the same blocks are used again.
      for _ in 0..<2 {
        let margins = try bounds.map { try $0.lowerBounds(of: .identity(4)) }
        for i in 0..<4 { #expect(abs(margins[0][i] - margins[1][i]) < 1e-10) }
      }
    }
  }

  @Test("Nobody shares a block of rows, and blocks are used again")
  func blocksAreExclusive() throws {
    let network = try Self.perceptron([3, 4, 2], seed: 1)
    let pool = RowBlockPool()
    let (first, second) = pool.withBlock(of: network) { a in pool.withBlock(of: network) { (a, $0) } }
    #expect(first !== second)
    let (third, fourth) = pool.withBlock(of: network) { a in pool.withBlock(of: network) { (a, $0) } }
    #expect(third !== fourth)
    #expect([first, second].contains { $0 === third } && [first, second].contains { $0 === fourth })
  }

  /// Values in exact arithmetic lie in the intervals although these are only rounding errors wide.
  @Test("Rounding is covered", arguments: [UInt64(1), 2, 3, 4])
  func roundingIsCovered(seed: UInt64) throws {
    let network = try Self.perceptron([5, 24, 24, 24, 3], seed: seed)
    var random = SplitMix64(seed: seed)
    let center: [Double] = random.gaussianVector(5)
    var values = center.map { Dyadic($0) }
    let regions: [Region] = [.ball(center: center, radius: 1e-300), .box(lower: center, upper: center)]
    let bounds = try regions.map { try BoundPropagation(network, region: $0, tightening: .all) }
    for (index, node) in network.nodes.enumerated().dropFirst() {
      if case .affine(let terms, let bias) = node.kind, let matrix = terms[0].map?.denseMatrix() {
        values = (0..<node.count).map { i in
          (0..<matrix.columns).reduce(Dyadic(bias?[i] ?? 0)) { $0 + Dyadic(matrix[i, $1]) * values[$1] }
        }
      } else {
        values = values.map { $0.isNegative ? .zero : $0 }
      }
      for (i, value) in values.enumerated() {
        for bounds in bounds {
          #expect(!(value + -Dyadic(bounds.intervals.lower[index][i])).isNegative)
          #expect(!(Dyadic(bounds.intervals.upper[index][i]) + -value).isNegative)
          #expect(bounds.intervals.upper[index][i] - bounds.intervals.lower[index][i] < 1e-10)
        }
      }
    }
    for bounds in bounds {
      let lower = try bounds.lowerBounds(of: .identity(3))
      for i in 0..<3 { #expect(!(values[i] + -Dyadic(lower[i])).isNegative) }
    }
  }

  /// Every unit's slack is at least what its definition asks, for sums over all units: γ (Σ |A| X + |b|) + Σ R X, and γ (|s| X + |t|) for
  /// the steepest lines s x + t.
  @Test("Slacks cover all roundings", arguments: try TestNetworks.structures() + TestNetworks.uncertain() + TestNetworks.pools())
  func slacks(test: TestCase) throws {
    let lowered = try test.lowered
    let network = try PropagationNetwork(lowered)
    var random = SplitMix64(seed: 3)
    let center: [Double] = random.gaussianVector(lowered.inputCount)
    let region = Region.ball(center: center, radius: 0.4)
    var intervals = try NodeIntervals(input: region, count: lowered.inputCount)
    var pass = try BackwardPass(network, region: region)
    let γ = ErrorBounds.gamma(lowered.nodes.reduce(0) { $0 + $1.count })
    for i in center.indices { #expect(pass.slacks[0][i] >= γ * intervals.magnitudes(0)[i]) }
    for node in network.steps.indices.dropFirst() {
      let (sizes, spreads) = try intervals.append(node, of: network)
      switch network.steps[node] {
      case .input: break
      case .affine(_, let bias):
        pass.append(sizes: sizes, spreads: spreads)
        guard case .affine(let terms, _) = lowered.nodes[node].kind else { continue }
        var expected = bias.map { γ * $0.magnitude }
        for term in terms {
          let x = intervals.magnitudes(term.source)
          guard let rows = term.map?.sparseRows() else {
            for i in expected.indices { expected[i] += γ * x[i] }
            continue
          }
          for i in expected.indices {
            for k in rows.starts[i]..<rows.starts[i + 1] {
              expected[i] += (γ * rows.values[k].magnitude + (rows.radii.isEmpty ? 0 : rows.radii[k])) * x[rows.columns[k]]
            }
          }
        }
        for i in expected.indices { #expect(pass.slacks[node][i] >= expected[i] * (1 - 1e-9)) }
      case .activation(let source, let units):
        let ((lower, upper), x) = (intervals[source], intervals.magnitudes(source))
        let base = NodeRelaxation(units, lower: lower, upper: upper)
        pass.append(base, source: source, magnitudes: x)
        let rows = (0..<20).map { _ in
          (lower: random.gaussianVector(x.count) as [Double], upper: random.gaussianVector(x.count) as [Double])
        }
        let steep = base.replacing(rows, width: 32, units: units, lower: lower, upper: upper)
        for (lines, slacks) in [(base, pass.slacks[node]), (steep, pass.slack(of: steep, source: source, magnitudes: x))] {
          for k in lines.lowerSlopes.indices {
            let i = k / max(1, lines.stride)
            #expect(slacks[i] >= γ * (lines.lowerSlopes[k].magnitude * x[i] + lines.lowerIntercepts[k].magnitude))
            #expect(slacks[i] >= γ * (lines.upperSlopes[k].magnitude * x[i] + lines.upperIntercepts[k].magnitude))
          }
        }
      case .increment(let increments):
        pass.append(
          NodeRelaxation(increments, node: node, intervals: intervals), source: increments.source,
          magnitudes: intervals.magnitudes(increments.source))
      case .maximum(let maxima):
        let ((lower, upper), x) = (intervals[maxima.source], intervals.magnitudes(maxima.source))
        let lines = NodeRelaxation(maxima, lower: lower, upper: upper)
        pass.append(lines, source: maxima.source, magnitudes: x)
        let units = try #require(lines.units)
        for i in 0..<maxima.count {
          #expect(pass.slacks[node][i] >= γ * x[units.lower[i]])
          #expect(pass.slacks[node][i] >= γ * (lines.upperSlopes[i] * x[units.upper[i]] + lines.upperIntercepts[i].magnitude))
        }
      }
    }
  }

  @Test("Weights that are no numbers prove nothing", arguments: [Double.nan, .infinity, 1e200])
  func wildWeights(value: Double) throws {
    let good = try Self.perceptron([3, 4, 2], seed: 1)
    for wild in 1..<good.nodes.count {
      let nodes = good.nodes.enumerated().map { index, node -> LoweredNetwork.Node in
        guard index == wild, case .affine(let terms, let bias) = node.kind, var matrix = terms[0].map?.denseMatrix() else { return node }
        matrix[0, 0] = value
        return .init(
          name: node.name, kind: .affine(terms: [.init(source: terms[0].source, map: DenseMap(weight: matrix))], bias: bias),
          count: node.count)
      }
      guard case .affine = good.nodes[wild].kind else { continue }
      #expect(throws: NotProved.self) {
        try BoundPropagation(LoweredNetwork(nodes: nodes), region: .ball(center: [0, 0, 0], radius: 1)).lowerBounds(of: .identity(2))
      }
    }
    #expect(throws: NotProved.self) {
      try BoundPropagation(good, region: .ball(center: [0, 0, 0], radius: 1))
        .lowerBounds(of: Matrix(rows: 1, columns: 2, elements: [value, 1]))
    }
  }

  /// A normalisation of the input changes nothing, whether it is written as operations or folded into the first layer.
  @Test func normalisationIsNeutral() throws {
    var random = SplitMix64(seed: 9)
    let mean: [Double] = random.gaussianVector(6)
    let scale = (0..<6).map { _ in 0.25 + random.nextUniform() }
    let w: Matrix<Double> = random.gaussianMatrix(rows: 9, columns: 6, deviation: 1)
    let v: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: 9, deviation: 1)
    func network(_ build: (inout Network, Int) throws -> Int) throws -> LoweredNetwork {
      var network = Network()
      var node = network.addInput(name: "x", shape: [1, 6])
      node = try build(&network, node)
      node = try network.add(.activation(.relu), name: "relu", to: [node])
      try network.setOutputs([try network.add(.dense(weight: v, bias: nil), name: "last", to: [node])])
      return try network.lowered()
    }
    let written = try network {
      let centered = try $0.add(.addConstant(.init(shape: [1, 6], values: mean.map { -$0 }), sign: 1), name: "sub", to: [$1])
      let scaled = try $0.add(.divideConstant(.init(shape: [1, 6], values: scale)), name: "div", to: [centered])
      return try $0.add(.dense(weight: w, bias: nil), name: "first", to: [scaled])
    }
    let normalised = try network {
      let norm = try $0.add(
        .batchNormalization(
          .init(
            scale: [Double](repeating: 1, count: 6), shift: [Double](repeating: 0, count: 6), mean: mean, variance: scale.map { $0 * $0 },
            epsilon: 0)),
        name: "norm", to: [$1])
      return try $0.add(.dense(weight: w, bias: nil), name: "first", to: [norm])
    }
    let folded = try network {
      var weight = w
      for i in 0..<9 { for j in 0..<6 { weight[i, j] /= scale[j] } }
      let bias = (0..<9).map { i in -(0..<6).reduce(0) { $0 + weight[i, $1] * mean[$1] } }
      return try $0.add(.dense(weight: weight, bias: bias), name: "first", to: [$1])
    }
    for region in Self.regions(6, seed: 2, radius: 0.4) {
      let bounds = try [written, normalised, folded].map { try BoundPropagation($0, region: region).lowerBounds(of: .identity(3)) }
      for i in 0..<3 {
        #expect(abs(bounds[0][i] - bounds[2][i]) < 1e-9 && abs(bounds[1][i] - bounds[2][i]) < 1e-9)
        #expect(bounds[2][i].isFinite)
      }
    }
  }

  @Test func smallerRegionsReuseBounds() throws {
    let network = try PropagationNetwork(Self.perceptron([5, 30, 30, 4], seed: 6))
    let center = [0.1, -0.2, 0.3, 0.5, -0.7]
    let outer = try BoundPropagation(network, region: .ball(center: center, radius: 0.5))
    let inner = Region.ball(center: center, radius: 0.2)
    let (fresh, reused) = try (BoundPropagation(network, region: inner), BoundPropagation(network, region: inner, inside: outer))
    for (a, b) in zip(try fresh.lowerBounds(of: .identity(4)), try reused.lowerBounds(of: .identity(4))) {
      #expect(abs(a - b) < 0.05 * (1 + abs(a)))
    }
    // A region that is not inside is not helped.
    let larger = Region.ball(center: center, radius: 0.9)
    #expect(try BoundPropagation(network, region: larger, inside: outer).intervals == BoundPropagation(network, region: larger).intervals)
  }

  @Test func refusals() throws {
    let network = try Self.perceptron([3, 4, 2], seed: 1)
    #expect(throws: NotProved.self) { try BoundPropagation(network, region: .global) }
    #expect(throws: NotProved.self) { try BoundPropagation(network, region: .ball(center: [0, 0], radius: 1)) }
    #expect(throws: NotProved.self) { try BoundPropagation(network, region: .ball(center: [0, 0, 0], radius: .nan)) }
    #expect(throws: NotProved.self) { try BoundPropagation(network, region: .box(lower: [0, 0, 1], upper: [1, 1, 0])) }
    #expect(throws: NotProved.self) { try BoundPropagation(network, region: .ball(center: [0, 0, 0], radius: 1), isCancelled: { true }) }
    let bounds = try BoundPropagation(network, region: .ball(center: [0, 0, 0], radius: 1))
    #expect(throws: NotProved.self) { try bounds.lowerBounds(of: .identity(2), slopes: [RelaxationSlopes(lower: [[1]], upper: [[]])]) }
  }

  @Test func slopesRoundTrip() throws {
    let network = try Self.perceptron([3, 4, 2], seed: 1)
    let slopes = Self.randomSlopes(network, seed: 4)
    #expect(try JSONDecoder().decode(RelaxationSlopes.self, from: JSONEncoder().encode(slopes)) == slopes)
    #expect(slopes.fits(network) && RelaxationSlopes(default: network).fits(network))
  }
}
