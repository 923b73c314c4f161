/// Points e^{2πit} of the unit circle by additions and multiplications alone, so that their error can be proved.
enum UnitCircle {
  /// A bound on the error of each coordinate, for |t| ≤ 2 known up to 2⁻⁵⁰.
  ///
  /// The reduction r = t − q/4 to |r| ≤ 1/8 is exact, 2πr carries the error 2π 2⁻⁵⁰ of t and two roundings of a number below 0.8, the Taylor
  /// polynomials leave less than 10⁻²⁰ out, and Horner's rule in x² ≤ 0.62 with coefficients that are quotients of exact numbers adds less
  /// than eight roundings of a number below 1.3: together less than 2⁻⁴⁶.
  static let error = 0x1p-46

  /// (cos 2πt, sin 2πt).
  static func point(_ t: Double) -> (cosine: Double, sine: Double) {
    let quarters = (4 * t).rounded()
    let x = 2 * Double.pi * (t - quarters / 4)
    let square = x * x
    let cosine = horner(square, cosines)
    let sine = x * horner(square, sines)
    switch ((Int(quarters) % 4) + 4) % 4 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }

  /// (−1)^k / (2k)! and (−1)^k / (2k + 1)!; factorials up to 21! < 2⁵³ · 2¹⁸ are exact doubles.
  private static let cosines = coefficients(from: 0)
  private static let sines = coefficients(from: 1)

  private static func coefficients(from first: Int) -> [Double] {
    (0...10).map { k in
      let factorial = stride(from: 2, through: 2 * k + first, by: 1).reduce(1.0) { $0 * Double($1) }
      return (k % 2 == 0 ? 1 : -1) / factorial
    }
  }

  private static func horner(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }
}
