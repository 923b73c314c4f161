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
