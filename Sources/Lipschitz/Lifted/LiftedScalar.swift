import CKernels
import LinearAlgebra

/// A precision in which the lifted iteration runs.
protocol LiftedScalar: Scalar {
  /// h = c p + d |p| s for every unit, norms over the rows of the batch.
  static func unitsForward(
    rows: Int, count: Int, units: Range<Int>, p: UnsafePointer<Self>, s: UnsafePointer<Self>, c: UnsafePointer<Self>,
    d: UnsafePointer<Self>, h: UnsafeMutablePointer<Self>)

  /// The backward pass of the units; see the kernel's prototype for the formulas.
  static func unitsBackward(
    rows: Int, count: Int, units: Range<Int>, momentum: Self, p: UnsafePointer<Self>, c: UnsafePointer<Self>, d: UnsafePointer<Self>,
    a: UnsafeMutablePointer<Self>, s: UnsafeMutablePointer<Self>, old: UnsafeMutablePointer<Self>, tau: UnsafeMutablePointer<Self>, moved: UnsafeMutablePointer<Self>)
}

extension Double: LiftedScalar {
  static func unitsForward(
    rows: Int, count: Int, units: Range<Int>, p: UnsafePointer<Double>, s: UnsafePointer<Double>, c: UnsafePointer<Double>,
    d: UnsafePointer<Double>, h: UnsafeMutablePointer<Double>
  ) {
    lipcert_units_forward_double(rows, count, units.lowerBound, units.upperBound, p, s, c, d, h)
  }

  static func unitsBackward(
    rows: Int, count: Int, units: Range<Int>, momentum: Double, p: UnsafePointer<Double>, c: UnsafePointer<Double>,
    d: UnsafePointer<Double>, a: UnsafeMutablePointer<Double>, s: UnsafeMutablePointer<Double>, old: UnsafeMutablePointer<Double>,
    tau: UnsafeMutablePointer<Double>, moved: UnsafeMutablePointer<Double>
  ) {
    lipcert_units_backward_double(rows, count, units.lowerBound, units.upperBound, momentum, p, c, d, a, s, old, tau, moved)
  }
}

extension Float: LiftedScalar {
  static func unitsForward(
    rows: Int, count: Int, units: Range<Int>, p: UnsafePointer<Float>, s: UnsafePointer<Float>, c: UnsafePointer<Float>,
    d: UnsafePointer<Float>, h: UnsafeMutablePointer<Float>
  ) {
    lipcert_units_forward_float(rows, count, units.lowerBound, units.upperBound, p, s, c, d, h)
  }

  static func unitsBackward(
    rows: Int, count: Int, units: Range<Int>, momentum: Float, p: UnsafePointer<Float>, c: UnsafePointer<Float>,
    d: UnsafePointer<Float>, a: UnsafeMutablePointer<Float>, s: UnsafeMutablePointer<Float>, old: UnsafeMutablePointer<Float>,
    tau: UnsafeMutablePointer<Float>, moved: UnsafeMutablePointer<Float>
  ) {
    lipcert_units_backward_float(rows, count, units.lowerBound, units.upperBound, momentum, p, c, d, a, s, old, tau, moved)
  }
}
