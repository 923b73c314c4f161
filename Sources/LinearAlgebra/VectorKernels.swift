/// Sums over long vectors in strands, which the compiler may not do on its own; the same order of additions every time.
public enum VectorKernels {
  /// x′y over `count` elements from the given places on.
  public static func dot(_ x: [Double], at i: Int = 0, _ y: [Double], at j: Int = 0, count: Int) -> Double {
    precondition(i >= 0 && j >= 0 && x.count >= i + count && y.count >= j + count, "vectors are too short")
    return x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        var (first, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        let whole = count / 16 * 16
        var (p, q) = (8 * i, 8 * j)
        for _ in 0..<count / 16 {
          first += x.loadUnaligned(fromByteOffset: p, as: SIMD8<Double>.self) * y.loadUnaligned(fromByteOffset: q, as: SIMD8<Double>.self)
          second +=
            x.loadUnaligned(fromByteOffset: p &+ 64, as: SIMD8<Double>.self)
            * y.loadUnaligned(fromByteOffset: q &+ 64, as: SIMD8<Double>.self)
          p &+= 128
          q &+= 128
        }
        var sum = (first + second).sum()
        for _ in whole..<count {
          sum += x.loadUnaligned(fromByteOffset: p, as: Double.self) * y.loadUnaligned(fromByteOffset: q, as: Double.self)
          p &+= 8
          q &+= 8
        }
        return sum
      }
    }
  }

  /// x′y.
  public static func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "vectors differ in length")
    return dot(x, y, count: x.count)
  }

  /// |x| over the first `count` elements.
  public static func norm(_ x: [Double], count: Int) -> Double { dot(x, x, count: count).squareRoot() }

  /// |x|.
  public static func norm(_ x: [Double]) -> Double { norm(x, count: x.count) }

  /// y += a x.
  public static func add(_ a: Double, _ x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count, "vectors differ in length")
    let count = x.count
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for k in 0..<count { y[k] += a * x[k] }
      }
    }
  }

  /// Writes x − y to `z` from a place on.
  public static func difference(_ x: [Double], _ y: [Double], into z: inout [Double], at place: Int) {
    precondition(x.count == y.count && place >= 0 && z.count >= place + x.count, "vectors differ in length")
    let count = x.count
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        z.withUnsafeMutableBufferPointer { z in
          for k in 0..<count { z[place &+ k] = x[k] - y[k] }
        }
      }
    }
  }

  /// y −= Σ aᵢ xᵢ, where the vectors xᵢ lie one after another in `rows`; in pieces that stay in the first-level cache.
  public static func subtract(_ a: [Double], rows x: [Double], from y: inout [Double]) {
    let count = y.count
    precondition(x.count >= a.count * count, "vectors are too short")
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for start in stride(from: 0, to: count, by: 1024) {
          let end = min(count, start + 1024)
          for (i, factor) in a.enumerated() {
            let row = i * count
            for k in start..<end { y[k] -= factor * x[row &+ k] }
          }
        }
      }
    }
  }
}
