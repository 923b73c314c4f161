import Foundation

/// A small, fast generator of random numbers that is the same on every machine.
///
/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014, doi:10.1145/2660193.2660195.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64
  private var spare: Double?

  /// The generator with this seed; every seed gives a stream of period 2⁶⁴.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func nextUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A normally distributed number of mean 0 and variance 1 (Marsaglia's polar method; numbers come in pairs).
  public mutating func nextGaussian() -> Double {
    if let result = spare {
      spare = nil
      return result
    }
    while true {
      let (u, v) = (2 * nextUniform() - 1, 2 * nextUniform() - 1)
      let square = u * u + v * v
      if square > 0, square < 1 {
        let factor = (-2 * log(square) / square).squareRoot()
        spare = v * factor
        return u * factor
      }
    }
  }

  /// A vector of `count` independent normal numbers of standard deviation `deviation`.
  public mutating func gaussianVector<Element: Scalar>(_ count: Int, deviation: Double = 1) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(Element(deviation * nextGaussian())) }
    return result
  }

  /// A matrix of independent normal numbers of standard deviation `deviation`.
  public mutating func gaussianMatrix<Element: Scalar>(rows: Int, columns: Int, deviation: Double = 1) -> Matrix<Element> {
    Matrix(rows: rows, columns: columns, elements: gaussianVector(rows * columns, deviation: deviation))
  }
}
