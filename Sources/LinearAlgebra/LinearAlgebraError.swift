/// Why a matrix computation failed.
public enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// A dimension (or a product of dimensions) does not fit the 32-bit integers of BLAS and LAPACK.
  case dimensionTooLarge(Int)
  /// The leading minor of this order is not positive definite.
  case notPositiveDefinite(order: Int)
  /// A triangular matrix has a zero on its diagonal.
  case singular(index: Int)
  /// An input holds a NaN or an infinity.
  case notFinite(routine: String)
  /// LAPACK's iteration did not converge, or it refused an argument (negative `info`).
  case failed(routine: String, info: Int)
  /// The numbers of a convolution do not describe one.
  case invalidGeometry(String)

  /// The error in words.
  public var description: String {
    switch self {
    case .dimensionTooLarge(let size): "dimension \(size) does not fit 32-bit BLAS"
    case .notPositiveDefinite(let order): "the leading minor of order \(order) is not positive definite"
    case .singular(let index): "the triangular matrix has a zero at diagonal index \(index)"
    case .notFinite(let routine): "\(routine): the input holds a NaN or an infinity"
    case .failed(let routine, let info): "\(routine) failed with info = \(info)"
    case .invalidGeometry(let detail): "invalid convolution: \(detail)"
    }
  }

  /// `size` as the integer BLAS and LAPACK take.
  static func checked(_ size: Int) throws(LinearAlgebraError) -> Int32 {
    guard let result = Int32(exactly: size) else { throw .dimensionTooLarge(size) }
    return result
  }
}
