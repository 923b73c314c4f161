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
}
