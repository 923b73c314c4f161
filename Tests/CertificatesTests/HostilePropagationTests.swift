import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// Slopes, advisors and models made to break bounds.
@Suite("Hostile bound propagation")
struct HostilePropagationTests {
  private func chain(_ parts: [LoweredNetwork.Kind], counts: [Int]) -> LoweredNetwork {
    LoweredNetwork(nodes: zip(parts, counts).enumerated().map { .init(name: "node \($0)", kind: $1.0, count: $1.1) })
  }

  private func dense(_ source: Int, _ rows: [[Double]], bias: [Double]) -> LoweredNetwork.Kind {
    let weight = Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 })
    return .affine(terms: [.init(source: source, map: DenseMap(weight: weight))], bias: bias)
  }

  /// max(0, Σ xᵢ + 6) − ½ is −½ at the centre. With a steep line the constant 6 is multiplied beyond the largest number, while everything that
  /// is taken off stays below it.
  @Test("A sum that overflows is no bound")
  func overflow() throws {
    let network = chain(
      [
        .input, dense(0, [[Double](repeating: 1, count: 8)], bias: [6]), .activation(source: 1, units: .uniform(.relu)),
        dense(2, [[1], [0]], bias: [-0.5, 0]),
      ],
      counts: [8, 1, 1, 2])
    let slopes = RelaxationSlopes(lower: [[0.8e308]], upper: [[]])
    let statement = RobustnessCertificate.Statement(norm: .lInfinity, center: [Double](repeating: -0.75, count: 8), radius: 0.125, label: 0)
    let bounds = try BoundPropagation(network, region: .around(statement.center, radius: statement.radius, norm: .lInfinity))
    #expect(try bounds.lowerBounds(of: Matrix(rows: 1, columns: 2, elements: [1, -1]), slopes: [slopes])[0] <= -0.5)
    let certificate = RobustnessCertificate(
      generator: "test", network: network, statement: statement, rivals: [.init(rival: 1, proof: .linear(slopes))])
    #expect(throws: NotProved.self) { try RobustnessChecker.check(certificate, of: network) }
  }

  /// Steep lines after steep lines give infinite coefficients, and these times the zeros that pad a matrix are not numbers.
  @Test("Coefficients that overflow leave nothing behind for the next rows")
  func nothingIsLeft() throws {
    let network = try PropagationTests.perceptron([5, 7, 6, 20], seed: 4)
    let bounds = try BoundPropagation(network, region: .ball(center: [0.3, -0.2, 0.5, 0.1, -0.4], radius: 2))
    let rows = Matrix<Double>.identity(20)
    let expected = try bounds.lowerBounds(of: rows)
    #expect(expected.allSatisfy { $0.isFinite })
    let steep = network.activationNodes.map { [Double](repeating: 1e308, count: network.nodes[$0].count) }
    // Half blocks of rows lie elsewhere than whole ones.
    for count in [3, 20] {
      let wild = try bounds.lowerBounds(of: rows.selecting(rows: Array(0..<count)), slopes: [RelaxationSlopes(lower: steep, upper: steep)])
      for k in 0..<count { #expect(wild[k] <= expected[k]) }
      #expect(try bounds.lowerBounds(of: rows) == expected)
      #expect(try bounds.lowerBounds(of: rows.selecting(rows: [0, 1])) == Array(expected[..<2]))
    }
  }

  private struct Advisor: SlopeAdvisor {
    let count: Int
    let network: LoweredNetwork

    /// Flat upper lines for the rows beyond a block's, none for the block's own.
    func slopes(for rows: [BackwardRow], of node: Int, intervals: NodeIntervals, region: Region) -> [RelaxationSlopes] {
      (0..<count).map { row in
        let lists = network.activationNodes.map { [Double](repeating: row < 32 ? .nan : 0, count: network.nodes[$0].count) }
        return RelaxationSlopes(lower: lists, upper: lists)
      }
    }
  }

  @Test("An advisor may answer too many or too few slopes", arguments: [0, 1, 3, 16, 17, 31, 32, 33, 40, 64])
  func advisor(count: Int) throws {
    let network = try PropagationTests.perceptron([3, 12, 20, 2], seed: 3)
    let region = Region.ball(center: [0.3, -0.2, 0.5], radius: 5)
    let bounds = try BoundPropagation(network, region: region, advisor: Advisor(count: count, network: network))
    for x in PropagationTests.points(region, count: 300, seed: 8) {
      for (node, values) in ForwardProofTests.values(network, x).enumerated() {
        for (i, v) in values.enumerated() {
          let slack = 1e-12 * (1 + v.magnitude)
          #expect(bounds.intervals.lower[node][i] <= v + slack && v - slack <= bounds.intervals.upper[node][i])
        }
      }
    }
  }

  @Test("Values beyond the largest number prove nothing", arguments: [1e308, -1e308])
  func steepUnits(slope: Double) throws {
    let network = chain(
      [
        .input, dense(0, [[0x1p+149]], bias: [0]), .activation(source: 1, units: .uniform(.leakyReLU(slope: slope))),
        dense(2, [[1]], bias: [0]),
      ],
      counts: [1, 1, 1, 1])
    for radius in [1, 0x1p+120] {
      #expect(throws: NotProved.self) { try BoundPropagation(network, region: .ball(center: [0], radius: radius)) }
    }
  }

  @Test("Bounds of another network are not taken over")
  func otherNetwork() throws {
    let (first, second) = try (PropagationTests.perceptron([3, 6, 2], seed: 1), PropagationTests.perceptron([3, 6, 2], seed: 2))
    let region = Region.ball(center: [0.3, -0.2, 0.5], radius: 0.6)
    let other = try BoundPropagation(PropagationNetwork(first), region: region)
    let network = try PropagationNetwork(second)
    #expect(try BoundPropagation(network, region: region, inside: other).intervals == BoundPropagation(network, region: region).intervals)
  }
}
