import LinearAlgebra
import LinearProgramming
import Networks

/// Exact answers about small chains of dense layers by enumeration: for every choice of a straight piece for every unit the network is affine,
/// and a linear program over the input alone says what happens there.
struct PhaseOracle {
  /// A straight piece of φ: slope and offset on lower…upper.
  struct Piece {
    var lower, upper, slope, offset: Double
  }

  private let layers: [(weight: Matrix<Double>, bias: [Double])]
  private let pieces: [Piece]

  /// A chain of the layers with an activation between each two.
  init(_ layers: [(weight: Matrix<Double>, bias: [Double])], _ activation: Activation) {
    self.layers = layers
    let infinity = Double.infinity
    switch activation {
    case .leakyReLU(let slope):
      pieces = [Piece(lower: -infinity, upper: 0, slope: slope, offset: 0), Piece(lower: 0, upper: infinity, slope: 1, offset: 0)]
    case .absoluteValue:
      pieces = [Piece(lower: -infinity, upper: 0, slope: -1, offset: 0), Piece(lower: 0, upper: infinity, slope: 1, offset: 0)]
    case .clip(let a, let b):
      pieces = [
        Piece(lower: -infinity, upper: a, slope: 0, offset: a), Piece(lower: a, upper: b, slope: 1, offset: 0),
        Piece(lower: b, upper: infinity, slope: 0, offset: b),
      ]
    default:
      pieces = [Piece(lower: -infinity, upper: 0, slope: 0, offset: 0), Piece(lower: 0, upper: infinity, slope: 1, offset: 0)]
    }
  }

  /// The network itself.
  func network(_ activation: Activation) throws -> Network {
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, layers[0].weight.columns])
    for (k, layer) in layers.enumerated() {
      node = try network.add(.dense(weight: layer.weight, bias: layer.bias), name: "dense\(k)", to: [node])
      if k < layers.count - 1 { node = try network.add(.activation(activation), name: "activation\(k)", to: [node]) }
    }
    try network.setOutputs([node])
    return network
  }

  /// A function of x and the radius: coefficients and a constant.
  private struct Affine {
    var coefficients: [Double]
    var constant: Double
  }

  /// min row · y over the box, to the solver's tolerance.
  func minimum(_ row: [Double], lower: [Double], upper: [Double]) throws -> Double {
    var best = Double.infinity
    try enumerate(lower: lower, upper: upper, radius: nil) { program, outputs in
      var program = program
      let value = combine(row, outputs)
      for (j, c) in value.coefficients.enumerated() { try program.setCost(ofColumn: j, c) }
      let solution = try program.solve()
      if solution.termination == .optimal, let objective = solution.objective { best = min(best, objective + value.constant) }
    }
    return best
  }

  /// The least r with row · y ≤ 0 somewhere within r of the centre in l_∞; nothing above `limit` is looked at.
  func distance(_ row: [Double], center: [Double], limit: Double) throws -> Double {
    var best = Double.infinity
    try enumerate(lower: center.map { $0 - limit }, upper: center.map { $0 + limit }, radius: (center, limit)) { program, outputs in
      var program = program
      let value = combine(row, outputs)
      try program.addRow(upper: -value.constant, value.coefficients.enumerated().map { ($0, $1) })
      try program.setCost(ofColumn: center.count, 1)
      let solution = try program.solve()
      if solution.termination == .optimal, let objective = solution.objective { best = min(best, objective) }
    }
    return best
  }

  private func combine(_ row: [Double], _ outputs: [Affine]) -> Affine {
    var result = Affine(coefficients: [Double](repeating: 0, count: outputs[0].coefficients.count), constant: 0)
    for (c, output) in zip(row, outputs) {
      for j in result.coefficients.indices { result.coefficients[j] += c * output.coefficients[j] }
      result.constant += c * output.constant
    }
    return result
  }

  private func enumerate(
    lower: [Double], upper: [Double], radius: (center: [Double], limit: Double)?, _ body: (LinearProgram, [Affine]) throws -> Void
  ) throws {
    var program = LinearProgram()
    for (l, u) in zip(lower, upper) { try program.addColumn(lower: l, upper: u) }
    if let (center, limit) = radius {
      let r = try program.addColumn(lower: 0, upper: limit)
      for (j, c) in center.enumerated() {
        try program.addRow(upper: c, [(j, 1), (r, -1)])
        try program.addRow(lower: c, [(j, 1), (r, 1)])
      }
    }
    let inputs = lower.indices.map { j in
      Affine(coefficients: lower.indices.map { $0 == j ? 1 : 0 }, constant: 0)
    }
    try descend(0, inputs, program, body)
  }

  private func descend(_ layer: Int, _ values: [Affine], _ program: LinearProgram, _ body: (LinearProgram, [Affine]) throws -> Void) throws
  {
    let (weight, bias) = layers[layer]
    let results = (0..<weight.rows).map { i in
      var sum = combine(Array(weight.row(i)), values)
      sum.constant += bias[i]
      return sum
    }
    if layer == layers.count - 1 { return try body(program, results) }
    try choose(0, results, [], program) { try descend(layer + 1, $0, $1, body) }
  }

  /// All choices of pieces for the units from `unit` on.
  private func choose(
    _ unit: Int, _ arguments: [Affine], _ values: [Affine], _ program: LinearProgram, _ body: ([Affine], LinearProgram) throws -> Void
  ) throws {
    guard unit < arguments.count else { return try body(values, program) }
    let z = arguments[unit]
    for piece in pieces {
      var program = program
      try program.addRow(
        lower: piece.lower - z.constant, upper: piece.upper - z.constant, z.coefficients.enumerated().map { ($0, $1) })
      let value = Affine(coefficients: z.coefficients.map { piece.slope * $0 }, constant: piece.slope * z.constant + piece.offset)
      try choose(unit + 1, arguments, values + [value], program, body)
    }
  }

  /// Random layers of the given widths.
  static func layers(_ widths: [Int], seed: UInt64) -> [(weight: Matrix<Double>, bias: [Double])] {
    var random = SplitMix64(seed: seed)
    return zip(widths, widths.dropFirst()).map { columns, rows in
      (random.gaussianMatrix(rows: rows, columns: columns), random.gaussianVector(rows, deviation: 0.3))
    }
  }
}
