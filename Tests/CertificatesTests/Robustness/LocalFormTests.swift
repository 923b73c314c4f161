import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite("Local forms")
struct LocalFormTests {
  static let cases: [TestCase] = (try? TestNetworks.perceptrons() + TestNetworks.structures() + TestNetworks.uncertain()) ?? []

  /// Values of every node at an input, in floating point.
  private func values(_ network: LoweredNetwork, _ input: [Double]) throws -> [[Double]] {
    try CentreEnclosure(network, input: input).midpoints
  }

  @Test("Increments are those of the network", arguments: LocalFormTests.cases)
  func increments(test: TestCase) throws {
    let network = try test.lowered
    guard let prepared = try? IncrementNetwork(network) else { return }
    var random = SplitMix64(seed: 3)
    for radius in [0.1, 1.5] {
      let center = (0..<network.inputCount).map { _ in random.nextGaussian() }
      let region = Region.ball(center: center, radius: radius)
      let bounds = try BoundPropagation(network, region: region)
      let rows = RobustnessChecker.marginRows(0, outputCount: network.outputCount)
      let form = try LocalForm(prepared, center: center, region: region, intervals: bounds.intervals, rows: rows)
      let before = try values(network, center)
      for _ in 0..<20 {
        let direction = (0..<network.inputCount).map { _ in random.nextGaussian() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let dx = direction.map { $0 / length * radius * (1 - 1e-12) }
        let x = zip(center, dx).map { $0 + $1 }
        let after = try values(network, x)
        let nodes = network.activationNodes.map { node -> Int in
          if case .activation(let source, _) = network.nodes[node].kind { source } else { node }
        }
        let p = form.units.map { after[nodes[$0.position]][$0.index] - before[nodes[$0.position]][$0.index] }
        let h = form.units.map { unit in
          let node = network.activationNodes[unit.position]
          return after[node][unit.index] - before[node][unit.index]
        }
        for (i, unit) in form.units.enumerated() {
          let linear =
            zip(form.inputRows.row(i), dx).reduce(0) { $0 + $1.0 * $1.1 } + zip(form.coupling.row(i), h).reduce(0) { $0 + $1.0 * $1.1 }
          #expect((linear - p[i]).magnitude <= unit.error + 1e-9)
          #expect(unit.interval.contains(after[nodes[unit.position]][unit.index]))
          for j in i..<form.units.count { #expect(form.coupling[i, j] == 0) }
        }
        for (k, target) in form.targets.enumerated() {
          let row = form.inputRows.row(form.units.count + k)
          let linear =
            target.margin + zip(row, dx).reduce(0) { $0 + $1.0 * $1.1 } + zip(target.units, h).reduce(0) { $0 + $1.0 * $1.1 }
          let value = zip(rows.row(k), after[after.count - 1]).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(linear <= value + 1e-9 && linear > value - 1e-6)
        }
        // z = L⁻¹ A dx is not longer than dx.
        let image = form.inputRows.multiplied(by: dx)
        let z = try InputFactor(form.inputRows).factor.solvedTriangular(.lower, image)
        #expect(z.reduce(0) { $0 + $1 * $1 }.squareRoot() <= radius * (1 + 1e-9))
      }
    }
  }

  @Test("A point outside the region, rows that do not fit and too many units are refused")
  func refusals() throws {
    let network = try TestNetworks.single().lowered
    let prepared = try IncrementNetwork(network)
    let region = Region.ball(center: [0, 0], radius: 1)
    let intervals = try BoundPropagation(network, region: region).intervals
    let rows = RobustnessChecker.marginRows(0, outputCount: 2)
    #expect(throws: NotProved.self) {
      try LocalForm(prepared, center: [0, 0.5], region: region, intervals: intervals, rows: rows)
    }
    #expect(throws: NotProved.self) { try LocalForm(prepared, center: [0], region: region, intervals: intervals, rows: rows) }
    #expect(throws: NotProved.self) {
      try LocalForm(prepared, center: [0, 0], region: region, intervals: intervals, rows: Matrix(rows: 1, columns: 3))
    }
    #expect(throws: NotProved.self) {
      try LocalForm(prepared, center: [0, 0], region: region, intervals: intervals, rows: rows, unitLimit: 0)
    }
  }

  /// The values of all nodes in exact arithmetic, for ReLU and leaky ReLU.
  private func exactValues(_ network: LoweredNetwork, _ input: [Double]) -> [[Dyadic]] {
    var values = [input.map { Dyadic($0) }]
    for node in network.nodes.dropFirst() {
      switch node.kind {
      case .input: break
      case .affine(let terms, let bias):
        var result = (0..<node.count).map { Dyadic(bias?[$0] ?? 0) }
        for term in terms {
          guard let rows = term.map?.sparseRows() else { continue }
          for i in 0..<node.count {
            for k in rows.starts[i]..<rows.starts[i + 1] {
              result[i] = result[i] + Dyadic(rows.values[k]) * values[term.source][rows.columns[k]]
            }
          }
        }
        values.append(result)
      case .activation(let source, let units):
        let slopes = (0..<node.count).map { units.activation(of: $0).globalSector.lower }
        values.append(values[source].enumerated().map { $1.isNegative ? Dyadic(slopes[$0]) * $1 : $1 })
      }
    }
    return values
  }

  @Test("Increments differ from the rows' by no more than δ in exact arithmetic, where coefficients cancel", arguments: [1, 1e3, 1e9])
  func roundings(size: Double) throws {
    var random = SplitMix64(seed: 4)
    var count = 0
    for _ in 0..<12 {
      func matrix(_ rows: Int, _ columns: Int, _ scale: Double = 1) -> Matrix<Double> {
        Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in scale * random.nextGaussian() })
      }
      func dense(_ source: Int, _ weight: Matrix<Double>, bias: [Double]) -> LoweredNetwork.Kind {
        .affine(terms: [.init(source: source, map: DenseMap(weight: weight))], bias: bias)
      }
      // Units 2i and 2i + 1 are nearly the same, and what follows takes their difference.
      var (first, second) = (matrix(8, 2), matrix(6, 8, size))
      for i in 0..<4 {
        for k in 0..<2 { first[2 * i + 1, k] = first[2 * i, k] * (1 + random.nextGaussian() / size) }
        for k in 0..<6 { second[k, 2 * i + 1] = -second[k, 2 * i] * (1 + random.nextGaussian() / size) }
      }
      // Half of the pairs are on the one side of zero, half on the other, where the slope is not a power of two.
      let signs = (0..<8).map { $0 / 2 % 2 == 0 ? 8.0 : -8.0 }
      let (center, radius) = ([0.25, -0.5], 0.125)
      // The second layer's units bend near the centre.
      let p = zip(first.multiplied(by: center), signs).map { $0 + $1 }
      let bias = second.multiplied(by: p.map { $0 > 0 ? $0 : 0.3 * $0 }).map { -$0 }
      let network = LoweredNetwork(nodes: [
        .init(name: "x", kind: .input, count: 2), .init(name: "p", kind: dense(0, first, bias: signs), count: 8),
        .init(name: "h", kind: .activation(source: 1, units: .uniform(.leakyReLU(slope: 0.3))), count: 8),
        .init(name: "q", kind: dense(2, second, bias: bias), count: 6),
        .init(name: "g", kind: .activation(source: 3, units: .uniform(.relu)), count: 6),
        .init(name: "y", kind: dense(4, matrix(2, 6), bias: [0.5, 0]), count: 2),
      ])
      let region = Region.ball(center: center, radius: radius)
      let intervals = try BoundPropagation(network, region: region).intervals
      let form = try LocalForm(
        try IncrementNetwork(network), center: center, region: region, intervals: intervals,
        rows: Matrix(rows: 2, columns: 2, elements: [1, -1, 0.3, 0.7]))
      count += form.units.count
      let before = exactValues(network, center)
      for dx in [[radius, 0], [-radius, 0], [0, radius], [0, -radius], [0.6 * radius, 0.75 * radius], [-0.5 * radius, 0.5 * radius]] {
        let after = exactValues(network, [center[0] + dx[0], center[1] + dx[1]])
        func move(_ node: Int, _ i: Int) -> Dyadic { after[node][i] + -before[node][i] }
        func linear(_ a: [Double], _ b: [Double]) -> Dyadic {
          let inputs = zip(a, dx).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * Dyadic($1.1) }
          return zip(b, form.units).reduce(inputs) { sum, entry in
            sum + Dyadic(entry.0) * move(entry.1.position == 0 ? 2 : 4, entry.1.index)
          }
        }
        for (i, unit) in form.units.enumerated() {
          let error = move(unit.position == 0 ? 1 : 3, unit.index) + -linear(form.inputRows.row(i), form.coupling.row(i))
          #expect(!(Dyadic(unit.error) + error).isNegative && !(Dyadic(unit.error) + -error).isNegative)
        }
        for (k, row) in [[1, -1], [0.3, 0.7]].enumerated() {
          let value = Dyadic(row[0]) * after[5][0] + Dyadic(row[1]) * after[5][1]
          let bound = Dyadic(form.targets[k].margin) + linear(form.inputRows.row(form.units.count + k), form.targets[k].units)
          #expect(!(value + -bound).isNegative)
        }
      }
    }
    #expect(count > 12)
  }

  /// At zero nothing but δ is taken off.
  @Test("Products of maps are rounded, and δ pays for it")
  func products() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<40 {
      let (u, v) = (random.nextGaussian(), 1e6 * random.nextGaussian())
      let w = -v * (1 + random.nextGaussian() * 1e-12)
      func dense(_ source: Int, _ column: [Double], rows: Int) -> LoweredNetwork.Kind {
        .affine(
          terms: [.init(source: source, map: DenseMap(weight: Matrix(rows: rows, columns: column.count / rows, elements: column)))],
          bias: nil)
      }
      // v u x + w u x, once as it is and once through a unit.
      let network = LoweredNetwork(nodes: [
        .init(name: "x", kind: .input, count: 1), .init(name: "u", kind: dense(0, [u, 1.5 * u], rows: 2), count: 2),
        .init(name: "p", kind: dense(1, [v, w / 1.5], rows: 1), count: 1),
        .init(name: "h", kind: .activation(source: 2, units: .uniform(.relu)), count: 1),
        .init(
          name: "y",
          kind: .affine(
            terms: [
              .init(source: 1, map: DenseMap(weight: Matrix(rows: 1, columns: 2, elements: [v, w / 1.5]))),
              .init(source: 3, map: DenseMap(weight: Matrix(rows: 1, columns: 1, elements: [1]))),
            ], bias: nil), count: 1),
      ])
      let region = Region.ball(center: [0], radius: 1)
      let form = try LocalForm(
        try IncrementNetwork(network), center: [0], region: region, intervals: try BoundPropagation(network, region: region).intervals,
        rows: Matrix(rows: 1, columns: 1, elements: [1]))
      #expect(form.units.count == 1)
      for x in [1.0, -1] {
        let values = exactValues(network, [x])
        let error = values[2][0] + -(Dyadic(form.inputRows[0, 0]) * Dyadic(x))
        #expect(!(Dyadic(form.units[0].error) + error).isNegative && !(Dyadic(form.units[0].error) + -error).isNegative)
        let bound =
          Dyadic(form.targets[0].margin) + Dyadic(form.inputRows[1, 0]) * Dyadic(x) + Dyadic(form.targets[0].units[0]) * values[3][0]
        #expect(!(values[4][0] + -bound).isNegative)
      }
    }
  }
}
