import Compression
import LinearAlgebra
import NetworkFormats
import Networks
import Testing
import Training

/// Checks of a compaction against the network it was made from.
struct CompactionOracle {
  /// The network with masked weights.
  let network: Network

  /// Compacts the network and requires the same outputs on random inputs, no larger size, and that nothing is left to remove.
  @discardableResult
  func check(seed: UInt64, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws -> Compaction {
    let compaction = try network.compacted()
    let compact = compaction.network
    #expect(compact.inputs.map { compact.nodes[$0].shape } == network.inputs.map { network.nodes[$0].shape }, comment)
    #expect(compact.outputs.map { compact.nodes[$0].shape } == network.outputs.map { network.nodes[$0].shape }, comment)
    #expect(compact.outputNames == network.outputNames, comment)
    try expectSame(compact, seed: seed, tolerance: 1e-9, comment, sourceLocation: sourceLocation)

    let (before, after) = (compaction.before, compaction.after)
    #expect(before == NetworkSize(network) && after == NetworkSize(compact), comment)
    #expect(
      after.parameters <= before.parameters && after.multiplications <= before.multiplications, comment, sourceLocation: sourceLocation)
    #expect(compaction.layers.map(\.before) == before.layers && compaction.layers.compactMap(\.after) == after.layers, comment)
    #expect(compaction.layers.allSatisfy { $0.after.map(\.name) ?? $0.name == $0.name }, comment)

    let again = try compact.compacted()
    try expectSame(again.network, seed: seed, tolerance: 1e-9, comment, sourceLocation: sourceLocation)
    #expect(again.after.parameters == after.parameters, comment, sourceLocation: sourceLocation)
    return compaction
  }

  /// Requires that lowering, a model file and the trainer take the compact network, and that it computes the same there, in the trainer also
  /// the same gradient.
  func checkUses(of compact: Network, seed: UInt64, _ comment: Comment? = nil) throws {
    let inputs = inputs(seed: seed)
    let expected = try network.forward(inputs)
    expectNear(Evaluator<Double>(try compact.lowered()).forward(inputs), expected, 1e-9, comment)
    expectNear(try ONNXReader.read(ONNXWriter.data(compact, precision: .double)).forward(inputs), expected, 1e-9, comment)

    let imported = try Model<Float>.importing(compact)
    let classifier = ModelClassifier(Execution(imported.model, capacity: inputs.rows), state: imported.state, mode: .evaluation)
    let (shape, count) = (imported.model.inputShape, inputs.columns)
    /// Height × width × channels from channels × height × width.
    func reordered(_ rows: Matrix<Double>) -> Matrix<Double> {
      let elements = rows.elements.indices.map { place in
        let (sample, element) = (place / count, place % count)
        return rows.elements[sample * count + element % shape.channels * shape.pixels + element / shape.channels]
      }
      return Matrix(rows: rows.rows, columns: count, elements: elements)
    }
    classifier.input.elements = reordered(inputs).elements.map { Float($0) }
    let logits = classifier.forward(random: RandomStream(seed: 0)).elements.map(Double.init)
    expectNear(Matrix(rows: expected.rows, columns: expected.columns, elements: logits), expected, 1e-4, comment)
    var random = SplitMix64(seed: seed + 1)
    let cotangent: Matrix<Double> = random.gaussianMatrix(rows: expected.rows, columns: expected.columns, deviation: 1)
    classifier.outputGradient.batch = expected.rows
    classifier.outputGradient.elements = cotangent.elements.map { Float($0) }
    classifier.backward()
    let gradient = Matrix(rows: inputs.rows, columns: count, elements: classifier.inputGradient.elements.map(Double.init))
    expectNear(gradient, reordered(try Evaluator<Double>(network).linearisation(at: inputs).adjoint(cotangent)), 1e-4, comment)
  }

  /// Requires the same outputs as those of another network.
  func expectSame(
    _ other: Network, seed: UInt64, tolerance: Double, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let inputs = inputs(seed: seed)
    expectNear(try other.forward(inputs), try network.forward(inputs), tolerance, comment, sourceLocation: sourceLocation)
  }

  /// Whether the outputs are the same for all of some random inputs.
  func isConstant(seed: UInt64) throws -> Bool {
    let outputs = try network.forward(inputs(seed: seed))
    return outputs.elements.indices.allSatisfy {
      abs(outputs.elements[$0] - outputs.elements[$0 % outputs.columns]) <= 1e-12 * max(1, abs(outputs.elements[$0]))
    }
  }

  private func inputs(seed: UInt64) -> Matrix<Double> {
    var random = SplitMix64(seed: seed)
    return random.gaussianMatrix(rows: 3, columns: network.inputCount, deviation: 1)
  }

  private func expectNear(
    _ found: Matrix<Double>, _ expected: Matrix<Double>, _ tolerance: Double, _ comment: Comment?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = expected.elements.reduce(1) { max($0, abs($1)) }
    let error = zip(found.elements, expected.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(found.columns == expected.columns && error <= tolerance * scale, comment, sourceLocation: sourceLocation)
  }
}

/// A model with random numbers, some of its weights masked.
struct MaskedModel {
  let model: Model<Float>
  var state: ModelState<Float>

  /// A small model of an architecture, all of its numbers random.
  init(_ architecture: ModelArchitecture, input: FeatureShape, seed: UInt64) throws {
    model = try architecture.model(input: input, classes: 4)
    state = try model.initialState(seed: seed)
    var random = SplitMix64(seed: seed)
    for place in state.parameters.indices { state.parameters[place] += Float(0.2 * random.nextGaussian()) }
    for place in state.statistics.indices { state.statistics[place] += Float(0.3 * random.nextUniform()) }
  }

  /// Prunes a share of the groups at random.
  mutating func prune(_ kind: WeightGroups.Kind, share: Double, scope: PruningScope = .hidden, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var mask = PruningMask(count: state.parameters.count)
    for layer in try WeightGroups(kind, of: model, scope: scope).layers {
      for group in 0..<layer.count where random.nextUniform() < share { mask.remove(group, of: layer) }
    }
    mask.apply(to: &state.parameters)
  }

  /// Prunes the listed groups of one weight.
  mutating func prune(_ kind: WeightGroups.Kind, of weight: String, _ groups: (Int) -> Bool) throws {
    var mask = PruningMask(count: state.parameters.count)
    let layer = try #require(WeightGroups(kind, of: model, scope: .all).layers.first { $0.name == weight })
    for group in 0..<layer.count where groups(group) { mask.remove(group, of: layer) }
    mask.apply(to: &state.parameters)
  }

  /// The network of the masked numbers.
  func network() throws -> Network { try model.network(state) }
}
