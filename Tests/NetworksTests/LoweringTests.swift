import LinearAlgebra
import Networks
import Testing

@Suite struct LoweringTests {
  @Test(arguments: allActivations) func activations(_ activation: Activation) throws {
    try checkConsistency(try NetworkBuilders.multilayerPerceptron(widths: [5, 7, 6, 3], activation: activation, seed: 3), seed: 4)
  }

  @Test func builders() throws {
    try checkConsistency(try NetworkBuilders.convolutional(seed: 1), seed: 2)
    for shortcut in [NetworkBuilders.Shortcut.convolution, .padding] {
      for isFolded in [false, true] {
        let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 8, shortcut: shortcut, isFolded: isFolded, seed: 5)
        try checkConsistency(network, seed: 6)
      }
    }
    let resNet20 = try NetworkBuilders.residual(seed: 7)
    let lowered = try resNet20.lowered()
    #expect(lowered.inputCount == 3072 && lowered.outputCount == 10 && lowered.activationNodes.count == 19)
    #expect(lowered.unitCount == 16 * 1024 * 7 + 32 * 256 * 6 + 64 * 64 * 6)
    let sample = Matrix<Float>(
      rows: 1, columns: 3072,
      elements: {
        var g = SplitMix64(seed: 8); return g.gaussianVector(3072)
      }())
    let size = try resNet20.forward(sample).elements.map { Double($0 * $0) }.reduce(0, +)
    #expect(size > 0.01 && size < 1000)
  }

  /// A pair's maximum and minimum share one set of units, also with operands swapped; MaxMin through slices of one tensor too.
  @Test func pairsAreShared() throws {
    var network = Network()
    let x = network.addInput(name: "x", shape: [1, 6])
    let a = try network.add(.slice(starts: [0, 0], ends: [1, 6], steps: [1, 2]), name: "even", to: [x])
    let b = try network.add(.slice(starts: [0, 1], ends: [1, 6], steps: [1, 2]), name: "odd", to: [x])
    let high = try network.add(.maximum, name: "max", to: [a, b])
    let low = try network.add(.minimum, name: "min", to: [b, a])
    try network.setOutputs([try network.add(.concatenation(axis: 1), name: "cat", to: [high, low])])
    try checkConsistency(network, seed: 9)
    #expect(try network.lowered().unitCount == 3)
    // The whole is an orthogonal change of basis around |·|: every slope in [−1, 1] gives a map of norm at most 1.
    let matrix = try network.lowered().increments(.identity(6), slopes: [[1, -1, 0.5]])
    let gram = Matrix<Double>(
      rows: 6, columns: 6,
      elements: (0..<36).map { place in
        (0..<6).reduce(0) { $0 + matrix[$1, place / 6] * matrix[$1, place % 6] }
      })
    #expect((0..<6).allSatisfy { gram[$0, $0] <= 1 + 1e-12 })
  }

  @Test func unusedNodesAreLeftOut() throws {
    var network = Network()
    let x = network.addInput(name: "x", shape: [3])
    _ = try network.add(.activation(.tanh), name: "unused", to: [x])
    let y = try network.add(.activation(.relu), name: "used", to: [x])
    try network.setOutputs([try network.add(.reshape([1, 3]), name: "r", to: [y])])
    let lowered = try network.lowered()
    #expect(lowered.nodes.map(\.name) == ["input", "used", "output"])
  }

  @Test func severalInputsAndOutputs() throws {
    var network = Network()
    let x = network.addInput(name: "x", shape: [1, 2])
    let y = network.addInput(name: "y", shape: [3, 1])
    let sum = try network.add(.sum(signs: [1, -1]), name: "sum", to: [x, y])
    let relu = try network.add(.activation(.relu), name: "relu", to: [sum])
    try network.setOutputs([relu, x, sum])
    try checkConsistency(network, seed: 10)
    let result: [[Double]] = try network.forward([[1, 2], [0, 1, 2]])
    #expect(result == [[1, 2, 0, 1, 0, 0], [1, 2], [1, 2, 0, 1, -1, 0]])
    #expect(throws: NetworkError.self) { try network.forward([[1.0, 2]]) }
  }

  /// Batch-norm radii enclose γ/√(σ² + ε), checked by the sign of γ² − q² (σ² + ε) in exact integer arithmetic of small operands.
  @Test func normalizationRadiiEnclose() throws {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<2000 {
      // Operands with 10 bits, so that every product below is exact in 80-bit steps of a double-double.
      let gamma = Double(Int.random(in: 1...1023, using: &generator)) / 64
      let variance = Double(Int.random(in: 1...1023, using: &generator)) / 128
      let epsilon = Double(Int.random(in: 1...1023, using: &generator)) / 0x1p26
      let network = try network(
        of: .batchNormalization(.init(scale: [gamma], shift: [0], mean: [0], variance: [variance], epsilon: epsilon)), on: [[1, 1]])
      guard case .affine(let terms, _) = try network.lowered().nodes[1].kind, let map = terms[0].map else { continue }
      let rows = map.sparseRows()
      let (value, radius) = (rows.values[0], rows.radii.first ?? 0)
      // sign(γ² − q² s) for a bound q: s and γ² are exact; q² = p + e exactly with a fused residual.
      func excess(_ q: Double) -> Double {
        let s = variance + epsilon
        let p = q * q
        let e = (-p).addingProduct(q, q)
        let r = p * s
        let f = (-r).addingProduct(p, s)
        return ((gamma * gamma - r) - f) - e * s
      }
      #expect(excess(value - radius) >= 0 && excess(value + radius) <= 0)
      #expect(radius <= 4 * value.ulp)
    }
    // Exact cases carry no radius.
    let exact = try network(of: .batchNormalization(.init(scale: [3], shift: [0], mean: [0], variance: [3], epsilon: 1)), on: [[1, 1]])
    guard case .affine(let terms, _) = try exact.lowered().nodes[1].kind, let map = terms[0].map else { return }
    #expect(map.sparseRows().values == [1.5] && map.sparseRows().radii.isEmpty)
  }

  /// A normalisation's mean and shift become biases as they are stored.
  @Test func normalizationBiasesAreExact() throws {
    let normalization = Networks.Operation.BatchNormalization(
      scale: [3, -0.7], shift: [0.1, 0.2], mean: [1.0 / 3, 0], variance: [0.3, 2], epsilon: 1e-5)
    let lowered = try network(of: .batchNormalization(normalization), on: [[1, 2, 2]]).lowered()
    let biases = lowered.nodes.compactMap { if case .affine(_, let bias?) = $0.kind { bias } else { nil } }
    #expect(biases == [[-1.0 / 3, -1.0 / 3, 0, 0], [0.1, 0.1, 0.2, 0.2]])
  }

  @Test func averagesAndQuotientsCarryRadiiUnlessDyadic() throws {
    func radii(_ operation: Networks.Operation, _ shape: Shape) throws -> [[Double]] {
      try network(of: operation, on: [shape]).lowered().nodes.flatMap { node -> [[Double]] in
        guard case .affine(let terms, _) = node.kind else { return [] }
        return terms.compactMap { $0.map?.sparseRows().radii }.filter { !$0.isEmpty }
      }
    }
    #expect(try radii(.averagePool(.init(kernel: [2, 2])), [1, 1, 4, 4]).isEmpty)
    #expect(try radii(.averagePool(.init(kernel: [3])), [1, 1, 4])[0].allSatisfy { $0 >= (1.0 / 3).ulp / 2 })
    #expect(try radii(.divideConstant(.init(shape: [], values: [4])), [2]).isEmpty)
    #expect(try radii(.divideConstant(.init(shape: [], values: [10])), [2])[0].allSatisfy { $0 >= 0.1.ulp / 2 })
    #expect(try radii(.globalAveragePool, [1, 1, 7])[0].allSatisfy { $0 > 0 })
  }

  @Test func simplificationMergesAffineNodes() throws {
    let residual = try NetworkBuilders.residual(blocks: 1, width: 2, size: 8, seed: 5).lowered()
    let simplified = residual.simplified()
    // Input, and for each activation one affine node; then the output (the average keeps a node before the dense layer).
    #expect(simplified.nodes.count <= 1 + 2 * simplified.activationNodes.count + 2)
    #expect(residual.nodes.count > simplified.nodes.count)
  }

  /// Each pair of affine operations merges into one node that computes the same.
  @Test func compositions() throws {
    var random = SplitMix64(seed: 14)
    func dense(_ rows: Int, _ columns: Int) -> Networks.Operation {
      .dense(weight: random.gaussianMatrix(rows: rows, columns: columns), bias: random.gaussianVector(rows))
    }
    func factors(_ shape: Shape) -> Networks.Operation {
      .multiplyConstant(.init(shape: shape, values: random.gaussianVector(shape.count)))
    }
    let grouped = Networks.Operation.convolution(
      .init(
        weight: random.gaussianMatrix(rows: 6, columns: 18), bias: random.gaussianVector(6), kernel: [3, 3], padAfter: [1, 2], groups: 2))
    let cases: [(Shape, [Networks.Operation])] = [
      ([1, 4, 5, 5], [factors([4, 1, 1]), grouped]), ([1, 4, 5, 5], [grouped, factors([6, 1, 1])]),
      ([1, 5], [dense(9, 5), dense(3, 9)]), ([1, 5], [factors([5]), dense(4, 5)]), ([1, 5], [dense(4, 5), factors([4])]),
      ([3, 5], [dense(4, 5), factors([4])]), ([3, 5], [factors([5]), dense(4, 5)]), ([3, 5], [dense(9, 5), dense(2, 9)]),
      ([2, 3], [.transpose(permutation: [1, 0]), .reshape([1, 6]), dense(4, 6)]),
      ([1, 5], [dense(4, 5), .gather(axis: 1, indices: [3, 1], keepsAxis: true)]),
      ([1, 5], [dense(4, 5), .pad(before: [0, -2], after: [0, 1], value: 0)]),
      (
        [1, 5],
        [
          factors([5]), .slice(starts: [0, 4], ends: [1, -1], steps: [1, -1]), factors([5]),
          .addConstant(.init(shape: [], values: [2]), sign: -1),
        ]
      ),
    ]
    for (shape, operations) in cases {
      var network = Network()
      var node = network.addInput(name: "x", shape: shape)
      for (index, operation) in operations.enumerated() { node = try network.add(operation, name: "n\(index)", to: [node]) }
      try network.setOutputs([node])
      try checkConsistency(network, seed: 15)
      #expect(try network.lowered().simplified().nodes.count == 2, "\(operations)")
    }
    // What would cost more stays apart: a narrow layer between two wide ones.
    var network = Network()
    let x = network.addInput(name: "x", shape: [1, 9])
    let narrow = try network.add(dense(2, 9), name: "narrow", to: [x])
    try network.setOutputs([try network.add(dense(9, 2), name: "wide", to: [narrow])])
    #expect(try network.lowered().simplified().nodes.count == 3)
  }

  @Test func reducedInputKeepsGains() throws {
    let lowered = try NetworkBuilders.multilayerPerceptron(widths: [9, 4, 3], seed: 12).lowered()
    let reduced = try lowered.reducedInput()
    #expect(reduced.inputCount == 4 && reduced.outputCount == 3)
    // J Jᵀ is the same for the same slopes.
    let slopes: [[Double]] = [[0.3, 1, 0, 0.7]]
    func gram(_ network: LoweredNetwork) -> Matrix<Double> {
      let columns = network.increments(.identity(network.inputCount), slopes: slopes)
      return Matrix(
        rows: 3, columns: 3,
        elements: (0..<9).map { place in
          (0..<columns.rows).reduce(0) { $0 + columns[$1, place / 3] * columns[$1, place % 3] }
        })
    }
    #expect(distance(gram(lowered), gram(reduced)) < 1e-12)
    #expect(try NetworkBuilders.multilayerPerceptron(widths: [3, 4, 3], seed: 12).lowered().reducedInput().inputCount == 3)
  }

  @Test func targets() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [4, 5, 3], seed: 13)
    let target = try network.lowered().targeting(rows: Matrix(rows: 1, columns: 3, elements: [1, 0, -1]))
    let x = Matrix<Double>(rows: 1, columns: 4, elements: [1, -1, 2, 0.5])
    let y = try network.forward(x)
    #expect(abs(target.forward(x)[0, 0] - (y[0, 0] - y[0, 2])) < 1e-12)
    #expect(throws: NetworkError.self) { try network.lowered().targeting(rows: Matrix(rows: 1, columns: 3, elements: [1, 0, 0.5])) }
    #expect(throws: NetworkError.self) { try network.lowered().targeting(rows: Matrix(rows: 1, columns: 2, elements: [1, 0])) }
  }

  @Test func canonicalBytesFollowTheFunctionOnly() throws {
    func bytes(_ network: Network) throws -> [UInt8] {
      var result: [UInt8] = []
      try network.lowered().feedCanonicalBytes { result += $0 }
      return result
    }
    let base = try bytes(NetworkBuilders.multilayerPerceptron(widths: [2, 3, 2], seed: 1))
    #expect(base == (try bytes(NetworkBuilders.multilayerPerceptron(widths: [2, 3, 2], seed: 1))))
    #expect(base != (try bytes(NetworkBuilders.multilayerPerceptron(widths: [2, 3, 2], seed: 2))))
    #expect(base != (try bytes(NetworkBuilders.multilayerPerceptron(widths: [2, 3, 2], activation: .tanh, seed: 1))))
    #expect(base.starts(with: Array("lipcert-lowered-network 1\n".utf8)))
  }

  @Test func unsupportedNodesAreNamed() throws {
    let operation = Networks.Operation.convolution(.init(weight: Matrix(rows: 1, columns: 1, repeating: 1), kernel: [1]))
    let network = try network(of: operation, on: [[2, 1, 3]])
    let error = #expect(throws: NetworkError.self) { try network.lowered() }
    #expect(error?.description.contains("'operation'") == true)
    #expect(throws: NetworkError.self) { try Network().lowered() }
  }
}
