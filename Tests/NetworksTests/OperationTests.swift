import LinearAlgebra
import Networks
import Testing

private typealias Op = Networks.Operation

/// A tensor with coordinates, for the plain loops that operations are compared with.
struct Tensor {
  let shape: Shape
  var values: [Double]

  init(_ shape: Shape, _ values: [Double]) { (self.shape, self.values) = (shape, values) }

  /// Fills a tensor from a function of the coordinates.
  init(_ shape: Shape, _ value: ([Int]) -> Double) {
    self.shape = shape
    values = (0..<shape.count).map { index in value(zip(shape.strides, shape.dimensions).map { index / $0 % $1 }) }
  }

  /// The element at a position, zero outside.
  subscript(_ position: [Int]) -> Double {
    for (p, length) in zip(position, shape.dimensions) where p < 0 || p >= length { return 0 }
    return values[zip(position, shape.strides).reduce(0) { $0 + $1.0 * $1.1 }]
  }

  /// The element that broadcasts to `position` of a tensor of greater rank.
  func broadcast(_ position: [Int]) -> Double {
    self[zip(position.suffix(shape.rank), shape.dimensions).map { $1 == 1 ? 0 : $0 }]
  }
}

@Suite struct OperationTests {
  /// Evaluates an operation, compares it with the reference, and checks derivatives and lowering.
  private func check(
    _ operation: Op, _ shapes: [Shape], sourceLocation: SourceLocation = #_sourceLocation, _ reference: ([Tensor], [Int]) -> Double
  ) throws {
    var generator = SplitMix64(seed: 21)
    let network = try network(of: operation, on: shapes)
    let inputs = shapes.map { Tensor($0, randomMatrix(1, $0.count, scale: 2, using: &generator).elements) }
    let result: [[Double]] = try network.forward(inputs.map(\.values))
    let expected = Tensor(network.nodes[network.outputs[0]].shape) { reference(inputs, $0) }
    #expect(result[0].count == expected.values.count, sourceLocation: sourceLocation)
    #expect(zip(result[0], expected.values).allSatisfy { abs($0 - $1) < 1e-12 }, "\(operation)", sourceLocation: sourceLocation)
    try checkConsistency(network, seed: 22, sourceLocation: sourceLocation)
  }

  private func random(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(shape, randomMatrix(1, shape.count, using: &generator).elements)
  }

  private func constant(_ tensor: Tensor) -> Op.Constant { .init(shape: tensor.shape, values: tensor.values) }

  @Test func dense() throws {
    let (w, b) = (random([4, 3], seed: 1), random([4], seed: 2))
    let operation = Op.dense(weight: Matrix(rows: 4, columns: 3, elements: w.values), bias: b.values)
    for shape in [[3], [1, 3], [2, 5, 3]] as [Shape] {
      try check(operation, [shape]) { x, at in
        let output = at[at.count - 1]
        return (0..<3).reduce(b[[output]]) { $0 + w[[output, $1]] * x[0][at.dropLast() + [$1]] }
      }
    }
  }

  @Test func convolution() throws {
    for (kernel, stride, dilation, pads, groups) in [
      ([3, 3], [1, 1], [1, 1], [1, 1, 1, 1], 1), ([3, 2], [2, 1], [1, 2], [0, 1, 2, 0], 2), ([1, 1], [2, 2], [1, 1], [0, 0, 0, 0], 4),
      ([2, 3], [3, 2], [2, 1], [2, 3, 1, 0], 1),
    ] as [([Int], [Int], [Int], [Int], Int)] {
      let inner = 4 / groups
      let (w, b) = (random([8, inner, kernel[0], kernel[1]], seed: 3), random([8], seed: 4))
      let operation = Op.convolution(
        .init(
          weight: Matrix(rows: 8, columns: inner * kernel[0] * kernel[1], elements: w.values), bias: b.values, kernel: kernel,
          strides: stride, dilations: dilation, padBefore: [pads[0], pads[1]], padAfter: [pads[2], pads[3]], groups: groups))
      try check(operation, [[1, 4, 7, 6]]) { x, at in
        var sum = b[[at[1]]]
        for c in 0..<inner {
          for i in 0..<kernel[0] {
            for j in 0..<kernel[1] {
              let (y, z) = (at[2] * stride[0] + i * dilation[0] - pads[0], at[3] * stride[1] + j * dilation[1] - pads[1])
              sum += w[[at[1], c, i, j]] * x[0][[0, at[1] / (8 / groups) * inner + c, y, z]]
            }
          }
        }
        return sum
      }
    }
    let w = random([3, 2, 3], seed: 5)
    let line = Op.convolution(
      .init(weight: Matrix(rows: 3, columns: 6, elements: w.values), kernel: [3], strides: [2], padBefore: [1], padAfter: [2]))
    try check(line, [[1, 2, 8]]) { x, at in
      var sum = 0.0
      for c in 0..<2 { for i in 0..<3 { sum += w[[at[1], c, i]] * x[0][[0, c, at[2] * 2 + i - 1]] } }
      return sum
    }
  }

  @Test func batchNormalization() throws {
    let (scale, shift, mean) = (random([3], seed: 6), random([3], seed: 7), random([3], seed: 8))
    let variance = [0.5, 1.5, 2]
    let operation = Op.batchNormalization(
      .init(scale: scale.values, shift: shift.values, mean: mean.values, variance: variance, epsilon: 1e-3))
    for shape in [[2, 3], [1, 3, 4], [2, 3, 2, 2]] as [Shape] {
      try check(operation, [shape]) { x, at in
        let c = at[1]
        return scale.values[c] * (x[0][at] - mean.values[c]) / (variance[c] + 1e-3).squareRoot() + shift.values[c]
      }
    }
  }

  @Test func constants() throws {
    for shape in [[], [3], [2, 1], [4, 2, 3]] as [Shape] {
      let c = random(shape, seed: 9)
      try check(.addConstant(constant(c), sign: 1), [[2, 3]]) { x, at in x[0].broadcast(at) + c.broadcast(at) }
      try check(.addConstant(constant(c), sign: -1), [[2, 3]]) { x, at in c.broadcast(at) - x[0].broadcast(at) }
      try check(.multiplyConstant(constant(c)), [[2, 3]]) { x, at in x[0].broadcast(at) * c.broadcast(at) }
      try check(.divideConstant(constant(c)), [[2, 3]]) { x, at in x[0].broadcast(at) / c.broadcast(at) }
    }
  }

  @Test func sums() throws {
    try check(.sum(signs: [1, -1, -1]), [[2, 3], [3], [4, 1, 1]]) { x, at in
      x[0].broadcast(at) - x[1].broadcast(at) - x[2].broadcast(at)
    }
    try check(.sum(signs: [-1]), [[3]]) { x, at in -x[0][at] }
  }

  @Test func moves() throws {
    try check(.concatenation(axis: 1), [[2, 1, 2], [2, 3, 2], [2, 2, 2]]) { x, at in
      at[1] < 1 ? x[0][at] : at[1] < 4 ? x[1][[at[0], at[1] - 1, at[2]]] : x[2][[at[0], at[1] - 4, at[2]]]
    }
    try check(.concatenation(axis: 0), [[2, 2]]) { x, at in x[0][at] }
    try check(.slice(starts: [0, 5, 1], ends: [2, -1, 4], steps: [1, -2, 2]), [[2, 6, 5]]) { x, at in
      x[0][[at[0], 5 - 2 * at[1], 1 + 2 * at[2]]]
    }
    try check(.reshape([3, 2]), [[2, 3]]) { x, at in x[0].values[at[0] * 2 + at[1]] }
    try check(.transpose(permutation: [2, 0, 1]), [[2, 3, 4]]) { x, at in x[0][[at[1], at[2], at[0]]] }
    try check(.pad(before: [1, -1], after: [0, 2], value: 0), [[2, 3]]) { x, at in x[0][[at[0] - 1, at[1] + 1]] }
    try check(.pad(before: [1, 0], after: [0, 1], value: 7), [[2, 3]]) { x, at in at[0] < 1 || at[1] > 2 ? 7 : x[0][[at[0] - 1, at[1]]] }
    try check(.gather(axis: 1, indices: [2, 0, 2], keepsAxis: true), [[2, 3, 2]]) { x, at in x[0][[at[0], [2, 0, 2][at[1]], at[2]]] }
    try check(.gather(axis: 0, indices: [1], keepsAxis: false), [[2, 3]]) { x, at in x[0][[1, at[0]]] }
  }

  @Test func reductions() throws {
    try check(.reduction(axes: [1], keepsAxes: true, isMean: false), [[2, 3, 4]]) { x, at in
      (0..<3).reduce(0) { $0 + x[0][[at[0], $1, at[2]]] }
    }
    try check(.reduction(axes: [2, 0], keepsAxes: false, isMean: true), [[2, 3, 3]]) { x, at in
      (0..<6).reduce(0) { $0 + x[0][[$1 / 3, at[0], $1 % 3]] } / 6
    }
    try check(.globalAveragePool, [[1, 2, 3, 4]]) { x, at in (0..<12).reduce(0) { $0 + x[0][[0, at[1], $1 / 4, $1 % 4]] } / 12 }
  }

  @Test func pools() throws {
    let poolings: [Op.Pooling] = [
      .init(kernel: [2, 2], strides: [2, 2]), .init(kernel: [3, 3], strides: [2, 2], padBefore: [1, 1], padAfter: [1, 1]),
      .init(kernel: [3, 2], strides: [2, 3], padBefore: [1, 0], padAfter: [0, 1], countsPadding: true, ceilMode: true),
      .init(kernel: [2, 3], dilations: [2, 1]), .init(kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1], countsPadding: true),
      .init(kernel: [1, 1], strides: [2, 2]), .init(kernel: [2, 2], strides: [2, 2], ceilMode: true),
    ]
    for pooling in poolings {
      /// The positions of a window, and how many taps count for an average.
      func window(_ at: [Int]) -> (positions: [[Int]], count: Int) {
        var positions: [[Int]] = []
        var count = 0
        for i in 0..<pooling.kernel[0] {
          for j in 0..<pooling.kernel[1] {
            let y = at[2] * pooling.strides[0] + i * pooling.dilations[0] - pooling.padBefore[0]
            let z = at[3] * pooling.strides[1] + j * pooling.dilations[1] - pooling.padBefore[1]
            if y < 7 + pooling.padAfter[0], z < 6 + pooling.padAfter[1] { count += 1 }
            if y >= 0, z >= 0, y < 7, z < 6 { positions.append([0, at[1], y, z]) }
          }
        }
        return (positions, pooling.countsPadding ? count : positions.count)
      }
      try check(.maxPool(pooling), [[1, 2, 7, 6]]) { x, at in window(at).positions.map { x[0][$0] }.max() ?? .nan }
      try check(.averagePool(pooling), [[1, 2, 7, 6]]) { x, at in
        window(at).positions.reduce(0) { $0 + x[0][$1] } / Double(window(at).count)
      }
    }
    try check(.maxPool(.init(kernel: [3], strides: [2])), [[2, 2, 7]]) { x, at in
      (0..<3).map { x[0][[at[0], at[1], 2 * at[2] + $0]] }.max() ?? .nan
    }
    try check(.averagePool(.init(kernel: [3], strides: [2])), [[1, 2, 7]]) { x, at in
      (0..<3).reduce(0) { $0 + x[0][[at[0], at[1], 2 * at[2] + $1]] } / 3
    }
  }

  @Test func piecewiseLinearOperations() throws {
    let slopes = random([3, 1], seed: 10)
    try check(.parametricReLU(slopes: constant(slopes)), [[1, 3, 2]]) { x, at in
      x[0][at] >= 0 ? x[0][at] : slopes.broadcast(at) * x[0][at]
    }
    try check(.maximum, [[2, 3], [2, 3]]) { x, at in max(x[0][at], x[1][at]) }
    try check(.minimum, [[2, 3], [2, 3]]) { x, at in min(x[0][at], x[1][at]) }
    for size in 1...9 {
      try check(.groupSort(size: size, axis: 1), [[1, 2 * size, 2]]) { x, at in
        let first = at[1] / size * size
        return (0..<size).map { x[0][[at[0], first + $0, at[2]]] }.sorted()[at[1] - first]
      }
    }
    try check(.activation(.mish), [[2, 3]]) { x, at in Activation.mish.value(x[0][at]) }
  }

  /// Ties and kinks take the documented choice.
  @Test func derivativesAtKinks() throws {
    func gradient(_ operation: Op, _ shape: Shape, _ x: [Double]) throws -> [Double] {
      let evaluator = try Evaluator<Double>(network(of: operation, on: [shape]))
      let ones = Matrix<Double>(rows: 1, columns: evaluator.outputCount, repeating: 1)
      return evaluator.linearisation(at: Matrix(rows: 1, columns: x.count, elements: x)).adjoint(ones).elements
    }
    #expect(try gradient(.activation(.relu), [3], [-1, 0, 1]) == [0, 0, 1])
    #expect(try gradient(.maxPool(.init(kernel: [3])), [1, 1, 3], [2, 2, 1]) == [1, 0, 0])
  }
}
