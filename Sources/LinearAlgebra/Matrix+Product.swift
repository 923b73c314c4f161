extension Matrix {
  /// Computes C = α op(A) op(B), or C += α op(A) op(B) when `accumulating`, where op transposes when asked.
  ///
  /// Large products are split over threads by columns (or rows) of C into pieces that depend on the shapes only, so the result does not
  /// depend on ``Threads/count``.
  ///
  /// - Precondition: op(A) is m × k, op(B) is k × n, C is m × n; every dimension is below 2³¹.
  /// - Complexity: O(m n k).
  public static func multiply(
    _ a: Matrix, _ b: Matrix, transposingLeft: Bool = false, transposingRight: Bool = false, scale: Element = 1, into c: inout Matrix,
    accumulating: Bool = false
  ) {
    let (m, k) = transposingLeft ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = transposingRight ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(k == inner, "the inner dimensions of a product must agree, not \(k) and \(inner)")
    precondition(c.rows == m && c.columns == n, "the product is \(m) × \(n), not \(c.rows) × \(c.columns)")
    a.elements.withUnsafeBufferPointer { a in
      b.elements.withUnsafeBufferPointer { b in
        c.elements.withUnsafeMutableBufferPointer { c in
          Gemm(
            m: m, n: n, k: k, transposingLeft: transposingLeft, transposingRight: transposingRight, scale: scale, accumulating: accumulating
          )
          .run(a.baseAddress, b.baseAddress, c.baseAddress)
        }
      }
    }
  }

  /// α op(A) op(B) as a new matrix; see ``multiply(_:_:transposingLeft:transposingRight:scale:into:accumulating:)``.
  public static func product(
    _ a: Matrix, _ b: Matrix, transposingLeft: Bool = false, transposingRight: Bool = false, scale: Element = 1
  ) -> Matrix {
    var c = Matrix(rows: transposingLeft ? a.columns : a.rows, columns: transposingRight ? b.rows : b.columns)
    multiply(a, b, transposingLeft: transposingLeft, transposingRight: transposingRight, scale: scale, into: &c)
    return c
  }

  /// op(A) x, where op transposes when asked.
  ///
  /// - Precondition: `x.count` is the number of columns of op(A).
  /// - Complexity: O(rows · columns).
  public func multiplied(by x: [Element], transposing: Bool = false) -> [Element] {
    precondition(x.count == (transposing ? rows : columns), "the vector does not fit the matrix")
    var y = [Element](repeating: 0, count: transposing ? columns : rows)
    guard rows > 0, columns > 0 else { return y }
    // The row-major matrix is the column-major transpose.
    var (m, n, one, alpha, beta) = (Int32(columns), Int32(rows), Int32(1), Element(1), Element(0))
    Element.routines.gemv(transposing ? "N" : "T", &m, &n, &alpha, elements, &m, x, &one, &beta, &y, &one, 1)
    return y
  }

  /// AᵀA, `columns` × `columns`, or AAᵀ, `rows` × `rows`, when `transposing`; exactly symmetric.
  ///
  /// - Complexity: O(rows · columns · order), half a general product.
  public func gram(transposing: Bool = false) -> Matrix {
    let order = transposing ? rows : columns
    var result = Matrix(rows: order, columns: order)
    guard rows > 0, columns > 0 else { return result }
    var (n, k, lda) = (Int32(order), Int32(transposing ? columns : rows), Int32(columns))
    var (alpha, beta) = (Element(1), Element(0))
    // In column-major terms the stored matrix is B = Aᵀ, so AᵀA = BBᵀ ("N") and AAᵀ = BᵀB ("T").
    Element.routines.syrk("L", transposing ? "T" : "N", &n, &k, &alpha, elements, &lda, &beta, &result.elements, &n, 1, 1)
    result.mirrorUpperTriangle()
    return result
  }

  /// Copies the upper triangle (row-major) into the lower one.
  mutating func mirrorUpperTriangle() {
    let n = rows
    elements.withUnsafeMutableBufferPointer { a in
      for i in 0..<n {
        for j in 0..<i { a[i &* n &+ j] = a[j &* n &+ i] }
      }
    }
  }
}
