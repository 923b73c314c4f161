import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// A search for two inputs whose outputs are further apart than a proved bound allows.
struct PairSearch {
  let network: LoweredNetwork
  let norm: InputNorm
  /// The greatest difference quotient met.
  private(set) var largest = 0.0
  private(set) var pairCount = 0
  private var best: (x: [Double], step: [Double])?

  init(_ network: LoweredNetwork, norm: InputNorm) {
    self.network = network
    self.norm = norm
  }

  /// Evaluates |f(x + s) − f(x)| / |s| for rows x and s.
  mutating func evaluate(_ x: Matrix<Double>, _ s: Matrix<Double>) {
    var moved = x
    for index in moved.elements.indices { moved.elements[index] += s.elements[index] }
    let (a, b) = (network.forward(x), network.forward(moved))
    for row in 0..<x.rows {
      // The distance between the numbers as they are.
      let step = zip(moved.row(row), x.row(row)).map { $0 - $1 }
      let size = norm == .l2 ? step.reduce(0) { $0 + $1 * $1 }.squareRoot() : step.reduce(0) { max($0, $1.magnitude) }
      guard size > 1e-4 else { continue }
      let change = zip(a.row(row), b.row(row)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      pairCount += 1
      if change / size > largest {
        largest = change / size
        best = (x.row(row), step)
      }
    }
  }

  /// Random pairs near and far, then ascent from the best one.
  mutating func run(random count: Int, ascent rounds: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let n = network.inputCount
    for deviation in [0.5, 2, 6] {
      var x: Matrix<Double> = random.gaussianMatrix(rows: count / 3 + 1, columns: n, deviation: deviation)
      var s: Matrix<Double> = random.gaussianMatrix(rows: count / 3 + 1, columns: n)
      for row in 0..<x.rows {
        let scale = [0.01, 0.3, 3, 10][row % 4]
        for column in 0..<n {
          s[row, column] = scale * (norm == .l2 ? s[row, column] : (s[row, column] < 0 ? -1 : 1))
          if row % 8 >= 4 { x[row, column] -= s[row, column] / 2 }
        }
      }
      evaluate(x, s)
    }
    for round in 0..<rounds {
      guard let best else { return }
      let spread = round.isMultiple(of: 2) ? 0.3 : 0.03
      var x = Matrix<Double>(rows: 100, columns: n)
      var s = x
      for row in 0..<100 {
        for column in 0..<n {
          x[row, column] = best.x[column] + spread * random.nextGaussian()
          s[row, column] = best.step[column] * (1 + spread * random.nextGaussian())
          if norm == .l2 { s[row, column] += 0.1 * spread * random.nextGaussian() }
        }
      }
      evaluate(x, s)
    }
  }
}

@Suite struct SoundnessTests {
  /// No pair of inputs, out of more than 10⁴ for every network and norm, beats the proved bound.
  @Test(arguments: try TestNetworks.all() + TestNetworks.uncertain()) func noPairBeatsTheBound(_ test: TestCase) throws {
    let lowered = try test.lowered
    for (norm, output) in [(InputNorm.l2, OutputSelection.all), (.lInfinity, .difference(0, 1))] {
      let result = try ProvedBound(lowered, output: output, norm: norm)
      var search = PairSearch(result.network, norm: norm)
      search.run(random: 8400, ascent: 20, seed: 77)
      #expect(search.pairCount > 10_000)
      #expect(search.largest <= result.bound * (1 + 1e-9))
      // A search that gets nowhere near would show nothing.
      #expect(search.largest > 0.1 * result.bound)
    }
  }

  /// Where the exact constant is known it is proved, and nothing less.
  @Test func knownConstants() throws {
    func check(_ network: Network, multipliers: [[Double]], square: Double) throws {
      let lowered = try network.lowered()
      let proof = try GainProof(network: lowered, sectors: lowered.globalSectors, multipliers: multipliers)
      try proof.prove(inputWeights: Array(repeating: square * (1 + 1e-8), count: lowered.inputCount))
      #expect(throws: NotProved.self) {
        try proof.prove(inputWeights: Array(repeating: square * (1 - 1e-12), count: lowered.inputCount))
      }
    }
    // MaxMin after a rotation has slope 1 everywhere.
    var sorting = Network()
    var node = sorting.addInput(name: "input", shape: [1, 2])
    node = try sorting.add(.dense(weight: Matrix(rows: 2, columns: 2, elements: [0, 1, -1, 0]), bias: nil), name: "turn", to: [node])
    node = try sorting.add(.groupSort(size: 2, axis: 1), name: "sort", to: [node])
    try sorting.setOutputs([node])
    try check(sorting, multipliers: [[0.5 * (1 + 1e-9)]], square: 1)
    // |(3x, 4y)| has slope 4.
    var absolute = Network()
    node = absolute.addInput(name: "input", shape: [1, 2])
    node = try absolute.add(.dense(weight: Matrix(rows: 2, columns: 2, elements: [3, 0, 0, 4]), bias: nil), name: "scale", to: [node])
    node = try absolute.add(.activation(.absoluteValue), name: "absolute", to: [node])
    try absolute.setOutputs([node])
    try check(absolute, multipliers: [[1 + 1e-9, 1 + 1e-9]], square: 16)
  }
}
