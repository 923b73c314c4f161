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

/// The derivative of the projection onto {(t, u) : t ≥ |u|}: I, 0, or between the two the matrix with eigenvalues 1 on (1, w)/√2, 0 on
/// (−1, w)/√2 and β = (1 + t/|u|)/2 on the rest, w = u/|u|.
struct SecondOrderDerivative {
  /// Whether v is inside, inside the polar, or between.
  enum Region { case inside, polar, between }

  let region: Region
  /// β, when v lies between.
  let β: Double
  /// (0, w) when v lies between, zeros elsewhere.
  let axis: [Double]

  /// The derivative at v = (t, u).
  init(_ v: UnsafeBufferPointer<Double>) {
    let t = v.first ?? 0
    let norm = v.dropFirst().reduce(0) { $0 + $1 * $1 }.squareRoot()
    if norm <= t {
      (region, β, axis) = (.inside, 1, [Double](repeating: 0, count: v.count))
    } else if norm <= -t {
      (region, β, axis) = (.polar, 0, [Double](repeating: 0, count: v.count))
    } else {
      (region, β) = (.between, (1 + t / norm) / 2)
      axis = v.indices.map { $0 == 0 ? 0 : v[$0] / norm }
    }
  }

  /// Π(v) = D v, as the projection is positively homogeneous.
  func project(_ v: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    apply(v, to: target)
  }

  /// D h.
  func apply(_ h: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    guard region == .between else {
      for i in axis.indices { target[i] = region == .inside ? h[i] : 0 }
      return
    }
    let along = axis.indices.reduce(0) { $0 + h[$1] * axis[$1] }
    let half = (h[0] + along) / 2
    target[0] = half
    for i in axis.indices.dropFirst() { target[i] = β * (h[i] - along * axis[i]) + half * axis[i] }
  }
}
