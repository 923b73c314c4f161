import Certificates
import LinearAlgebra
import Lipschitz
import Networks
import Testing

@testable import Robustness

@Suite("Differences of two networks")
struct DifferenceTests {
  static func perceptron(_ widths: [Int], _ activation: Activation, seed: UInt64, noise: Double = 0, sparsity: Double = 0) throws -> Network
  {
    var random = SplitMix64(seed: seed)
    var other = SplitMix64(seed: seed &+ 555)
    var network = Network()
    var node = network.addInput(name: "x", shape: [1, widths[0]])
    for (k, (m, n)) in zip(widths.dropFirst(), widths).enumerated() {
      if k > 0 { node = try network.add(.activation(activation), name: "phi \(k)", to: [node]) }
      var weight: Matrix<Double> = random.gaussianMatrix(rows: m, columns: n, deviation: (2 / Double(n)).squareRoot())
      let bias: [Double] = random.gaussianVector(m)
      for i in weight.elements.indices {
        weight.elements[i] += noise * other.nextGaussian()
        if other.nextUniform() < sparsity { weight.elements[i] = 0 }
      }
      node = try network.add(.dense(weight: weight, bias: bias.map { 0.3 * $0 }), name: "dense \(k)", to: [node])
    }
    try network.setOutputs([node])
    return network
  }

  /// A residual network on images, with the weights' last bits rounded off when `digits` is given.
  static func residual(seed: UInt64, digits: Double? = nil) throws -> Network {
    var random = SplitMix64(seed: seed)
    func weights(_ rows: Int, _ columns: Int) -> Matrix<Double> {
      var matrix: Matrix<Double> = random.gaussianMatrix(rows: rows, columns: columns, deviation: 1 / Double(columns).squareRoot())
      if let digits { for i in matrix.elements.indices { matrix.elements[i] = (matrix.elements[i] * digits).rounded() / digits } }
      return matrix
    }
    func convolution(_ outputs: Int, _ inputs: Int) -> Networks.Operation {
      .convolution(.init(weight: weights(outputs, inputs * 9), kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1]))
    }
    var network = Network()
    let input = network.addInput(name: "x", shape: [1, 1, 5, 5])
    let first = try network.add(convolution(3, 1), name: "conv 1", to: [input])
    let h = try network.add(.activation(.relu), name: "relu 1", to: [first])
    let second = try network.add(convolution(3, 3), name: "conv 2", to: [h])
    let sum = try network.add(.sum(signs: [1, 1]), name: "sum", to: [second, h])
    let g = try network.add(.activation(.relu), name: "relu 2", to: [sum])
    let pool = try network.add(.maxPool(.init(kernel: [2, 2], strides: [2, 2])), name: "pool", to: [g])
    let count = network.nodes[pool].shape.count
    let flat = try network.add(.reshape([1, count]), name: "flat", to: [pool])
    try network.setOutputs([try network.add(.dense(weight: weights(4, count), bias: nil), name: "dense", to: [flat])])
    return network
  }

  /// Checks a bound against random points, corners and gradient ascent; returns it.
  @discardableResult
  static func check(_ a: Network, _ b: Network, _ region: Region, seed: UInt64) throws -> DifferenceBound {
    let problem = try DifferenceProblem(a, b)
    let bound = try problem.bound(on: region)
    let attained = try problem.attained(on: region, seed: seed)
    #expect(attained.difference <= bound.largest)
    #expect(attained.difference >= 0)
    var random = SplitMix64(seed: seed)
    let center = region.center
    for k in 0..<200 {
      let direction: [Double] = random.gaussianVector(center.count)
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let x: [Double]
      switch region {
      case .global: x = direction
      case .ball(_, let radius):
        x = zip(center, direction).map { $0 + 0.999_999 * radius * (k % 2 == 0 ? 1 : random.nextUniform()) * $1 / length }
      case .box(let lower, let upper):
        x = lower.indices.map { i in
          k % 2 == 0 ? (direction[i] < 0 ? lower : upper)[i] : lower[i] + random.nextUniform() * (upper[i] - lower[i])
        }
      }
      let point = Matrix(rows: 1, columns: x.count, elements: x)
      let (y, z) = (try a.forward(point).elements, try b.forward(point).elements)
      for i in y.indices {
        #expect(bound.lower[i] <= y[i] - z[i] + 1e-11 && y[i] - z[i] <= bound.upper[i] + 1e-11, "output \(i): \(y[i] - z[i])")
      }
    }
    let point = Matrix(rows: 1, columns: center.count, elements: attained.input)
    let there = zip(try a.forward(point).elements, try b.forward(point).elements).map { abs($0 - $1) }.max() ?? 0
    #expect(abs(there - attained.difference) <= 1e-9 * (1 + there))
    return bound
  }

  static func regions(_ count: Int, seed: UInt64) -> [Region] {
    var random = SplitMix64(seed: seed)
    let center: [Double] = (0..<count).map { _ in random.nextUniform() }
    return [
      .ball(center: center, radius: 0.2), .around(center, radius: 0.05, norm: .lInfinity, domain: 0...1),
      .box(lower: center.map { $0 - 0.3 }, upper: center),
    ]
  }

  @Test("Bounds hold for networks of one graph", arguments: [Activation.relu, .leakyReLU(slope: 0.2), .tanh, .silu])
  func commonGraphs(activation: Activation) throws {
    for seed in UInt64(1)...2 {
      let a = try Self.perceptron([5, 9, 8, 3], activation, seed: seed)
      for b in [
        try Self.perceptron([5, 9, 8, 3], activation, seed: seed, noise: 0.01),
        try Self.perceptron([5, 9, 8, 3], activation, seed: seed, sparsity: 0.3),
      ] {
        #expect(try DifferenceProblem(a, b).hasCommonGraph)
        for region in Self.regions(5, seed: seed) { try Self.check(a, b, region, seed: seed) }
      }
    }
  }

  @Test func otherArchitectures() throws {
    let a = try Self.perceptron([25, 7, 4], .relu, seed: 3)
    let b = try Self.residual(seed: 4)
    #expect(try !DifferenceProblem(a, b).hasCommonGraph)
    for region in Self.regions(25, seed: 5) {
      #expect(try Self.check(a, b, region, seed: 6).method == "propagation")
      #expect(try Self.check(b, a, region, seed: 6).method == "propagation")
    }
  }

  @Test func quantisedResidualNetwork() throws {
    let (a, b) = (try Self.residual(seed: 8), try Self.residual(seed: 8, digits: 256))
    for region in Self.regions(25, seed: 9) {
      let bound = try Self.check(a, b, region, seed: 10)
      #expect(bound.method == "increments" && bound.largest < 0.3)
    }
  }

  @Test("Bounds shrink with the differences of the weights")
  func nearlyEqual() throws {
    let a = try Self.perceptron([6, 20, 20, 4], .relu, seed: 11)
    let region = Self.regions(6, seed: 12)[1]
    let large = try Self.check(a, Self.perceptron([6, 20, 20, 4], .relu, seed: 11, noise: 1e-3), region, seed: 1).largest
    let small = try Self.check(a, Self.perceptron([6, 20, 20, 4], .relu, seed: 11, noise: 1e-6), region, seed: 1).largest
    #expect(small < 2e-3 * large)
    let none = try DifferenceProblem(a, a)
    #expect(try none.bound(on: region).largest < 1e-12)
    #expect(try none.attained(on: region, seed: 0).difference < 1e-12)
  }

  /// A scaled last layer: a − b = (1 − s) a.
  @Test func scaledNetworks() throws {
    let a = try Self.perceptron([4, 6, 2], .relu, seed: 13)
    var b = Network()
    for node in a.nodes {
      if case .input = node.operation {
        b.addInput(name: node.name, shape: node.shape)
      } else {
        try b.add(node.operation, name: node.name, to: node.inputs)
      }
    }
    let scaled = try b.add(.multiplyConstant(.init(shape: [1], values: [0.75])), name: "scale", to: [b.nodes.count - 1])
    try b.setOutputs([scaled])
    for region in Self.regions(4, seed: 14) {
      let bound = try Self.check(a, b, region, seed: 15)
      let own = try BoundPropagation(a.lowered(), region: region).intervals
      let largest = own.magnitudes(own.lower.count - 1).max() ?? 0
      #expect(bound.largest <= 0.25 * largest * 6)
    }
  }

  @Test("The difference of affine networks is known")
  func affine() throws {
    var random = SplitMix64(seed: 16)
    func network(_ w: Matrix<Double>, _ c: [Double], shape: Shape) throws -> Network {
      var network = Network()
      var node = network.addInput(name: "x", shape: shape)
      if shape.rank > 2 { node = try network.add(.reshape([1, shape.count]), name: "flat", to: [node]) }
      try network.setOutputs([try network.add(.dense(weight: w, bias: c), name: "dense", to: [node])])
      return network
    }
    let (v, w): (Matrix<Double>, Matrix<Double>) = (random.gaussianMatrix(rows: 3, columns: 4), random.gaussianMatrix(rows: 3, columns: 4))
    let (c, d): ([Double], [Double]) = (random.gaussianVector(3), random.gaussianVector(3))
    let center: [Double] = random.gaussianVector(4)
    // Also with inputs of other shapes.
    let problem = try DifferenceProblem(network(v, c, shape: [1, 4]), network(w, d, shape: [1, 1, 2, 2]))
    #expect(problem.hasCommonGraph)
    let ball = try problem.bound(on: .ball(center: center, radius: 0.7))
    let box = try problem.bound(on: .box(lower: center.map { $0 - 0.1 }, upper: center.map { $0 + 0.1 }))
    var worst = 0.0
    for i in 0..<3 {
      let row = (0..<4).map { v[i, $0] - w[i, $0] }
      let middle = zip(row, center).reduce(c[i] - d[i]) { $0 + $1.0 * $1.1 }
      let (long, wide) = (0.7 * row.reduce(0) { $0 + $1 * $1 }.squareRoot(), 0.1 * row.reduce(0) { $0 + $1.magnitude })
      #expect(abs(ball.lower[i] - (middle - long)) < 1e-12 && abs(ball.upper[i] - (middle + long)) < 1e-12)
      #expect(abs(box.lower[i] - (middle - wide)) < 1e-12 && abs(box.upper[i] - (middle + wide)) < 1e-12)
      worst = max(worst, abs(middle) + wide)
    }
    #expect(abs(box.largest - worst) < 1e-12)
    let attained = try problem.attained(on: .box(lower: center.map { $0 - 0.1 }, upper: center.map { $0 + 0.1 }), seed: 1)
    #expect(attained.difference > worst * (1 - 1e-9) && attained.difference <= box.largest)
  }

  @Test func wrongInputs() throws {
    let a = try Self.perceptron([4, 6, 2], .relu, seed: 1)
    let error = #expect(throws: NetworkError.self) { try DifferenceProblem(a, Self.perceptron([5, 6, 2], .relu, seed: 1)) }
    #expect(error?.description.contains("[1×4] against [1×5]") == true)
    #expect(throws: NetworkError.self) { try DifferenceProblem(a, Self.perceptron([4, 6, 3], .relu, seed: 1)) }
    var two = Network()
    let inputs = [two.addInput(name: "x", shape: [1, 2]), two.addInput(name: "y", shape: [1, 2])]
    try two.setOutputs([try two.add(.concatenation(axis: 1), name: "both", to: inputs)])
    #expect(throws: NetworkError.self) { try DifferenceProblem(a, two) }

    let problem = try DifferenceProblem(a, Self.perceptron([4, 6, 2], .relu, seed: 2))
    let center = [0.0, 0, 0, 0]
    for region in [
      Region.global, .ball(center: [0, 0], radius: 1), .ball(center: center, radius: .nan), .ball(center: center, radius: -1),
      .ball(center: [0, 0, 0, .nan], radius: 1), .box(lower: [1, 1, 1, 1], upper: center),
      .box(lower: center, upper: [1, 1, 1, .infinity]),
    ] {
      #expect(throws: RobustnessError.self) { try problem.bound(on: region) }
      #expect(throws: RobustnessError.self) { try problem.attained(on: region, seed: 0) }
    }
    let huge = try Self.perceptron([4, 6, 2], .relu, seed: 1, noise: 1e200)
    #expect(throws: NotProved.self) { try DifferenceProblem(a, huge) }
    // Values of 2^300 and more are not bounded.
    let large = try DifferenceProblem(a, Self.perceptron([4, 6, 6, 6, 2], .relu, seed: 1, noise: 1e44))
    #expect(throws: NotProved.self) { try large.bound(on: .ball(center: center, radius: 1e40)) }

    var budget = Budget()
    budget.isCancelled = { true }
    #expect(throws: (any Error).self) { try problem.bound(on: .ball(center: center, radius: 1), budget: budget) }
  }
}
