import LinearAlgebra
import Networks
import Testing

/// A matrix of numbers uniform in [−scale, scale].
func randomMatrix(_ rows: Int, _ columns: Int, scale: Double = 1, using generator: inout SplitMix64) -> Matrix<Double> {
  Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in Double.random(in: -scale...scale, using: &generator) })
}

/// The greatest distance between elements.
func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  guard a.rows == b.rows, a.columns == b.columns else { return .infinity }
  return zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
}

/// A network of one operation.
func network(of operation: Networks.Operation, on shapes: [Shape]) throws -> Network {
  var network = Network()
  let inputs = shapes.enumerated().map { network.addInput(name: "x\($0)", shape: $1) }
  try network.setOutputs([try network.add(operation, name: "operation", to: inputs)])
  return network
}

/// Checks derivatives, precisions and the lowered forms of a network against its evaluation.
func checkConsistency(
  _ network: Network, seed: UInt64, tolerance: Double = 1e-9, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var generator = SplitMix64(seed: seed)
  let evaluator = try Evaluator<Double>(network)
  let points = randomMatrix(3, network.inputCount, scale: 2, using: &generator)
  let direction = randomMatrix(3, network.inputCount, using: &generator)
  let cotangent = randomMatrix(3, network.outputCount, using: &generator)
  let linearisation = evaluator.linearisation(at: points)
  let value = evaluator.forward(points)
  #expect(linearisation.value == value, sourceLocation: sourceLocation)

  // ⟨u, J v⟩ = ⟨Jᵀ u, v⟩.
  let (forward, backward) = (linearisation.apply(direction), linearisation.adjoint(cotangent))
  for row in 0..<3 {
    let left = zip(forward.row(row), cotangent.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(direction.row(row), backward.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(left - right) <= 1e-9 * (1 + abs(left)), sourceLocation: sourceLocation)
  }

  // Central differences, at points random enough that kinks are not near.
  let step = 1e-6
  var (ahead, behind) = (points, points)
  for index in points.elements.indices {
    ahead.elements[index] += step * direction.elements[index]
    behind.elements[index] -= step * direction.elements[index]
  }
  let (plus, minus) = (evaluator.forward(ahead), evaluator.forward(behind))
  var difference = forward
  for index in difference.elements.indices { difference.elements[index] = (plus.elements[index] - minus.elements[index]) / (2 * step) }
  let size = 1 + (forward.elements.map(abs).max() ?? 0)
  #expect(distance(difference, forward) < 1e-4 * size, sourceLocation: sourceLocation)

  let single = try network.forward(points.converted(to: Float.self)).converted(to: Double.self)
  let scale = 1 + (value.elements.map(abs).max() ?? 0)
  #expect(distance(single, value) < 1e-3 * scale, sourceLocation: sourceLocation)

  let lowered = try network.lowered()
  checkInvariants(lowered, sourceLocation: sourceLocation)
  #expect(distance(lowered.forward(points), value) < tolerance * scale, sourceLocation: sourceLocation)
  let simplified = lowered.simplified()
  checkInvariants(simplified, sourceLocation: sourceLocation)
  #expect(simplified.activationNodes.map { simplified.nodes[$0].count } == lowered.activationNodes.map { lowered.nodes[$0].count })
  #expect(distance(simplified.forward(points), value) < tolerance * scale, sourceLocation: sourceLocation)

  // Increments with the same slopes agree, biases or not.
  let slopes = lowered.activationNodes.map { node in
    (0..<lowered.nodes[node].count).map { _ in Double.random(in: 0...1, using: &generator) }
  }
  let increments = lowered.increments(direction, slopes: slopes)
  let reach = 1 + (increments.elements.map(abs).max() ?? 0)
  #expect(distance(simplified.increments(direction, slopes: slopes), increments) < tolerance * reach, sourceLocation: sourceLocation)
}

/// Checks what `LoweredNetwork` promises about its nodes.
func checkInvariants(_ network: LoweredNetwork, sourceLocation: SourceLocation = #_sourceLocation) {
  var used = Set([0, network.nodes.count - 1])
  for (index, node) in network.nodes.enumerated() {
    switch node.kind {
    case .input: #expect(index == 0, sourceLocation: sourceLocation)
    case .affine(let terms, let bias):
      #expect(bias.map { $0.count == node.count } ?? true, sourceLocation: sourceLocation)
      for term in terms {
        used.insert(term.source)
        #expect(term.source < index, sourceLocation: sourceLocation)
        #expect((term.map?.inputCount ?? node.count) == network.nodes[term.source].count, sourceLocation: sourceLocation)
        #expect((term.map?.outputCount ?? node.count) == node.count, sourceLocation: sourceLocation)
      }
    case .activation(let source, let units):
      used.insert(source)
      #expect(source < index && network.nodes[source].count == node.count, sourceLocation: sourceLocation)
      if case .leakyReLU(let slopes) = units { #expect(slopes.count == node.count, sourceLocation: sourceLocation) }
    }
  }
  #expect(used.count == network.nodes.count, "every node is used", sourceLocation: sourceLocation)
  if case .affine = network.nodes[network.nodes.count - 1].kind {
  } else {
    Issue.record("the last node is affine", sourceLocation: sourceLocation)
  }
}
