import Certificates
import LinearAlgebra
import Networks

/// The fixed-point iteration on the lifted network: a power iteration for networks.
///
/// Any point of ``LiftedPasses`` is feasible for the dual of the semidefinite program, with value f = |Y|²_F for a normalised input V₀; f is
/// convex in s and V₀, so maximising its linearisation backwards, layer by layer, never decreases it. Momentum with restarts accelerates the
/// iteration by more than ten times on deep chains; after a few such steps, limited-memory quasi-Newton steps need two to ten times fewer
/// passes still, at the price of their memory. See <doc:LiftedSolver>.
struct LiftedIteration<Element: LiftedScalar> {
  var passes: LiftedPasses<Element>
  var spheres: SphereProduct<Element>
  /// Fixed-point steps before the first quasi-Newton step: far from the optimum they are the better ones.
  private static var warmUpSteps: Int { 5 }

  private let norm: InputNorm
  private let memoryCapacity: Int
  /// The unit vectors and V₀ where the next pass goes.
  var point: [Element]
  /// The result of the last fixed-point step.
  private var previous: [Element]
  /// |A| / (d|P|) / f of every unit.
  var tau: [Element]
  /// The last step's contribution of every unit to σ².
  private var moved: [Element]
  /// A₀ / f.
  var inputGradient: Matrix<Element>
  var squaredMovement = Double.infinity
  var value = -Double.infinity
  private var iterationsSinceRestart = 0
  private var randomness: SplitMix64
  private var warmUp = 0
  /// The quasi-Newton steps' state, once they have begun.
  var ascent: QuasiNewton<Element>?

  /// The rank r.
  var rank: Int { passes.rank }

  /// Prepares the iteration at a random point.
  ///
  /// - Precondition: for the l₁ norm the rank is more than the number of inputs.
  /// - Parameters:
  ///   - groups: for each activation node the units that share a multiplier, or `nil` when each has its own.
  ///   - memory: the number of pairs that quasi-Newton steps remember; 0 for momentum throughout.
  init(
    _ network: LoweredNetwork, sectors: [UnitSectors], groups: [UnitGroups]? = nil, norm: InputNorm, rank: Int, seed: UInt64,
    memory: Int = 0
  ) {
    self.norm = norm
    memoryCapacity = memory
    passes = LiftedPasses(network, sectors: sectors, groups: groups, rank: rank)
    spheres = SphereProduct(passes, norm: norm)
    randomness = SplitMix64(seed: seed)
    point = [Element](repeating: 0, count: passes.pointCount)
    for i in point.indices { point[i] = Element(randomness.nextGaussian()) }
    tau = [Element](repeating: 0, count: passes.unitCount)
    moved = tau
    inputGradient = Matrix(rows: rank, columns: passes.inputCount)
    previous = point
    normalise()
  }

  /// Moves to where another iteration of a network of the same units ended, plus a little noise that keeps every direction alive.
  ///
  /// - Returns: whether the state fits; if not, nothing changes.
  @discardableResult
  mutating func start(from state: LiftedState) -> Bool {
    guard state.rank == rank, state.counts == [passes.unitCount, passes.inputCount], state.point.count == point.count else { return false }
    let inputs = rank * passes.unitCount
    let inputScale = norm.hasOneWeight ? 1 / Double(max(1, point.count - inputs)).squareRoot() : 1
    for i in point.indices {
      let deviation = 0.001 * (i < inputs ? 1 / Double(rank).squareRoot() : inputScale)
      point[i] = Element(state.point[i] + deviation * randomness.nextGaussian())
    }
    normalise()
    return true
  }

  /// Where the iteration is now.
  var state: LiftedState {
    LiftedState(rank: rank, counts: [passes.unitCount, passes.inputCount], point: point.map { Double($0) })
  }

  // MARK: - One iteration

  /// One forward and one backward pass, sometimes a few more forward passes.
  ///
  /// - Returns: a lower bound on the optimum of the semidefinite program, in exact arithmetic.
  mutating func step() -> Double {
    if var state = ascent {
      ascent = nil
      if let f = quasiNewtonStep(&state) {
        ascent = state
        return f
      }
      restart()
    }
    let f = forward()
    if f < value { iterationsSinceRestart = 0 }
    value = f
    backward(momentum: Element(Double(iterationsSinceRestart) / Double(iterationsSinceRestart + 3)))
    iterationsSinceRestart += 1
    warmUp += 1
    if memoryCapacity > 0, warmUp >= Self.warmUpSteps { ascent = QuasiNewton(capacity: memoryCapacity, spheres: spheres) }
    return f
  }

  private mutating func forward() -> Double {
    point.withUnsafeBufferPointer { point in point.baseAddress.map { passes.forward($0) } ?? 0 }
  }

  private mutating func backward(momentum: Element) {
    let rows = rank
    let scale = value > 0 ? Element(1 / value) : 1
    if passes.unitCount == 0 { inputGradient = passes.backward(scale: scale) { _, _, _ in } }
    let units = passes.units
    withMutablePointers(&point, &previous, &tau, &moved) { s, old, tau, moved in
      inputGradient = passes.backward(scale: scale) { block, p, a in
        let first = block.start * rows
        units.step(
          block, momentum: momentum, p: p, a: a, s: s + first, old: old + first, tau: tau + block.start, moved: moved + block.start)
      }
    }
    squaredMovement = moved.withUnsafeBufferPointer { $0.reduce(0.0) { $0 + Double($1) } }
    moveInput(momentum: momentum)
  }

  private mutating func moveInput(momentum: Element) {
    var fresh = inputGradient.elements
    let first = rank * passes.unitCount
    var movement = 0.0
    withMutablePointers(&point, &previous) { point, previous in
      fresh.withUnsafeMutableBufferPointer { buffer in
        guard let fresh = buffer.baseAddress else { return }
        spheres.normaliseInput(fresh)
        for i in buffer.indices {
          let z = fresh[i]
          let change = Double(z - point[first + i])
          movement += change * change
          point[first + i] = z + momentum * (z - previous[first + i])
          previous[first + i] = z
        }
        spheres.normaliseInput(point + first)
      }
    }
    let gradient = inputGradient.frobeniusNorm
    let weight = norm.hasOneWeight ? gradient : gradient / Double(max(1, inputGradient.columns)).squareRoot()
    squaredMovement += weight * movement
  }

  // MARK: - What the iteration yields

  /// σ: how far the last step moved the unit vectors, weighted by what each contributes to f. The gap that multipliers of this iterate prove
  /// is about a tenth to a half of it.
  var movement: Double { squaredMovement.squareRoot() }

  /// Every node's vectors at the current point, in double precision: one more forward pass that keeps everything.
  mutating func snapshot() -> [Matrix<Double>] {
    point.withUnsafeBufferPointer { point in point.baseAddress.map { passes.snapshot($0) } ?? [] }
  }

  /// The multipliers of the current iterate, one list for each activation node; positive where the unit matters.
  var multipliers: [[Double]] {
    passes.blocks.map { block in tau[block.start..<block.start + block.count].map { value * Double($0) } }
  }

  /// For the l_∞ norm, the input weights of the current iterate: the row norms of A₀.
  var inputWeights: [Double] { inputGradient.converted(to: Double.self).columnNorms().map { value * $0 } }

  /// The singular values of V₀, largest first, as shares of the largest. A smallest share far from zero says that the rank binds.
  ///
  /// Empty for l₁, where the rank exceeds the number of inputs from the start.
  var inputSpectrum: [Double] {
    if norm == .l1 { return [] }
    let input = Matrix(rows: rank, columns: passes.inputCount, elements: point[(rank * passes.unitCount)...].map(Double.init))
    guard let values = try? input.gram(transposing: true).symmetricEigenvalues(), let largest = values.max(), largest > 0 else { return [] }
    return values.sorted(by: >).map { (max(0, $0) / largest).squareRoot() }
  }

  /// Adds columns to every vector: the old ones keep their values, the new ones are small and random, so that no direction is lost and new
  /// ones can grow.
  mutating func grow(to newRank: Int, size: Double = 1e-3) {
    let oldRank = rank
    guard newRank > oldRank else { return }
    let inputScale = norm.hasOneWeight ? 1 / Double(max(1, passes.inputCount)).squareRoot() : 1
    var wide: [Element] = []
    wide.reserveCapacity(newRank * (passes.unitCount + passes.inputCount))
    func widen(_ start: Int, _ count: Int, _ scale: Double) {
      wide += point[oldRank * start..<oldRank * (start + count)]
      let deviation = scale * size / Double(newRank - oldRank).squareRoot()
      for _ in 0..<(newRank - oldRank) * count { wide.append(Element(deviation * randomness.nextGaussian())) }
    }
    for block in passes.blocks { widen(block.start, block.count, 1) }
    widen(passes.unitCount, passes.inputCount, inputScale)
    point = wide
    passes = LiftedPasses(passes, rank: newRank)
    spheres = SphereProduct(passes, norm: norm)
    inputGradient = Matrix(rows: newRank, columns: passes.inputCount)
    normalise()
  }

  /// Scales the point onto its spheres and starts anew from there.
  private mutating func normalise() {
    let spheres = spheres
    point.withUnsafeMutableBufferPointer { buffer in
      guard let point = buffer.baseAddress else { return }
      spheres.retract(point, 0, point, to: point)
    }
    previous = point
    ascent = nil
    restart()
  }

  /// Makes the next step a plain one.
  mutating func restart() {
    iterationsSinceRestart = 0
    warmUp = 0
    value = -Double.infinity
  }
}

func withMutablePointers<T>(
  _ a: inout [T], _ b: inout [T], _ body: (UnsafeMutablePointer<T>, UnsafeMutablePointer<T>) -> Void
) {
  a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      body(a, b)
    }
  }
}

func withMutablePointers<T>(
  _ a: inout [T], _ b: inout [T], _ c: inout [T], _ d: inout [T],
  _ body: (UnsafeMutablePointer<T>, UnsafeMutablePointer<T>, UnsafeMutablePointer<T>, UnsafeMutablePointer<T>) -> Void
) {
  withMutablePointers(&a, &b) { a, b in
    withMutablePointers(&c, &d) { c, d in body(a, b, c, d) }
  }
}
