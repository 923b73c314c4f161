/// The largest eigenvalues of a symmetric operator that is known only by its products with vectors.
///
/// Lanczos' method with full reorthogonalisation: the new direction is made orthogonal to all earlier ones by classical Gram-Schmidt, twice
/// ("twice is enough": Giraud, Langou, Rozložník, Comput. Math. Appl. 50, 2005, doi:10.1016/j.camwa.2005.08.009). Results are *estimates*:
/// in exact arithmetic Ritz values are never above the largest eigenvalue, and within `residual` of some eigenvalue.
public struct Lanczos: Sendable {
  /// One approximate eigenpair.
  public struct Pair<Element: Scalar>: Sendable {
    /// The Rayleigh quotient of `vector`.
    public var value: Double
    /// A vector of length one.
    public var vector: [Element]
    /// ‖A v − λ v‖, computed from the operator itself.
    public var residual: Double
    /// Products with the operator until the whole computation ended.
    public var iterations: Int
    /// Whether `residual` is at most the tolerance times the largest Ritz value's magnitude.
    public var hasConverged: Bool
  }

  /// Residual wanted, relative to the magnitude of the largest Ritz value; unreachable below a few units of the precision.
  public var tolerance: Double
  /// The most products with the operator, and so the most basis vectors in memory.
  public var maximumIterations: Int
  /// Seed of the normally distributed start vector.
  public var seed: UInt64

  /// Settings; every one has a default.
  ///
  /// - Precondition: `maximumIterations` ≥ 1.
  public init(tolerance: Double = 1e-8, maximumIterations: Int = 300, seed: UInt64 = 1) {
    precondition(maximumIterations >= 1, "at least one iteration")
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.seed = seed
  }

  /// The `count` largest eigenvalues of a symmetric operator, in descending order; fewer when `order` or `maximumIterations` is less.
  ///
  /// - Parameters:
  ///   - count: How many eigenpairs.
  ///   - order: The length of the vectors.
  ///   - start: A start vector (for example of an earlier, similar problem); random when `nil` or zero.
  ///   - product: The operator: x ↦ A x.
  /// - Throws: ``LinearAlgebraError/notFinite(routine:)`` when the operator returns NaN or infinity; LAPACK's failures.
  /// - Complexity: O(iterations² · order) besides the products; iterations · order elements of memory.
  public func largestEigenpairs<Element: Scalar>(
    _ count: Int = 1, order: Int, start: [Element]? = nil, _ product: ([Element]) -> [Element]
  ) throws(LinearAlgebraError) -> [Pair<Element>] {
    precondition(order >= 1 && count >= 1, "an operator on vectors and at least one eigenvalue")
    let limit = min(order, max(count, maximumIterations))
    let floor = 8 * Double(Element.ulpOfOne)
    var basis = KrylovBasis<Element>(order: order)
    var (diagonal, offDiagonal) = ([Double](), [Double]())
    var random = SplitMix64(seed: seed)
    var direction = start ?? []
    precondition(direction.isEmpty || direction.count == order, "the start vector has the wrong length")
    var ritz = SymmetricEigen(values: [Double](), vectors: Matrix<Double>(rows: 0, columns: 0))
    while diagonal.count < limit {
      guard basis.append(&direction, orElse: &random) else { break }
      var next = product(direction)
      precondition(next.count == order, "the operator must keep the length of vectors")
      let before = Element.routines.norm(order, next)
      guard before.isFinite else { throw .notFinite(routine: "Lanczos") }
      let overlap = basis.orthogonalise(&next)
      diagonal.append(Double(overlap[overlap.count - 1]))
      var beta = Element.routines.norm(order, next)
      // What remains of a product inside an invariant subspace is rounding noise.
      if beta <= floor * before {
        beta = 0
        next = []
      }
      let size = diagonal.count
      if beta == 0 || size == limit || size < 20 || size % 5 == 0 {
        ritz = try Self.tridiagonal(diagonal, offDiagonal).symmetricEigen()
        let wanted = (size - min(count, size)..<size)
        let scale = max(ritz.values[size - 1].magnitude, ritz.values[0].magnitude)
        let allowed = max(tolerance, floor) * scale / 2
        if size >= min(count, order), wanted.allSatisfy({ beta * ritz.vectors[$0, size - 1].magnitude <= allowed }) { break }
      }
      offDiagonal.append(beta)
      direction = next
    }
    if ritz.values.count < diagonal.count { ritz = try Self.tridiagonal(diagonal, offDiagonal).symmetricEigen() }
    let size = ritz.values.count
    let scale = max(ritz.values[size - 1].magnitude, ritz.values[0].magnitude)
    return (0..<min(count, size)).map { index in
      let vector = basis.combination(ritz.vectors.row(size - 1 - index).map { Element($0) })
      let image = product(vector)
      let value = zip(vector, image).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let defect = zip(vector, image).map { Double($1) - value * Double($0) }
      let residual = Double.routines.norm(order, defect)
      return Pair(
        value: value, vector: vector, residual: residual, iterations: diagonal.count,
        hasConverged: residual <= max(tolerance, 4 * floor * Double(size)) * scale)
    }
  }

  /// An *estimate from below* of the largest singular value of a linear map, and where it is attained.
  ///
  /// Works on AᵀA, or on AAᵀ when the output is shorter. In exact arithmetic the value is at most the spectral norm: it is ‖A v‖ for a unit
  /// vector v. It is no bound from above.
  ///
  /// - Throws: As ``largestEigenpairs(_:order:start:_:)``.
  /// - Complexity: O(iterations) applications of the map and its adjoint.
  public func spectralNorm<Element: Scalar>(of map: any LinearMap<Element>) throws(LinearAlgebraError) -> Double {
    let byInput = map.inputCount <= map.outputCount
    let order = byInput ? map.inputCount : map.outputCount
    guard order > 0 else { return 0 }
    let pairs: [Pair<Element>] = try largestEigenpairs(order: order) { x in
      byInput ? map.adjoint(map.apply(x)) : map.apply(map.adjoint(x))
    }
    guard let vector = pairs.first?.vector else { return 0 }
    let image: [Element] = byInput ? map.apply(vector) : map.adjoint(vector)
    return Element.routines.norm(image.count, image) / Element.routines.norm(order, vector)
  }

  /// The projected operator as a full matrix.
  private static func tridiagonal(_ diagonal: [Double], _ offDiagonal: [Double]) -> Matrix<Double> {
    var result = Matrix<Double>.diagonal(diagonal)
    for i in 1..<max(1, diagonal.count) { result[i, i - 1] = offDiagonal[i - 1] }
    return result
  }
}
