import Foundation
import LinearAlgebra

extension Activation {
  /// √(2/π), the factor inside the tanh approximation of GELU.
  static let geluTanhFactor = 0.797_884_560_802_865_4
  /// The cubic coefficient of the tanh approximation of GELU.
  static let geluTanhCubic = 0.044715

  /// φ(x), without cancellation or overflow.
  public func value(_ x: Double) -> Double {
    switch self {
    case .relu: x < 0 ? 0 : x
    case .leakyReLU(let slope): x < 0 ? slope * x : x
    case .tanh: Foundation.tanh(x)
    case .sigmoid: Self.logistic(x)
    case .elu(let alpha): x < 0 ? alpha * expm1(x) : x
    case .softplus: max(x, 0) + log1p(exp(-x.magnitude))
    case .clip(let lower, let upper): x < lower ? lower : x > upper ? upper : x
    case .hardSigmoid(let slope, let offset): max(0, min(1, slope * x + offset))
    case .gelu: x * 0.5 * erfc(-x * 0.5.squareRoot())
    case .geluTanh: x * Self.logistic(2 * Self.geluTanhFactor * (x + Self.geluTanhCubic * x * x * x))
    case .silu: x * Self.logistic(x)
    case .mish: x > 50 ? x : x * Self.mishRatio(x)
    case .hardSwish: x * max(0, min(1, x / 6 + 0.5))
    case .absoluteValue: x.magnitude
    }
  }

  /// φ′(x); at a kink a value between the one-sided derivatives (0 for ReLU and |x|).
  public func derivative(_ x: Double) -> Double {
    switch self {
    case .relu: return x > 0 ? 1 : 0
    case .leakyReLU(let slope): return x > 0 ? 1 : slope
    case .tanh:
      // 1/cosh² without the cancellation of 1 − tanh².
      let e = exp(-2 * x.magnitude)
      return 4 * e / ((1 + e) * (1 + e))
    case .sigmoid:
      let e = exp(-x.magnitude)
      return e / ((1 + e) * (1 + e))
    case .elu(let alpha): return x > 0 ? 1 : alpha * exp(x)
    case .softplus: return Self.logistic(x)
    case .clip(let lower, let upper): return x > lower && x < upper ? 1 : 0
    case .hardSigmoid(let slope, let offset):
      let y = slope * x + offset
      return y > 0 && y < 1 ? slope : 0
    case .gelu:
      if x.magnitude > 50 { return x > 0 ? 1 : 0 }
      return 0.5 * erfc(-x * 0.5.squareRoot()) + x * exp(-0.5 * x * x) * 0.398_942_280_401_432_7
    case .geluTanh:
      if x.magnitude > 50 { return x > 0 ? 1 : 0 }
      let z = 2 * Self.geluTanhFactor * (x + Self.geluTanhCubic * x * x * x)
      let slope = 2 * Self.geluTanhFactor * (1 + 3 * Self.geluTanhCubic * x * x)
      return Self.logistic(z) * (1 + x * Self.logistic(-z) * slope)
    case .silu:
      if x.magnitude > 750 { return x > 0 ? 1 : 0 }
      return Self.logistic(x) * (1 + x * Self.logistic(-x))
    case .mish:
      if x > 50 { return 1 }
      if x < -750 { return 0 }
      let n = exp(x) * (exp(x) + 2)
      return n / (n + 2) + x * 4 * (n + 1) / ((n + 2) * (n + 2)) * Self.logistic(x)
    case .hardSwish: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    case .absoluteValue: return x > 0 ? 1 : x < 0 ? -1 : 0
    }
  }

  /// Whether φ consists of straight pieces.
  public var isPiecewiseLinear: Bool {
    switch self {
    case .relu, .leakyReLU, .absoluteValue, .clip, .hardSigmoid: true
    case .tanh, .sigmoid, .elu, .softplus, .gelu, .geluTanh, .silu, .mish, .hardSwish: false
    }
  }

  /// φ(x) in single precision; smooth functions are computed in double precision and rounded.
  public func value(_ x: Float) -> Float { Float(value(Double(x))) }
  /// φ′(x) in single precision; smooth functions are computed in double precision and rounded.
  public func derivative(_ x: Float) -> Float { Float(derivative(Double(x))) }

  /// φ of every element.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func values<Element: Scalar>(_ x: Matrix<Element>) -> Matrix<Element> {
    switch self {
    case .relu: x.mapped { $0 < 0 ? 0 : $0 }
    case .absoluteValue: x.mapped { $0.magnitude }
    case .leakyReLU(let slope): Self.leaky(x, slope: Element(slope))
    case .clip(let lower, let upper): Self.clipped(x, lower: Element(lower), upper: Element(upper))
    default: x.mapped { Element(value(Double($0))) }
    }
  }

  /// φ′ of every element.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func derivatives<Element: Scalar>(_ x: Matrix<Element>) -> Matrix<Element> {
    if case .relu = self { return x.mapped { $0 > 0 ? 1 : 0 } }
    return x.mapped { Element(derivative(Double($0))) }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func leaky<Element: Scalar>(_ x: Matrix<Element>, slope: Element) -> Matrix<Element> {
    x.mapped { $0 < 0 ? slope * $0 : $0 }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func clipped<Element: Scalar>(_ x: Matrix<Element>, lower: Element, upper: Element) -> Matrix<Element> {
    x.mapped { $0 < lower ? lower : $0 > upper ? upper : $0 }
  }

  /// 1 / (1 + e⁻ˣ) without overflow.
  static func logistic(_ x: Double) -> Double {
    let e = exp(-x.magnitude)
    return x >= 0 ? 1 / (1 + e) : e / (1 + e)
  }

  /// tanh(softplus x) = n / (n + 2) with n = eˣ (eˣ + 2), for x not above 50.
  private static func mishRatio(_ x: Double) -> Double {
    let n = exp(x) * (exp(x) + 2)
    return n / (n + 2)
  }
}

extension Matrix {
  /// The matrix of `transform` of every element.
  @inline(__always)
  func mapped(_ transform: (Element) -> Element) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: elements.map(transform))
  }
}
