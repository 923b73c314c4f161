/// Inner loops of bound propagation over one row, in four lanes; the order of summation is nobody's business, see ``BoxPropagation``.
enum RowKernels {
  private typealias Lanes = SIMD4<Double>

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Double>, _ i: Int) -> Lanes {
    UnsafeRawPointer(pointer + i).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private static func magnitude(_ x: Lanes) -> Lanes { x.replacing(with: -x, where: x .< 0) }

  /// Σ |cᵢ| wᵢ.
  static func weightedSize(_ c: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = Lanes()
    let whole = count & ~3
    for i in stride(from: 0, to: whole, by: 4) { sums += magnitude(load(c, i)) * load(w, i) }
    var sum = sums.sum()
    for i in whole..<count { sum += c[i].magnitude * w[i] }
    return sum
  }

  /// Σ cᵢ bᵢ and Σ |cᵢ bᵢ|.
  static func dot(_ c: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> (sum: Double, size: Double) {
    var (sums, sizes) = (Lanes(), Lanes())
    let whole = count & ~3
    for i in stride(from: 0, to: whole, by: 4) {
      let product = load(c, i) * load(b, i)
      sums += product
      sizes += magnitude(product)
    }
    var (sum, size) = (sums.sum(), sizes.sum())
    for i in whole..<count {
      sum += c[i] * b[i]
      size += (c[i] * b[i]).magnitude
    }
    return (sum, size)
  }

  /// The least value of Σ cᵢ xᵢ for lᵢ ≤ xᵢ ≤ uᵢ, and the sum of the magnitudes of its terms.
  static func minimum(
    _ c: UnsafePointer<Double>, _ l: UnsafePointer<Double>, _ u: UnsafePointer<Double>, _ count: Int
  ) -> (sum: Double, size: Double) {
    var (sums, sizes) = (Lanes(), Lanes())
    let whole = count & ~3
    for i in stride(from: 0, to: whole, by: 4) {
      let value = load(c, i)
      let product = value * load(u, i).replacing(with: load(l, i), where: value .>= 0)
      sums += product
      sizes += magnitude(product)
    }
    var (sum, size) = (sums.sum(), sizes.sum())
    for i in whole..<count {
      let product = c[i] * (c[i] >= 0 ? l[i] : u[i])
      sum += product
      size += product.magnitude
    }
    return (sum, size)
  }

  /// The lines of a node as pointers.
  struct Lines {
    let lowerSlope, lowerIntercept, upperSlope, upperIntercept, reach: UnsafePointer<Double>
  }

  /// Moves a row through units: c′ᵢ = cᵢ · slope, Σ cᵢ · intercept, Σ |cᵢ · intercept| and Σ |c′ᵢ| · reach.
  ///
  /// Where cᵢ ≥ 0 the lower line counts, else the upper one. All but `lowerSlope` begin at `place`.
  static func move(
    _ c: UnsafePointer<Double>, _ result: UnsafeMutablePointer<Double>, _ lines: Lines, lowerSlope: UnsafePointer<Double>, place: Int,
    _ count: Int
  ) -> (sum: Double, size: Double, error: Double) {
    let (lowerIntercept, upperSlope) = (lines.lowerIntercept + place, lines.upperSlope + place)
    let (upperIntercept, reach) = (lines.upperIntercept + place, lines.reach + place)
    var (sums, sizes, errors) = (Lanes(), Lanes(), Lanes())
    let whole = count & ~3
    for i in stride(from: 0, to: whole, by: 4) {
      let value = load(c, i)
      let isLower = value .>= 0
      let moved = value * load(upperSlope, i).replacing(with: load(lowerSlope, i), where: isLower)
      UnsafeMutableRawPointer(result + i).storeBytes(of: moved, as: Lanes.self)
      errors += magnitude(moved) * load(reach, i)
      let product = value * load(upperIntercept, i).replacing(with: load(lowerIntercept, i), where: isLower)
      sums += product
      sizes += magnitude(product)
    }
    var (sum, size, error) = (sums.sum(), sizes.sum(), errors.sum())
    for i in whole..<count {
      let isLower = c[i] >= 0
      let moved = c[i] * (isLower ? lowerSlope[i] : upperSlope[i])
      result[i] = moved
      error += moved.magnitude * reach[i]
      let product = c[i] * (isLower ? lowerIntercept[i] : upperIntercept[i])
      sum += product
      size += product.magnitude
    }
    return (sum, size, error)
  }
}

extension BoxPropagation.Relaxation {
  /// Calls `body` with the lines as pointers, unless there are none.
  func withPointers(_ body: (RowKernels.Lines) -> Void) {
    lowerSlope.withUnsafeBufferPointer { a in
      lowerIntercept.withUnsafeBufferPointer { b in
        upperSlope.withUnsafeBufferPointer { c in
          upperIntercept.withUnsafeBufferPointer { d in
            reach.withUnsafeBufferPointer { e in
              guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress, let d = d.baseAddress, let e = e.baseAddress else {
                return
              }
              body(RowKernels.Lines(lowerSlope: a, lowerIntercept: b, upperSlope: c, upperIntercept: d, reach: e))
            }
          }
        }
      }
    }
  }
}
