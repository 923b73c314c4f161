/// A floating-point type that BLAS and LAPACK work in: `Float` or `Double`.
///
/// The requirements are LAPACK's routines in the type's precision on row-major storage; use them through ``Matrix``'s methods.
public protocol Scalar: BinaryFloatingPoint, SIMDScalar, Sendable where Magnitude == Self {}

extension Float: Scalar {}
extension Double: Scalar {}
