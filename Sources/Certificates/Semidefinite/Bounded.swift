import LinearAlgebra

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
