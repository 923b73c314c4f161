/// One row-major product C = α op(A) op(B) (+ C) on raw memory; the shapes decide how it is split over threads, so the result does not
/// depend on their number.
public struct Gemm<Element: Scalar>: Sendable {
  /// Rows of C, columns of C, inner dimension.
  var m: Int
  var n: Int
  var k: Int
  var transposingLeft = false
  var transposingRight = false
  var scale: Element = 1
  var accumulating = false
  /// Distances between consecutive rows of the stored A, B and C; `nil` when packed.
  var strideA: Int?
  var strideB: Int?
  var strideC: Int?

  /// A product of these sizes: C is m × n, op(A) is m × k, op(B) is k × n; strides are the distances between rows as stored.
  public init(
    m: Int, n: Int, k: Int, transposingLeft: Bool = false, transposingRight: Bool = false, scale: Element = 1, accumulating: Bool = false,
    strideA: Int? = nil, strideB: Int? = nil, strideC: Int? = nil
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    self.transposingLeft = transposingLeft
    self.transposingRight = transposingRight
    self.scale = scale
    self.accumulating = accumulating
    (self.strideA, self.strideB, self.strideC) = (strideA, strideB, strideC)
  }

  /// Multiply-adds worth a thread.
  private static var grain: Int { 1 << 20 }

  /// Runs the product.
  ///
  /// - Precondition: the memory has the sizes of the product; C does not overlap A or B.
  @_specialize(where Element == Double)
  @_specialize(where Element == Float)
  public func run(_ a: UnsafePointer<Element>?, _ b: UnsafePointer<Element>?, _ c: UnsafeMutablePointer<Element>?) {
    guard m > 0, n > 0, let c else { return }
    guard k > 0, let a, let b else {
      if !accumulating { for i in 0..<m { (c + i * (strideC ?? n)).clear(n) } }
      return
    }
    let pieces = min(16, m * n / 1024 * k / (Self.grain / 1024))
    let (byColumns, length) = n >= m ? (true, n) : (false, m)
    let size = max(64, (length / max(1, pieces) + 15) / 16 * 16)
    guard pieces > 1, size < length else { return runPiece(a, b, c, rows: 0..<m, columns: 0..<n) }
    let (sharedA, sharedB, sharedC) = (SharedInput(base: a), SharedInput(base: b), SharedBuffer(base: c))
    ParallelFor.run((length + size - 1) / size) { piece in
      let range = piece * size..<min(length, (piece + 1) * size)
      runPiece(sharedA.base, sharedB.base, sharedC.base, rows: byColumns ? 0..<m : range, columns: byColumns ? range : 0..<n)
    }
  }

  /// Computes the part of C in `rows` × `columns` on this thread.
  private func runPiece(
    _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>, _ c: UnsafeMutablePointer<Element>, rows: Range<Int>, columns: Range<Int>
  ) {
    let lda = strideA ?? (transposingLeft ? m : k)
    let ldb = strideB ?? (transposingRight ? k : n)
    let ldc = strideC ?? n
    let a = a + rows.lowerBound * (transposingLeft ? 1 : lda)
    let b = b + columns.lowerBound * (transposingRight ? ldb : 1)
    let c = c + rows.lowerBound * ldc + columns.lowerBound
    var (alpha, beta) = (scale, accumulating ? Element(1) : Element(0))
    var (m32, n32, k32) = (Int32(rows.count), Int32(columns.count), Int32(k))
    var (lda32, ldb32, ldc32, one) = (Int32(lda), Int32(ldb), Int32(ldc), Int32(1))
    // Row-major C is column-major Cᵀ = op(B)ᵀ op(A)ᵀ, and stored B is already Bᵀ.
    if rows.count == 1, !transposingLeft {
      let (stored, width) = transposingRight ? (k32, n32) : (n32, k32)
      var (first, second) = (stored, width)
      Element.routines.gemv(transposingRight ? "T" : "N", &first, &second, &alpha, b, &ldb32, a, &one, &beta, c, &one, 1)
      return
    }
    Element.routines.gemm(
      transposingRight ? "T" : "N", transposingLeft ? "T" : "N", &n32, &m32, &k32, &alpha, b, &ldb32, a, &lda32, &beta, c, &ldc32, 1, 1)
  }
}
