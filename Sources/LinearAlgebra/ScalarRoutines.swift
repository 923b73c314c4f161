/// The BLAS, LAPACK and kernel entry points of one precision.
///
/// Opaque outside this module: ``Matrix`` and the linear maps are its only users.
public final class ScalarRoutines<Element>: Sendable {
  typealias Flag = UnsafePointer<CChar>?
  typealias Size = UnsafePointer<Int32>?
  typealias Info = UnsafeMutablePointer<Int32>?
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?

  typealias Gemm = @Sendable (Flag, Flag, Size, Size, Size, Input, Input, Size, Input, Size, Input, Output, Size, Int, Int) -> Void
  typealias Gemv = @Sendable (Flag, Size, Size, Input, Input, Size, Input, Size, Input, Output, Size, Int) -> Void
  typealias Syrk = @Sendable (Flag, Flag, Size, Size, Input, Input, Size, Input, Output, Size, Int, Int) -> Void
  typealias Trsm = @Sendable (Flag, Flag, Flag, Flag, Size, Size, Input, Input, Size, Output, Size, Int, Int, Int, Int) -> Void
  typealias Potrf = @Sendable (Flag, Size, Output, Size, Info, Int) -> Void
  typealias Syevd = @Sendable (Flag, Flag, Size, Output, Size, Output, Output, Size, Info, Size, Info, Int, Int) -> Void
  typealias Syevr =
    @Sendable (
      Flag, Flag, Flag, Size, Output, Size, Input, Input, Size, Size, Input, Info, Output, Output, Size, Info, Output, Size, Info, Size,
      Info, Int, Int, Int
    ) -> Void
  typealias Sytrd = @Sendable (Flag, Size, Output, Size, Output, Output, Output, Output, Size, Info, Int) -> Void
  typealias Stemr =
    @Sendable (
      Flag, Flag, Size, Output, Output, Input, Input, Size, Size, Info, Output, Output, Size, Size, Info, Info, Output, Size, Info, Size,
      Info, Int, Int
    ) -> Void
  typealias Stedc = @Sendable (Flag, Size, Output, Output, Output, Size, Output, Size, Info, Size, Info, Int) -> Void
  typealias Ormtr =
    @Sendable (Flag, Flag, Flag, Size, Size, Input, Size, Input, Output, Size, Output, Size, Info, Int, Int, Int) -> Void
  typealias Factor = @Sendable (Size, Size, Output, Size, Output, Output, Size, Info) -> Void
  typealias Orthogonal = @Sendable (Size, Size, Size, Output, Size, Input, Output, Size, Info) -> Void
  typealias Gesdd = @Sendable (Flag, Size, Size, Output, Size, Output, Output, Size, Output, Size, Output, Size, Info, Info, Int) -> Void
  typealias ShiftedProducts = @Sendable (Input, Int, Int, Int, UnsafePointer<Int>?, Int, Input, Int, Output, Int) -> Void
  typealias PackPanel = @Sendable (Int, Int, UnsafePointer<Int>?, Int, Input, Int, Int, Output) -> Void
  typealias CopyGrid = @Sendable (Int, Int, Input, Int, Int, Output, Int, Int, Int32) -> Void
  typealias Gather = @Sendable (Int, UnsafePointer<Int>?, Input, Output, Int32) -> Void
  typealias Scatter = @Sendable (Int, UnsafePointer<Int>?, Input, Output) -> Void
  typealias Scale = @Sendable (Int, Input, Input, Output, Int32) -> Void
  typealias SparseProduct =
    @Sendable (Int, Int, Int, UnsafePointer<Int32>?, UnsafePointer<Int32>?, Input, Input, Output) -> Void
  typealias Interleave = @Sendable (Int, Int, Input, Output) -> Void
  typealias Separate = @Sendable (Int, Int, Input, Output, Int32) -> Void
  typealias Norm = @Sendable (Int, Input) -> Double
  typealias AllFinite = @Sendable (Int, Input) -> Int32

  let gemm: Gemm
  let gemv: Gemv
  let syrk: Syrk
  let trsm: Trsm
  let potrf: Potrf
  let syevd: Syevd
  let syevr: Syevr
  let sytrd: Sytrd
  let stemr: Stemr
  let stedc: Stedc
  let ormtr: Ormtr
  let geqrf: Factor
  let gelqf: Factor
  let orglq: Orthogonal
  let gesdd: Gesdd
  let shiftedProducts: ShiftedProducts
  let packPanel: PackPanel
  let copyGrid: CopyGrid
  let gather: Gather
  let scatter: Scatter
  let scale: Scale
  let sparseProduct: SparseProduct
  let interleave: Interleave
  let separate: Separate
  let norm: Norm
  let allFinite: AllFinite

  init(
    gemm: @escaping Gemm, gemv: @escaping Gemv, syrk: @escaping Syrk, trsm: @escaping Trsm, potrf: @escaping Potrf,
    syevd: @escaping Syevd, syevr: @escaping Syevr, sytrd: @escaping Sytrd, stemr: @escaping Stemr, stedc: @escaping Stedc,
    ormtr: @escaping Ormtr, geqrf: @escaping Factor, gelqf: @escaping Factor,
    orglq: @escaping Orthogonal, gesdd: @escaping Gesdd, shiftedProducts: @escaping ShiftedProducts, packPanel: @escaping PackPanel,
    copyGrid: @escaping CopyGrid, gather: @escaping Gather, scatter: @escaping Scatter, scale: @escaping Scale,
    sparseProduct: @escaping SparseProduct, interleave: @escaping Interleave, separate: @escaping Separate, norm: @escaping Norm,
    allFinite: @escaping AllFinite
  ) {
    self.gemm = gemm
    self.gemv = gemv
    self.syrk = syrk
    self.trsm = trsm
    self.potrf = potrf
    self.syevd = syevd
    self.syevr = syevr
    self.sytrd = sytrd
    self.stemr = stemr
    self.stedc = stedc
    self.ormtr = ormtr
    self.geqrf = geqrf
    self.gelqf = gelqf
    self.orglq = orglq
    self.gesdd = gesdd
    self.shiftedProducts = shiftedProducts
    self.packPanel = packPanel
    self.copyGrid = copyGrid
    self.gather = gather
    self.scatter = scatter
    self.scale = scale
    self.sparseProduct = sparseProduct
    self.interleave = interleave
    self.separate = separate
    self.norm = norm
    self.allFinite = allFinite
  }
}
