import LinearAlgebra

/// A sum of products as a value and a bound of its error, in about twice the working precision.
///
/// With p = fl(ab) and e = ab − p (one fused operation), and s + t = h + p exactly (Knuth's sum), the sums h of the p and l of all t + e
/// satisfy Σ ab = h + Σ (t + e) exactly. So the only errors are those of summing up l, at most γ(k + 1) Σ (|t| + |e|) for k products, and of
/// the last addition h + l, whose error is itself computed (Ogita, Rump and Oishi, Accurate sum and dot product, SIAM J. Sci. Comput. 26,
/// 2005). A product below 2⁻⁹⁶⁸ may lose 2⁻¹⁰⁷⁴ in e, for which every product pays 2⁻¹⁰⁷⁰. Sums that overflow have an error of NaN.
///
/// The memory for the three numbers is elsewhere, so that matrices of sums are three arrays.
enum CompensatedSum {
  /// Adds a·b to a sum.
  @inline(__always)
  static func add(_ a: Double, _ b: Double, high: inout Double, low: inout Double, spread: inout Double) {
    let p = a * b
    let e = (-p).addingProduct(a, b)
    let s = high + p
    let z = s - high
    let t = (high - (s - z)) + (p - z)
    high = s
    low += t + e
    spread += t.magnitude + e.magnitude
  }

  /// The value of a sum of at most `count` products and a bound of its error.
  ///
  /// - Precondition: `count` < 2³⁰.
  @inline(__always)
  static func value(high: Double, low: Double, spread: Double, count: Int) -> Bounded {
    if count == 0 { return Bounded(value: 0, radius: 0) }
    let value = high + low
    let z = value - high
    let t = (high - (value - z)) + (low - z)
    // γ(2k + 4) covers the rounding of the spread itself, and the last factor the four operations of this line.
    let error = t.magnitude + ErrorBounds.gamma(2 * count + 4) * spread
    return Bounded(value: value, radius: (error * (1 + 0x1p-50) + Double(count) * 0x1p-1070).nextUp)
  }
}

/// A number known up to a radius.
struct Bounded {
  var value: Double
  var radius: Double

  /// At least every number meant.
  var upper: Double { (value + radius).nextUp }
  /// At most every number meant.
  var lower: Double { (value - radius).nextDown }
  /// At least the magnitude of every number meant.
  var magnitude: Double { (value.magnitude + radius).nextUp }

  /// Σ aᵢ bᵢ.
  init(dot a: [Double], _ b: [Double]) {
    precondition(a.count == b.count, "the vectors of a product have one length")
    var (high, low, spread) = (0.0, 0.0, 0.0)
    for i in a.indices { CompensatedSum.add(a[i], b[i], high: &high, low: &low, spread: &spread) }
    self = CompensatedSum.value(high: high, low: low, spread: spread, count: a.count)
  }

  init(value: Double, radius: Double) {
    self.value = value
    self.radius = radius
  }

  /// At least the Euclidean norm of every vector meant.
  static func norm(_ vector: [Bounded]) -> Double {
    let largest = vector.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { return vector.contains { $0.magnitude.isNaN } ? .nan : 0 }
    // Relative to the largest nothing overflows, and what underflows is far below the last factor.
    var sum = 0.0
    for element in vector {
      let ratio = element.magnitude / largest
      sum += ratio * ratio
    }
    return (sum.squareRoot() * largest * (1 + 0x1p-20)).nextUp
  }
}

/// A symmetric matrix of sums of products.
struct CompensatedMatrix {
  private let order: Int
  private var high: Matrix<Double>
  private var low: Matrix<Double>
  private var spread: Matrix<Double>
  private var count = 0

  init(order: Int) {
    self.order = order
    high = Matrix(rows: order, columns: order)
    low = high
    spread = high
  }

  /// Adds a·b to entry (row, column) with row ≥ column.
  mutating func add(_ a: Double, _ b: Double, row: Int, column: Int) {
    let k = row * order + column
    CompensatedSum.add(a, b, high: &high.elements[k], low: &low.elements[k], spread: &spread.elements[k])
    count += 1
  }

  /// The matrix, and a diagonal that dominates its error.
  consuming func enclosure() -> SymmetricEnclosure {
    var (midpoint, radius) = (high, spread)
    for i in 0..<order {
      for j in 0...i {
        let k = i * order + j
        let sum = CompensatedSum.value(
          high: high.elements[k], low: low.elements[k], spread: spread.elements[k], count: count)
        midpoint.elements[k] = sum.value
        midpoint.elements[j * order + i] = sum.value
        radius.elements[k] = sum.radius
        radius.elements[j * order + i] = sum.radius
      }
    }
    return SymmetricEnclosure(midpoint, radius: radius)
  }
}
