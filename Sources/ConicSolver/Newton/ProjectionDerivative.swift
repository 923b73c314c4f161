import ConicPrograms
import LinearAlgebra

/// An element D of the generalised Jacobian of the projection onto the dual of one cone.
enum ProjectionDerivative {
  /// The projection onto the whole space, dual to {0}.
  case identity
  /// Nonnegative vectors: 1 where the entry is positive, 0 elsewhere.
  case selection([Bool])
  /// The second-order cone; see ``SecondOrderDerivative``.
  case secondOrder(SecondOrderDerivative)
  /// Semidefinite matrices; see ``SpectralDerivative``.
  case spectral(SpectralDerivative)

  /// Projects v onto the dual of the cone and returns the derivative there.
  static func project(
    _ v: UnsafePointer<Double>, onDualOf cone: Cone, to target: UnsafeMutablePointer<Double>
  ) throws(LinearAlgebraError) -> ProjectionDerivative {
    let count = cone.dimension
    switch cone {
    case .zero:
      for i in 0..<count { target[i] = v[i] }
      return .identity
    case .nonnegative:
      for i in 0..<count { target[i] = max(0, v[i]) }
      return .selection((0..<count).map { v[$0] > 0 })
    case .secondOrder:
      let derivative = SecondOrderDerivative(UnsafeBufferPointer(start: v, count: count))
      derivative.project(v, to: target)
      return .secondOrder(derivative)
    case .semidefinite(let order):
      return .spectral(try SpectralDerivative(at: v, order: order, projectionTo: target))
    }
  }

  /// D h, for h and D h in the cone's space.
  ///
  /// - Parameter pattern: for a semidefinite cone, the only places where h is not zero and where D h is wanted.
  func apply(
    _ h: UnsafePointer<Double>, count: Int, pattern: AggregatePattern? = nil, to target: UnsafeMutablePointer<Double>
  ) throws(LinearAlgebraError) {
    switch self {
    case .identity: for i in 0..<count { target[i] = h[i] }
    case .selection(let active): for i in 0..<count { target[i] = active[i] ? h[i] : 0 }
    case .secondOrder(let derivative): derivative.apply(h, to: target)
    case .spectral(let derivative):
      if let pattern { try derivative.apply(h, pattern, to: target) } else { try derivative.apply(h, to: target) }
    }
  }
}
