import ConicPrograms
import LinearAlgebra
import Synchronization

/// The projection onto a product of cones by Moreau's decomposition v = s − z, s ∈ K, z ∈ K*, s′z = 0.
///
/// Blocks are spread over threads, dear ones first; the result does not depend on the number of threads. One object serves one caller at a
/// time.
final class ConeProjector {
  /// The cones.
  let cones: [Cone]
  /// Each cone's elements.
  let ranges: [Range<Int>]
  /// The projections of the semidefinite blocks; `nil` for other cones.
  let blocks: [SpectralProjection?]
  /// Seconds spent in projections so far.
  private(set) var seconds = 0.0

  /// Indices of the semidefinite blocks, by falling order.
  private let dear: [Int]
  private let cheap: [Int]

  /// Memory for these cones.
  init(_ cones: [Cone], ranges: [Range<Int>]) throws(LinearAlgebraError) {
    self.cones = cones
    self.ranges = ranges
    var blocks: [SpectralProjection?] = []
    for cone in cones {
      if case .semidefinite(let order) = cone, order > 1 {
        blocks.append(try SpectralProjection(order: order))
      } else {
        blocks.append(nil)
      }
    }
    self.blocks = blocks
    dear = cones.indices.filter { blocks[$0] != nil }.sorted { (-cones[$0].size, $0) < (-cones[$1].size, $1) }
    cheap = cones.indices.filter { blocks[$0] == nil }
  }

  /// Writes Π_K(v) to `s` and s − v, which lies in K*, to `z`.
  ///
  /// - Precondition: all three have as many elements as the cones take rows.
  /// - Throws: `LinearAlgebraError.notFinite(routine:)` when an element is not finite; LAPACK's failures.
  func split(_ v: [Double], s: inout [Double], z: inout [Double]) throws(LinearAlgebraError) {
    let total = ranges.last?.upperBound ?? 0
    precondition(v.count == total && s.count == total && z.count == total, "vectors must fit the cones")
    let clock = ContinuousClock()
    let start = clock.now
    var failure: LinearAlgebraError?
    v.withUnsafeBufferPointer { v in
      s.withUnsafeMutableBufferPointer { s in
        z.withUnsafeMutableBufferPointer { z in
          guard let v = v.baseAddress, let s = s.baseAddress, let z = z.baseAddress else { return }
          failure = split(v, s, z)
        }
      }
    }
    let elapsed = start.duration(to: clock.now).components
    seconds += Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    if let failure { throw failure }
  }

  private func split(
    _ v: UnsafePointer<Double>, _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>
  ) -> LinearAlgebraError? {
    for index in cheap {
      guard Self.splitSimple(cones[index], ranges[index], v, s, z) else { return .notFinite(routine: "projection") }
    }
    let (input, primal, dual) = (SharedInput(base: v), SharedBuffer(base: s), SharedBuffer(base: z))
    let shared = SharedBlocks(blocks: blocks, ranges: ranges, order: dear)
    let failures = Mutex<[Int: LinearAlgebraError]>([:])
    ParallelFor.run(dear.count) { k in
      let index = shared.order[k]
      let start = shared.ranges[index].lowerBound
      do throws(LinearAlgebraError) {
        try shared.blocks[index]?.split(input.base + start, s: primal.base + start, z: dual.base + start)
      } catch {
        failures.withLock { $0[index] = error }
      }
    }
    return failures.withLock { found in found.min { $0.key < $1.key }?.value }
  }

  /// Everything but matrices; false when an element is not finite.
  private static func splitSimple(
    _ cone: Cone, _ range: Range<Int>, _ v: UnsafePointer<Double>, _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>
  ) -> Bool {
    for k in range where !v[k].isFinite { return false }
    switch cone {
    case .zero:
      for k in range { (s[k], z[k]) = (0, -v[k]) }
    case .nonnegative, .semidefinite:
      // A matrix of order 1 is a number.
      for k in range { (s[k], z[k]) = (max(v[k], 0), max(-v[k], 0)) }
    case .secondOrder:
      guard let first = range.first else { return true }
      let t = v[first]
      // Divided by the greatest element, so that squares neither overflow nor vanish.
      var largest = 0.0
      for k in range.dropFirst() { largest = max(largest, v[k].magnitude) }
      var square = 0.0
      if largest > 0 { for k in range.dropFirst() { square += (v[k] / largest) * (v[k] / largest) } }
      let norm = largest * square.squareRoot()
      if norm <= t {
        for k in range { (s[k], z[k]) = (v[k], 0) }
      } else if norm <= -t {
        for k in range { (s[k], z[k]) = (0, -v[k]) }
      } else {
        let (up, down) = ((norm + t) / 2, (norm - t) / 2)
        (s[first], z[first]) = (up, down)
        for k in range.dropFirst() {
          let unit = v[k] / norm
          (s[k], z[k]) = (up * unit, -down * unit)
        }
      }
    }
    return true
  }
}

/// What the threads share: each works on blocks of its own.
private struct SharedBlocks: @unchecked Sendable {
  let blocks: [SpectralProjection?]
  let ranges: [Range<Int>]
  let order: [Int]
}
