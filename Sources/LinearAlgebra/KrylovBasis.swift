/// Orthonormal vectors that grow one by one.
struct KrylovBasis<Element: Scalar> {
  /// The length of the vectors.
  let order: Int
  /// The vectors one after the other.
  private var elements: [Element] = []

  init(order: Int) { self.order = order }

  /// The number of vectors.
  var count: Int { elements.count / order }

  /// Appends `direction`, made orthogonal and of length one; when it is empty or zero, a random direction instead.
  ///
  /// Returns false when no direction is left.
  mutating func append(_ direction: inout [Element], orElse random: inout SplitMix64) -> Bool {
    guard count < order else { return false }
    for attempt in 0..<4 {
      if direction.isEmpty { direction = random.gaussianVector(order) }
      let before = Element.routines.norm(order, direction)
      // The Lanczos direction is orthogonal already; a fresh one is not.
      if attempt > 0 || count == 0 || !isOrthogonal(direction, before) { orthogonalise(&direction) }
      let length = Element.routines.norm(order, direction)
      if length > 1e-4 * before, length > 0, length.isFinite {
        direction = scaled(direction, 1 / length)
        elements += direction
        return true
      }
      direction = []
    }
    return false
  }

  private func isOrthogonal(_ x: [Element], _ length: Double) -> Bool {
    coefficients(x).allSatisfy { Double($0.magnitude) <= 100 * Double(Element.ulpOfOne) * length }
  }

  /// Removes from `x` its components along the basis, in two passes; returns the sums of what was removed.
  @discardableResult
  func orthogonalise(_ x: inout [Element]) -> [Element] {
    guard count > 0 else { return [] }
    var total = coefficients(x)
    subtract(total, from: &x)
    let second = coefficients(x)
    subtract(second, from: &x)
    for i in total.indices { total[i] += second[i] }
    return total
  }

  /// The inner products of `x` with the basis vectors.
  private func coefficients(_ x: [Element]) -> [Element] {
    guard count > 0 else { return [] }
    var result = [Element](repeating: 0, count: count)
    var (m, n, one, alpha, beta) = (Int32(order), Int32(count), Int32(1), Element(1), Element(0))
    Element.routines.gemv("T", &m, &n, &alpha, elements, &m, x, &one, &beta, &result, &one, 1)
    return result
  }

  private func subtract(_ coefficients: [Element], from x: inout [Element]) {
    var (m, n, one, alpha, beta) = (Int32(order), Int32(count), Int32(1), Element(-1), Element(1))
    Element.routines.gemv("N", &m, &n, &alpha, elements, &m, coefficients, &one, &beta, &x, &one, 1)
  }

  /// Σ coefficients[i] · vector i for the first vectors, scaled to length one.
  func combination(_ coefficients: [Element]) -> [Element] {
    var result = [Element](repeating: 0, count: order)
    var (m, n, one, alpha, beta) = (Int32(order), Int32(coefficients.count), Int32(1), Element(1), Element(0))
    Element.routines.gemv("N", &m, &n, &alpha, elements, &m, coefficients, &one, &beta, &result, &one, 1)
    let length = Element.routines.norm(order, result)
    return length > 0 ? scaled(result, 1 / length) : result
  }

  /// factor · x.
  private func scaled(_ x: [Element], _ factor: Double) -> [Element] {
    var result = x
    var (m, one, alpha, beta) = (Int32(order), Int32(1), Element(factor), Element(0))
    var unit = Element(1)
    Element.routines.gemv("N", &m, &one, &alpha, x, &m, &unit, &one, &beta, &result, &one, 1)
    return result
  }
}
