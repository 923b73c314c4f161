import Certificates
import LinearAlgebra
import Networks

/// The lifted network and its fixed-point iteration: a power iteration for networks.
///
/// Scalars of the network become vectors of length r (the rank), so every node holds an r × n batch V. An activation unit's vector lies on
/// the sphere with diameter [αp, βp]: h = c p + d |p| s, c = (α + β)/2, d = (β − α)/2, |s| = 1. Any unit vectors s give a feasible point of
/// the dual of the semidefinite program, with value f = |Y|²_F for a normalised input V₀; f is convex in s and V₀, so maximising its
/// linearisation backwards, layer by layer, never decreases it. Momentum with restarts accelerates the iteration by more than ten times on
/// deep chains. Design document, section 3.
///
/// Memory is O(units × rank): P, s and the previous s of every activation node, plus the nodes that are alive in one pass.
struct LiftedIteration<Element: LiftedScalar> {
  private enum Step {
    case input
    case affine([(source: Int, map: (any LinearMap<Element>)?)])
    case activation(source: Int, state: Int)
  }

  /// What an activation node keeps between passes.
  private struct Units {
    let count: Int
    let c: [Element]
    let d: [Element]
    var s: Matrix<Element>
    var previous: Matrix<Element>
    var tau: [Element]
    /// d |p| |a| |Δs|² of every unit in the last step.
    var moved: [Element]

    mutating func withMutablePointers(
      _ body: (SharedBuffer<Element>, SharedBuffer<Element>, SharedBuffer<Element>, SharedBuffer<Element>) -> Void
    ) {
      s.elements.withUnsafeMutableBufferPointer { s in
        previous.elements.withUnsafeMutableBufferPointer { old in
          tau.withUnsafeMutableBufferPointer { tau in
            moved.withUnsafeMutableBufferPointer { moved in
              guard let s = s.baseAddress, let old = old.baseAddress, let tau = tau.baseAddress, let moved = moved.baseAddress else { return }
              body(SharedBuffer(base: s), SharedBuffer(base: old), SharedBuffer(base: tau), SharedBuffer(base: moved))
            }
          }
        }
      }
    }
  }

  /// The rank r.
  private(set) var rank: Int
  private let steps: [Step]
  private let counts: [Int]
  private let lastUse: [Int]
  private let norm: InputNorm
  private var units: [Units] = []
  private var input: Matrix<Element>
  private var previousInput: Matrix<Element>
  private var values: [Matrix<Element>]
  private var iterationsSinceRestart = 0
  private var lastValue = -Double.infinity
  private var randomness: SplitMix64

  /// Prepares the iteration at a random point.
  init(_ network: LoweredNetwork, sectors: [UnitSectors], norm: InputNorm, rank: Int, seed: UInt64) {
    self.rank = rank
    self.norm = norm
    randomness = SplitMix64(seed: seed)
    counts = network.nodes.map(\.count)
    var steps: [Step] = []
    var lastUse = [Int](repeating: 0, count: network.nodes.count)
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input:
        steps.append(.input)
      case .affine(let terms, _):
        steps.append(.affine(terms.map { ($0.source, $0.map?.converted(to: Element.self)) }))
        for term in terms { lastUse[term.source] = index }
      case .activation(let source, _):
        let sector = sectors[units.count]
        steps.append(.activation(source: source, state: units.count))
        lastUse[source] = Int.max
        let s = Self.unitVectors(rank: rank, count: node.count, using: &randomness)
        units.append(
          Units(
            count: node.count, c: zip(sector.lower, sector.upper).map { Element(($0 + $1) / 2) },
            d: zip(sector.lower, sector.upper).map { Element(($1 - $0) / 2) }, s: s, previous: s,
            tau: Array(repeating: 0, count: node.count), moved: Array(repeating: 0, count: node.count)))
      }
    }
    lastUse[network.nodes.count - 1] = Int.max
    self.steps = steps
    self.lastUse = lastUse
    values = counts.map { _ in Matrix(rows: 0, columns: 0) }
    input = Matrix(rows: rank, columns: network.inputCount)
    for i in input.elements.indices { input.elements[i] = Element(randomness.nextGaussian()) }
    Self.normalise(&input, norm)
    previousInput = input
  }

  // MARK: - One iteration

  /// One forward and one backward pass.
  ///
  /// - Returns: f before the step: a lower bound on the optimum of the semidefinite program, in exact arithmetic.
  mutating func step() -> Double {
    let f = forward()
    if f < lastValue { iterationsSinceRestart = 0 }
    lastValue = f
    let momentum = Element(Double(iterationsSinceRestart) / Double(iterationsSinceRestart + 3))
    backward(momentum: momentum)
    iterationsSinceRestart += 1
    return f
  }

  private mutating func forward() -> Double {
    values[0] = input
    for index in 1..<steps.count {
      switch steps[index] {
      case .input:
        break
      case .affine(let terms):
        var result = Matrix<Element>(rows: rank, columns: counts[index])
        for (position, term) in terms.enumerated() {
          Self.accumulate(term.map, values[term.source], into: &result, accumulating: position > 0, adjoint: false)
        }
        values[index] = result
        for term in terms where lastUse[term.source] == index { values[term.source] = Matrix(rows: 0, columns: 0) }
      case .activation(let source, let state):
        values[index] = forwardUnits(units[state], values[source])
      }
    }
    var f = 0.0
    for value in values[steps.count - 1].elements { f += Double(value) * Double(value) }
    return f
  }

  private mutating func backward(momentum: Element) {
    var adjoints: [Matrix<Element>?] = Array(repeating: nil, count: steps.count)
    adjoints[steps.count - 1] = values[steps.count - 1]
    for index in stride(from: steps.count - 1, to: 0, by: -1) {
      guard var a = adjoints[index] else { continue }
      adjoints[index] = nil
      switch steps[index] {
      case .input:
        break
      case .affine(let terms):
        for term in terms {
          let isFirst = adjoints[term.source] == nil
          var target = adjoints[term.source] ?? Matrix(rows: rank, columns: counts[term.source])
          adjoints[term.source] = nil
          Self.accumulate(term.map, a, into: &target, accumulating: !isFirst, adjoint: true)
          adjoints[term.source] = target
        }
      case .activation(let source, let state):
        backwardUnits(state, values[source], &a, momentum: momentum)
        if var other = adjoints[source] {
          adjoints[source] = nil
          Self.accumulate(nil, a, into: &other, accumulating: true, adjoint: true)
          adjoints[source] = other
        } else {
          adjoints[source] = a
        }
      }
    }
    guard var fresh = adjoints[0] else { return }
    inputGradient = fresh
    Self.normalise(&fresh, norm)
    inputMovement = 0
    for i in fresh.elements.indices {
      let change = Double(fresh.elements[i] - input.elements[i])
      inputMovement += change * change
    }
    for i in fresh.elements.indices {
      let z = fresh.elements[i]
      input.elements[i] = z + momentum * (z - previousInput.elements[i])
    }
    Self.normalise(&input, norm)
    previousInput = fresh
  }

  private var inputGradient = Matrix<Element>(rows: 0, columns: 0)
  private var inputMovement = 0.0

  private static func accumulate(
    _ map: (any LinearMap<Element>)?, _ x: Matrix<Element>, into y: inout Matrix<Element>, accumulating: Bool, adjoint: Bool
  ) {
    guard let map else {
      if accumulating {
        x.elements.withUnsafeBufferPointer { x in
          y.elements.withUnsafeMutableBufferPointer { y in for i in 0..<x.count { y[i] += x[i] } }
        }
      } else {
        y = x
      }
      return
    }
    if adjoint { map.adjoint(x, to: &y, accumulating: accumulating) } else { map.apply(x, to: &y, accumulating: accumulating) }
  }

  private func forwardUnits(_ units: Units, _ p: Matrix<Element>) -> Matrix<Element> {
    var h = Matrix<Element>(rows: rank, columns: units.count)
    let rows = rank
    h.elements.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let h = SharedBuffer(base: target)
      ParallelFor.runRanges(units.count, minimumChunk: 4096) { range in
        withExtendedPointers(p.elements, units.s.elements, units.c, units.d) { p, s, c, d in
          Element.unitsForward(rows: rows, count: units.count, units: range, p: p, s: s, c: c, d: d, h: h.base)
        }
      }
    }
    return h
  }

  private mutating func backwardUnits(_ state: Int, _ p: Matrix<Element>, _ a: inout Matrix<Element>, momentum: Element) {
    let (rows, count) = (rank, units[state].count)
    let (c, d) = (units[state].c, units[state].d)
    a.elements.withUnsafeMutableBufferPointer { a in
      units[state].withMutablePointers { s, old, tau, moved in
        guard let a = SharedBuffer(a) else { return }
        ParallelFor.runRanges(count, minimumChunk: 4096) { range in
          withExtendedPointers(p.elements, c, d, d) { p, c, d, _ in
            Element.unitsBackward(
              rows: rows, count: count, units: range, momentum: momentum, p: p, c: c, d: d, a: a.base, s: s.base, old: old.base,
              tau: tau.base, moved: moved.base)
          }
        }
      }
    }
  }

  // MARK: - What the iteration yields

  /// σ: how far the last step moved the unit vectors, weighted by what each contributes to f. The gap that multipliers of this iterate prove
  /// is about a tenth to a half of it.
  var movement: Double {
    var sum = 0.0
    for unit in units { for value in unit.moved { sum += Double(value) } }
    let gradient = inputGradient.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard lastValue > 0 else { return .infinity }
    let weight = norm == .l2 ? gradient : gradient / Double(max(1, inputGradient.columns)).squareRoot()
    return ((sum + weight * inputMovement) / lastValue).squareRoot()
  }

  /// Every node's vectors at the current point, in double precision: one more forward pass that keeps everything.
  func snapshot() -> [Matrix<Double>] {
    var values: [Matrix<Element>] = []
    for index in steps.indices {
      switch steps[index] {
      case .input:
        values.append(input)
      case .affine(let terms):
        var result = Matrix<Element>(rows: rank, columns: counts[index])
        for (position, term) in terms.enumerated() {
          Self.accumulate(term.map, values[term.source], into: &result, accumulating: position > 0, adjoint: false)
        }
        values.append(result)
      case .activation(let source, let state):
        values.append(forwardUnits(units[state], values[source]))
      }
    }
    return values.map { $0.converted(to: Double.self) }
  }

  /// The multipliers of the current iterate, one list for each activation node; positive where the unit matters.
  var multipliers: [[Double]] { units.map { $0.tau.map(Double.init) } }

  /// For the l_∞ norm, the input weights of the current iterate: the row norms of A₀.
  var inputWeights: [Double] {
    (0..<inputGradient.columns).map { i in
      var squares = 0.0
      for k in 0..<inputGradient.rows { squares += Double(inputGradient[k, i]) * Double(inputGradient[k, i]) }
      return squares.squareRoot()
    }
  }

  /// The singular values of V₀, largest first, as shares of the largest. A smallest share far from zero says that the rank binds.
  var inputSpectrum: [Double] {
    let gram = input.converted(to: Double.self).gram(transposing: true)
    guard let values = try? gram.symmetricEigenvalues(), let largest = values.max(), largest > 0 else { return [] }
    return values.sorted(by: >).map { (max(0, $0) / largest).squareRoot() }
  }

  /// Adds columns to every vector: the old ones keep their values, the new ones are small and random, so that no direction is lost and new
  /// ones can grow.
  mutating func grow(to newRank: Int, size: Double = 1e-3) {
    guard newRank > rank else { return }
    func widened(_ matrix: Matrix<Element>) -> Matrix<Element> {
      let scale = size / Double(newRank - rank).squareRoot()
      var result = Matrix<Element>(rows: newRank, columns: matrix.columns)
      result.elements.replaceSubrange(0..<matrix.elements.count, with: matrix.elements)
      for i in matrix.elements.count..<result.elements.count { result.elements[i] = Element(scale * randomness.nextGaussian()) }
      return result
    }
    for i in units.indices {
      units[i].s = widened(units[i].s)
      Self.normaliseColumns(&units[i].s)
      units[i].previous = units[i].s
    }
    let inputScale = norm == .l2 ? 1 / Double(max(1, input.columns)).squareRoot() : 1
    var wide = Matrix<Element>(rows: newRank, columns: input.columns)
    wide.elements.replaceSubrange(0..<input.elements.count, with: input.elements)
    for i in input.elements.count..<wide.elements.count {
      wide.elements[i] = Element(size * inputScale / Double(newRank - rank).squareRoot() * randomness.nextGaussian())
    }
    Self.normalise(&wide, norm)
    input = wide
    previousInput = wide
    rank = newRank
    iterationsSinceRestart = 0
    lastValue = -Double.infinity
  }

  // MARK: - Normalisation

  private static func unitVectors(rank: Int, count: Int, using randomness: inout SplitMix64) -> Matrix<Element> {
    var s = Matrix<Element>(rows: rank, columns: count)
    for i in s.elements.indices { s.elements[i] = Element(randomness.nextGaussian()) }
    normaliseColumns(&s)
    return s
  }

  /// l₂: |V₀|_F = 1. l_∞: every input coordinate's vector has length one.
  private static func normalise(_ v: inout Matrix<Element>, _ norm: InputNorm) {
    switch norm {
    case .l2:
      var squares = 0.0
      for value in v.elements { squares += Double(value) * Double(value) }
      guard squares > 0 else { return }
      let scale = Element(1 / squares.squareRoot())
      for i in v.elements.indices { v.elements[i] *= scale }
    case .lInfinity:
      normaliseColumns(&v)
    }
  }

  private static func normaliseColumns(_ v: inout Matrix<Element>) {
    let (rows, columns) = (v.rows, v.columns)
    v.elements.withUnsafeMutableBufferPointer { v in
      for i in 0..<columns {
        var squares: Element = 0
        for k in 0..<rows { squares += v[k * columns + i] * v[k * columns + i] }
        if squares > 0 {
          let scale = 1 / squares.squareRoot()
          for k in 0..<rows { v[k * columns + i] *= scale }
        } else if rows > 0 {
          v[i] = 1
        }
      }
    }
  }
}

/// Calls `body` with pointers to four arrays' elements; nothing happens when one is empty.
private func withExtendedPointers<T>(
  _ a: [T], _ b: [T], _ c: [T], _ d: [T], _ body: (UnsafePointer<T>, UnsafePointer<T>, UnsafePointer<T>, UnsafePointer<T>) -> Void
) {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      c.withUnsafeBufferPointer { c in
        d.withUnsafeBufferPointer { d in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress, let d = d.baseAddress else { return }
          body(a, b, c, d)
        }
      }
    }
  }
}
