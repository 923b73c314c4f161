/// A bound on gradients, so that one unlucky batch cannot throw the parameters far away.
public enum GradientClipping: Hashable, Sendable, Codable {
  /// Scales the gradient of all parameters together so that its Euclidean norm is at most this.
  ///
  /// Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.
  case norm(Double)
  /// Moves every element into [−bound, bound].
  case value(Double)

  /// Clips a gradient.
  public func apply(to gradient: inout [Float]) {
    gradient.withUnsafeMutableBufferPointer { g in
      switch self {
      case .norm(let bound):
        var square = 0.0
        for i in g.indices { square += Double(g[i]) * Double(g[i]) }
        let norm = square.squareRoot()
        guard norm > bound else { return }
        let factor = Float(bound / norm)
        for i in g.indices { g[i] *= factor }
      case .value(let bound):
        let bound = Float(bound)
        for i in g.indices where !(abs(g[i]) <= bound) { g[i] = g[i].isNaN ? g[i] : (g[i] > 0 ? bound : -bound) }
      }
    }
  }

  /// Checks the bound.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)``.
  func check() throws(TrainingError) {
    switch self {
    case .norm(let bound), .value(let bound):
      guard bound > 0, bound.isFinite else { throw .setting(key: "clipping", detail: "\(bound) is not a positive number") }
    }
  }
}
