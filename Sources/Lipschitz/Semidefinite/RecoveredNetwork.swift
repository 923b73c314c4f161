import ConicPrograms
import LinearAlgebra
import Networks

/// The network of units with slopes in [0, 1] that a linear matrix inequality of LipSDP comes from.
///
/// The inequality of a chain is X(ρ, t) = diag(ρI, 2T₁, …, 2T_l) − W_l′W_l with −T_k W_{k−1} beside the diagonal (Fazlyab et al., arXiv
/// 1906.04893): every matrix Fᵢ of a multiplier holds a row of weights. Only W_l′W_l is known of the last map; any factor of it has the same
/// gain. It is computed in floating point, so the network is that of the inequality up to rounding.
public struct RecoveredNetwork: Sendable {
  /// The weights, from the inputs to the outputs.
  public let weights: [Matrix<Double>]

  /// The network of an inequality; `nil` when it does not have the form above, with the coordinates in the order of the layers.
  ///
  /// - Throws: `LinearAlgebraError` when the eigenvalue iteration fails.
  public init?(_ problem: LinearMatrixInequality) throws(LinearAlgebraError) {
    guard problem.blocks.count == 1, case .symmetric(let order) = problem.blocks[0], problem.variableCount > 1,
      let inputs = Self.inputCount(problem), let rows = Self.rows(problem, inputs: inputs, order: order),
      let starts = Self.layerStarts(rows, inputs: inputs, order: order)
    else { return nil }
    var weights: [Matrix<Double>] = []
    for (layer, start) in starts.enumerated().dropFirst() {
      let end = layer + 1 < starts.count ? starts[layer + 1] : order
      var matrix = Matrix<Double>(rows: end - start, columns: start - starts[layer - 1])
      for unit in start..<end { for (source, weight) in rows[unit - inputs] { matrix[unit - start, source - starts[layer - 1]] = weight } }
      weights.append(matrix)
    }
    guard let last = try Self.lastMap(problem, from: starts[starts.count - 1], order: order) else { return nil }
    self.weights = weights + [last]
  }

  /// The network, of ReLU units without biases.
  ///
  /// - Throws: `NetworkError`.
  public func network() throws -> Network {
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, weights[0].columns])
    for (layer, matrix) in weights.enumerated() {
      node = try network.add(.dense(weight: matrix, bias: nil), name: "dense\(layer + 1)", to: [node])
      if layer + 1 < weights.count { node = try network.add(.activation(.relu), name: "activation\(layer + 1)", to: [node]) }
    }
    try network.setOutputs([node])
    return network
  }

  /// The order of the identity that ρ, the only variable with a cost, stands before.
  private static func inputCount(_ problem: LinearMatrixInequality) -> Int? {
    guard problem.objective[0] == 1, problem.objective.dropFirst().allSatisfy({ $0 == 0 }) else { return nil }
    let entries = problem.coefficients[0].sorted { $0.row < $1.row }
    let isIdentity = entries.enumerated().allSatisfy { $1.row == $0 && $1.column == $0 && $1.value == 1 }
    return isIdentity && !entries.isEmpty ? entries.count : nil
  }

  /// For each unit in the order of coordinates, where its inputs are and their weights.
  private static func rows(_ problem: LinearMatrixInequality, inputs: Int, order: Int) -> [[(source: Int, weight: Double)]]? {
    var rows = [[(source: Int, weight: Double)]?](repeating: nil, count: order - inputs)
    guard problem.variableCount - 1 == rows.count else { return nil }
    for matrix in problem.coefficients.dropFirst() {
      let diagonal = matrix.filter { $0.row == $0.column && $0.value != 0 }
      guard diagonal.count == 1, let own = diagonal.first, own.value > 0, own.row >= inputs, rows[own.row - inputs] == nil else {
        return nil
      }
      let others = matrix.filter { $0.row != $0.column && $0.value != 0 }
      guard others.allSatisfy({ $0.column == own.row }) else { return nil }
      rows[own.row - inputs] = others.map { ($0.row, -2 * $0.value / own.value) }
    }
    let known = rows.compactMap { $0 }
    return known.count == rows.count ? known : nil
  }

  /// Where the layers begin, the inputs' first; `nil` when a unit has inputs outside the layer before its own.
  private static func layerStarts(_ rows: [[(source: Int, weight: Double)]], inputs: Int, order: Int) -> [Int]? {
    var starts = [0, inputs]
    for unit in inputs..<order {
      // A unit that hears the newest layer begins the next one.
      if rows[unit - inputs].contains(where: { $0.source >= starts[starts.count - 1] }) { starts.append(unit) }
      let layer = starts.count - 1
      guard rows[unit - inputs].allSatisfy({ (starts[layer - 1]..<starts[layer]).contains($0.source) }) else { return nil }
    }
    return starts
  }

  /// A matrix W with W′W = F₀, which must live on the last layer.
  private static func lastMap(_ problem: LinearMatrixInequality, from start: Int, order: Int) throws(LinearAlgebraError) -> Matrix<Double>?
  {
    guard problem.constant.allSatisfy({ $0.row >= start }) else { return nil }
    var gram = Matrix<Double>(rows: order - start, columns: order - start)
    for entry in problem.constant {
      gram[entry.row - start, entry.column - start] += entry.value
      if entry.row != entry.column { gram[entry.column - start, entry.row - start] += entry.value }
    }
    let eigen = try gram.symmetricEigen()
    let largest = eigen.values.last ?? 0
    guard largest > 0, eigen.values[0] >= -1e-10 * largest else { return nil }
    let kept = eigen.values.indices.filter { eigen.values[$0] > 1e-12 * largest }
    var map = Matrix<Double>(rows: kept.count, columns: order - start)
    for (row, k) in kept.enumerated() { for j in 0..<order - start { map[row, j] = eigen.values[k].squareRoot() * eigen.vectors[k, j] } }
    return map
  }
}
