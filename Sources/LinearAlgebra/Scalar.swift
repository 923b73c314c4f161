internal import CKernels
internal import CLAPACK

/// A floating-point type that BLAS and LAPACK work in: `Float` or `Double`.
///
/// Use the routines through ``Matrix``'s methods and the linear maps.
public protocol Scalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable where Magnitude == Self {
  /// The numerical routines of this precision.
  static var routines: ScalarRoutines<Self> { get }
}

extension Float: Scalar {
  /// Single-precision BLAS, LAPACK and kernels; OpenBLAS is at one thread when this returns.
  public static let routines: ScalarRoutines<Float> = {
    _ = Threads.optimisedBLAS
    return ScalarRoutines(
      gemm: sgemm_, gemv: sgemv_, syrk: ssyrk_, trsm: strsm_, potrf: spotrf_, syevd: ssyevd_, syevr: ssyevr_, sytrd: ssytrd_,
      stemr: sstemr_, stedc: sstedc_, ormtr: sormtr_, geqrf: sgeqrf_, gelqf: sgelqf_, orglq: sorglq_, gesdd: sgesdd_,
      shiftedProducts: lipcert_sshifted_products, packPanel: lipcert_spack_panel, copyGrid: lipcert_scopy_grid,
      gather: lipcert_sgather, scatter: lipcert_sscatter, scale: lipcert_sscale,
      sparseProduct: lipcert_ssparse_product, interleave: lipcert_sinterleave, separate: lipcert_sseparate, norm: lipcert_snorm,
      allFinite: lipcert_sall_finite)
  }()
}

extension Double: Scalar {
  /// Double-precision BLAS, LAPACK and kernels; OpenBLAS is at one thread when this returns.
  public static let routines: ScalarRoutines<Double> = {
    _ = Threads.optimisedBLAS
    return ScalarRoutines(
      gemm: dgemm_, gemv: dgemv_, syrk: dsyrk_, trsm: dtrsm_, potrf: dpotrf_, syevd: dsyevd_, syevr: dsyevr_, sytrd: dsytrd_,
      stemr: dstemr_, stedc: dstedc_, ormtr: dormtr_, geqrf: dgeqrf_, gelqf: dgelqf_, orglq: dorglq_, gesdd: dgesdd_,
      shiftedProducts: lipcert_dshifted_products, packPanel: lipcert_dpack_panel, copyGrid: lipcert_dcopy_grid,
      gather: lipcert_dgather, scatter: lipcert_dscatter, scale: lipcert_dscale,
      sparseProduct: lipcert_dsparse_product, interleave: lipcert_dinterleave, separate: lipcert_dseparate, norm: lipcert_dnorm,
      allFinite: lipcert_dall_finite)
  }()
}
