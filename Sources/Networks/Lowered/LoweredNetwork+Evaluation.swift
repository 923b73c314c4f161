import LinearAlgebra

extension LoweredNetwork {
  /// The output for every row of `batch`.
  ///
  /// - Precondition: `batch` has ``inputCount`` columns.
  public func forward(_ batch: Matrix<Double>) -> Matrix<Double> { Evaluator<Double>(self).forward(batch) }

  /// The increments of the output for increments of the input when unit i of each activation node has slope `slopes[node][i]`.
  ///
  /// Biases play no part; with all slopes in their sectors this is the set of maps the multipliers certify.
  ///
  /// - Precondition: `slopes` holds one array for every one of ``activationNodes``, in that order.
  public func increments(_ direction: Matrix<Double>, slopes: [[Double]]) -> Matrix<Double> {
    linearisation(slopes: slopes, rows: direction.rows).apply(direction)
  }

  /// The network with fixed slopes as a linear map and its adjoint, for batches of `rows` rows.
  public func linearisation(slopes: [[Double]], rows: Int) -> Linearisation<Double> {
    let activations = activationNodes
    precondition(slopes.count == activations.count, "one array of slopes for each activation node")
    var all = Array(repeating: Slopes<Double>.none, count: nodes.count)
    for (node, slope) in zip(activations, slopes) {
      precondition(slope.count == nodes[node].count, "one slope for each unit")
      all[node] = .diagonal(Matrix(rows: rows, columns: slope.count, elements: Array((0..<rows).map { _ in slope }.joined())))
    }
    return Linearisation(evaluator: Evaluator(self), value: Matrix(rows: 0, columns: outputCount), slopes: all)
  }
}
