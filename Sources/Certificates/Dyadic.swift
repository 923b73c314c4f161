import BigInt
import Foundation

/// An exact dyadic rational: significand · 2^exponent.
struct Dyadic: ExpressibleByIntegerLiteral {
  private(set) var significand: BigInt
  private(set) var exponent: Int

  static let zero: Dyadic = 0

  init(significand: BigInt, exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  init(integerLiteral value: Int) { self.init(significand: BigInt(value), exponent: 0) }

  /// The exact value of a double.
  ///
  /// - Precondition: it is finite.
  init(_ value: Double) {
    guard value != 0 else {
      self.init(significand: 0, exponent: 0)
      return
    }
    let scaled = value.significand * 0x1p52
    self.init(significand: BigInt(scaled) * (value < 0 ? -1 : 1), exponent: Int(value.exponent) - 52)
  }

  var isZero: Bool { significand.isZero }
  var isNegative: Bool { significand.sign == .minus && !significand.isZero }

  static func + (a: Dyadic, b: Dyadic) -> Dyadic {
    if a.isZero { return b }
    if b.isZero { return a }
    let exponent = min(a.exponent, b.exponent)
    return Dyadic(significand: a.aligned(to: exponent) + b.aligned(to: exponent), exponent: exponent)
  }

  static func * (a: Dyadic, b: Dyadic) -> Dyadic {
    Dyadic(significand: a.significand * b.significand, exponent: a.exponent + b.exponent)
  }

  static prefix func - (a: Dyadic) -> Dyadic { Dyadic(significand: -a.significand, exponent: a.exponent) }

  /// About this number, in floating point.
  var approximate: Double {
    let shift = max(0, significand.bitWidth - 64)
    return scalbn(Double(significand >> shift), exponent + shift)
  }

  /// The significand over 2^exponent, for an exponent not above this number's.
  func aligned(to exponent: Int) -> BigInt { significand << (self.exponent - exponent) }
}
