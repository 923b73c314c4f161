import LinearAlgebra

/// A network prepared for evaluation and differentiation in one precision.
///
/// Batches are matrices whose rows are samples: all inputs flattened and concatenated, and likewise all outputs. Prepare once, use often; the
/// value never changes and may be shared between threads.
public struct Evaluator<Element: Scalar>: Sendable {
  /// The length of an input row.
  public let inputCount: Int
  /// The length of an output row.
  public let outputCount: Int
  let steps: [Step]
  /// The steps whose vectors, one after the other, are the output.
  let outputs: [Int]

  /// One node: how its vector comes from earlier ones.
  struct Step: Sendable {
    let kind: Kind
    let count: Int
    /// The steps it reads, each once.
    let sources: [Int]
  }

  enum Kind: Sendable {
    /// Elements of the input row from `offset`.
    case input(offset: Int)
    /// Σ chains of maps, first to last, plus a bias.
    case affine(terms: [(source: Int, chain: [any LinearMap<Element>])], bias: [Element]?)
    case activation(source: Int, units: LoweredNetwork.Units)
    /// The greatest element of each set.
    case windowMaximum(source: Int, windows: IndexSets)
    /// The greater (or smaller) of two vectors' elements.
    case extremum(Int, Int, isMaximum: Bool)
    /// The elements of each set in ascending order, in the set's places.
    case sort(source: Int, groups: IndexSets)
  }

  /// Prepares a network: its maps are converted, once, to the precision asked for, and sparse ones to the form in which they are fast.
  ///
  /// Batch normalisation and averages are evaluated as one factor (and shift) for each element.
  ///
  /// - Throws: ``NetworkError`` when an operation cannot be evaluated or there is no output.
  public init(_ network: Network) throws {
    guard !network.outputs.isEmpty else { throw NetworkError.invalidInput(node: "outputs", detail: "the network has no output") }
    var offset = 0
    var offsets: [Int: Int] = [:]
    for input in network.inputs {
      offsets[input] = offset
      offset += network.nodes[input].shape.count
    }
    steps = try network.nodes.enumerated().map { index, node in
      Step(kind: try Self.kind(of: node, offset: offsets[index], in: network), count: node.shape.count, sources: Array(Set(node.inputs)))
    }
    outputs = network.outputs
    inputCount = offset
    outputCount = network.outputCount
  }

  /// Prepares a lowered network, as the oracle of tests and for local slopes.
  public init(_ network: LoweredNetwork) {
    steps = network.nodes.map { node in
      switch node.kind {
      case .input: Step(kind: .input(offset: 0), count: node.count, sources: [])
      case .affine(let terms, let bias):
        Step(
          kind: .affine(
            terms: terms.map { ($0.source, $0.map.map { [$0.converted(to: Element.self).fastest()] } ?? []) },
            bias: bias?.map { Element($0) }),
          count: node.count, sources: Array(Set(terms.map(\.source))))
      case .activation(let source, let units):
        Step(kind: .activation(source: source, units: units), count: node.count, sources: [source])
      }
    }
    outputs = [network.nodes.count - 1]
    inputCount = network.inputCount
    outputCount = network.outputCount
  }

  private static func kind(of node: Network.Node, offset: Int?, in network: Network) throws -> Kind {
    let shapes = node.inputs.map { network.nodes[$0].shape }
    if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
      let terms = zip(node.inputs, form.chains).map { (source: $0, chain: $1.map { $0.converted(to: Element.self).fastest() }) }
      return .affine(terms: terms, bias: form.bias?.map { Element($0) })
    }
    switch node.operation {
    case .input:
      guard let offset else { throw NetworkError.invalidInput(node: node.name, detail: "is not declared as an input") }
      return .input(offset: offset)
    case .activation(let activation): return .activation(source: node.inputs[0], units: .uniform(activation))
    case .parametricReLU(let slopes):
      let values = slopes.shape.broadcastIndices(to: node.shape).map { slopes.values[$0] }
      return .activation(source: node.inputs[0], units: .leakyReLU(slopes: values))
    case .maxPool(let pooling):
      return .windowMaximum(source: node.inputs[0], windows: try pooling.windows(input: shapes[0], node: node.name))
    case .maximum: return .extremum(node.inputs[0], node.inputs[1], isMaximum: true)
    case .minimum: return .extremum(node.inputs[0], node.inputs[1], isMaximum: false)
    case .groupSort(let size, let axis):
      return .sort(source: node.inputs[0], groups: Operation.sortedGroups(of: shapes[0], size: size, axis: axis))
    default: throw NetworkError.unsupported(node: node.name, detail: "evaluation")
    }
  }

  /// The network's output for every row of `batch`.
  ///
  /// - Precondition: `batch` has ``inputCount`` columns.
  public func forward(_ batch: Matrix<Element>) -> Matrix<Element> {
    run(batch) { _, step, input in values(of: step, input, batch) }
  }

  /// The network linearised at every row of `points`: one forward pass, then any number of products with the Jacobian.
  public func linearisation(at points: Matrix<Element>) -> Linearisation<Element> {
    var slopes = Array(repeating: Slopes<Element>.none, count: steps.count)
    let value = run(points) { index, step, input in
      slopes[index] = self.slopes(of: step, input)
      return values(of: step, input, points)
    }
    return Linearisation(evaluator: self, value: value, slopes: slopes)
  }

  /// Runs the steps in order, keeps each vector until its last use, and gives the outputs side by side.
  func run(_ batch: Matrix<Element>, _ body: (Int, Step, (Int) -> Matrix<Element>) -> Matrix<Element>) -> Matrix<Element> {
    precondition(batch.columns == inputCount, "a batch has \(batch.columns) columns, the network takes \(inputCount)")
    var lastUse = Array(repeating: -1, count: steps.count)
    for (index, step) in steps.enumerated() { for source in step.sources { lastUse[source] = index } }
    for output in outputs { lastUse[output] = steps.count }
    let empty = Matrix<Element>(rows: 0, columns: 0)
    var live = Array(repeating: empty, count: steps.count)
    for (index, step) in steps.enumerated() where lastUse[index] >= 0 {
      live[index] = body(index, step) { live[$0] }
      for source in step.sources where lastUse[source] == index { live[source] = empty }
    }
    if outputs.count == 1 { return live[outputs[0]] }
    return Matrix.concatenated(outputs.map { live[$0] })
  }
}

extension Network {
  /// Evaluates the network on one sample: a flat array for each input in, one for each output out.
  ///
  /// Prepares an ``Evaluator`` each time; hold on to one for repeated use.
  ///
  /// - Throws: ``NetworkError`` when the arrays do not fit or an operation cannot be evaluated.
  public func forward<Element: Scalar>(_ inputs: [[Element]]) throws -> [[Element]] {
    guard inputs.map(\.count) == self.inputs.map({ nodes[$0].shape.count }) else {
      throw NetworkError.shapeMismatch(node: "inputs", detail: "arrays of lengths \(inputs.map(\.count))")
    }
    let flat = try forward(Matrix(rows: 1, columns: inputCount, elements: Array(inputs.joined()))).elements
    var start = 0
    return outputs.map { output in
      defer { start += nodes[output].shape.count }
      return Array(flat[start..<start + nodes[output].shape.count])
    }
  }

  /// Evaluates the network on a batch: rows are samples, inputs and outputs flattened and concatenated.
  ///
  /// - Throws: ``NetworkError`` when the batch does not fit or an operation cannot be evaluated.
  public func forward<Element: Scalar>(_ batch: Matrix<Element>) throws -> Matrix<Element> {
    guard batch.columns == inputCount else {
      throw NetworkError.shapeMismatch(node: "inputs", detail: "a batch of \(batch.columns) columns for \(inputCount) inputs")
    }
    return try Evaluator<Element>(self).forward(batch)
  }
}
