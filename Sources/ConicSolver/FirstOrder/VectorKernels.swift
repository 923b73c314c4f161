/// Sums over long vectors in eight strands, which the compiler may not do on its own; the same order of additions every time.
enum VectorKernels {
  /// x′y over the first `count` elements.
  static func dot(_ x: [Double], _ y: [Double], count: Int) -> Double {
    precondition(x.count >= count && y.count >= count, "vectors are too short")
    return x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        var (first, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        let whole = count / 16 * 16
        var k = 0
        while k < whole {
          first +=
            x.loadUnaligned(fromByteOffset: 8 &* k, as: SIMD8<Double>.self)
            * y.loadUnaligned(fromByteOffset: 8 &* k, as: SIMD8<Double>.self)
          second +=
            x.loadUnaligned(fromByteOffset: 8 &* k &+ 64, as: SIMD8<Double>.self)
            * y.loadUnaligned(fromByteOffset: 8 &* k &+ 64, as: SIMD8<Double>.self)
          k &+= 16
        }
        var sum = (first + second).sum()
        while k < count {
          sum += x.loadUnaligned(fromByteOffset: 8 &* k, as: Double.self) * y.loadUnaligned(fromByteOffset: 8 &* k, as: Double.self)
          k &+= 1
        }
        return sum
      }
    }
  }

  /// |x| over the first `count` elements.
  static func norm(_ x: [Double], count: Int) -> Double { dot(x, x, count: count).squareRoot() }

  /// y += a x.
  static func add(_ a: Double, _ x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count, "vectors differ in length")
    let count = x.count
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for k in 0..<count { y[k] += a * x[k] }
      }
    }
  }
}
