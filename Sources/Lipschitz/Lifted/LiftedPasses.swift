import Certificates
import LinearAlgebra
import Networks

/// The lifted network: forward and backward passes of r columns without biases.
///
/// Scalars of the network become vectors of length r (the rank), so every node holds an r × n batch V. An activation unit's vector lies on
/// the sphere with diameter [αp, βp]: h = c p + d |p| s, c = (α + β)/2, d = (β − α)/2, |s| = 1. A *point* is one array: the unit vectors s of
/// every activation node, r × units each, and then the input V₀, r × inputs.
///
/// Batches are kept and reused, so that passes allocate nothing: memory is O(units × rank).
struct LiftedPasses<Element: LiftedScalar> {
  private enum Step {
    case input
    case affine([(source: Int, map: (any LinearMap<Element>)?)])
    case activation(source: Int, position: Int)
  }

  /// The units and the rank r.
  let units: LiftedUnits<Element>
  /// The number of inputs.
  let inputCount: Int
  /// The number of activation units.
  let unitCount: Int
  /// The activation nodes.
  let blocks: [UnitBlock]

  private let steps: [Step]
  private let counts: [Int]
  private let lastUse: [Int]
  private var values: [Matrix<Element>]
  private var adjoints: [Matrix<Element>]
  private var hasAdjoint: [Bool]
  private var pool = BatchPool<Element>()

  /// The rank r.
  var rank: Int { units.rank }

  /// Prepares passes of rank r.
  ///
  /// - Parameter groups: for each activation node the units that share a multiplier, or `nil` when each has its own.
  init(_ network: LoweredNetwork, sectors: [UnitSectors], groups: [UnitGroups]? = nil, rank: Int) {
    var steps: [Step] = []
    var lastUse = [Int](repeating: 0, count: network.nodes.count)
    var blocks: [UnitBlock] = []
    var start = 0
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input:
        steps.append(.input)
      case .affine(let terms, _):
        steps.append(.affine(terms.map { ($0.source, $0.map?.converted(to: Element.self).fastest()) }))
        for term in terms { lastUse[term.source] = index }
      case .activation(let source, _):
        steps.append(.activation(source: source, position: blocks.count))
        lastUse[source] = Int.max
        blocks.append(UnitBlock(start: start, count: node.count, groups: groups?[blocks.count]))
        start += node.count
      }
    }
    lastUse[network.nodes.count - 1] = Int.max
    units = LiftedUnits(
      rank: rank, c: sectors.flatMap { zip($0.lower, $0.upper).map { Element(($0 + $1) / 2) } },
      d: sectors.flatMap { zip($0.lower, $0.upper).map { Element(($1 - $0) / 2) } })
    self.steps = steps
    self.lastUse = lastUse
    self.blocks = blocks
    unitCount = start
    inputCount = network.inputCount
    counts = network.nodes.map(\.count)
    let empty = Matrix<Element>(rows: 0, columns: 0)
    values = counts.map { _ in empty }
    adjoints = values
    hasAdjoint = counts.map { _ in false }
  }

  /// The same network with passes of another rank.
  init(_ other: LiftedPasses, rank: Int) {
    (steps, counts, lastUse, blocks) = (other.steps, other.counts, other.lastUse, other.blocks)
    (unitCount, inputCount, hasAdjoint) = (other.unitCount, other.inputCount, other.hasAdjoint)
    units = LiftedUnits(rank: rank, c: other.units.c, d: other.units.d)
    let empty = Matrix<Element>(rows: 0, columns: 0)
    values = counts.map { _ in empty }
    adjoints = values
  }

  /// The number of elements of a point.
  var pointCount: Int { rank * (unitCount + inputCount) }

  // MARK: - Forward

  /// |Y|²_F at a point.
  mutating func forward(_ point: UnsafePointer<Element>) -> Double {
    for index in steps.indices {
      evaluate(index, point)
      if case .affine(let terms) = steps[index] {
        for term in terms where lastUse[term.source] == index { release(term.source) }
      }
    }
    let norm = values[steps.count - 1].frobeniusNorm
    return norm * norm
  }

  /// Y, after ``forward(_:)`` and before ``backward(scale:outputWeights:units:)``.
  var output: Matrix<Element> { values[steps.count - 1] }

  /// Every node's vectors at a point, in double precision.
  mutating func snapshot(_ point: UnsafePointer<Element>) -> [Matrix<Double>] {
    for index in steps.indices { evaluate(index, point) }
    let result = values.map { $0.converted(to: Double.self) }
    for index in steps.indices where lastUse[index] < Int.max { release(index) }
    return result
  }

  private mutating func release(_ index: Int) {
    pool.give(&values[index])
  }

  private mutating func evaluate(_ index: Int, _ point: UnsafePointer<Element>) {
    if values[index].columns != counts[index] || values[index].rows != rank {
      values[index] = pool.take(rows: rank, columns: counts[index])
    }
    switch steps[index] {
    case .input:
      let first = point + rank * unitCount
      values[index].elements.withUnsafeMutableBufferPointer { v in
        _ = v.update(fromContentsOf: UnsafeBufferPointer(start: first, count: v.count))
      }
    case .affine(let terms):
      for (position, term) in terms.enumerated() {
        if let map = term.map {
          map.apply(values[term.source], to: &values[index], accumulating: position > 0)
        } else {
          Self.copy(values[term.source], to: &values[index], accumulating: position > 0)
        }
      }
    case .activation(let source, let position):
      let (block, units) = (blocks[position], units)
      values[source].elements.withUnsafeBufferPointer { p in
        values[index].elements.withUnsafeMutableBufferPointer { h in
          guard let p = p.baseAddress, let h = h.baseAddress else { return }
          units.forward(block, p: p, s: point + units.rank * block.start, h: h)
        }
      }
    }
  }

  // MARK: - Backward

  /// The backward pass after ``forward(_:)``, once: it consumes the batches.
  ///
  /// - Parameters:
  ///   - scale: a factor of Y.
  ///   - outputWeights: further factors of the output's coordinates: for the value Σ wᵢ |Yᵢ|² instead of |Y|²_F.
  ///   - units: called for every activation node, last first, with the pre-activations and the adjoint of h, to replace by that of p.
  /// - Returns: the adjoint of the input.
  mutating func backward(
    scale: Element, outputWeights: [Element]? = nil,
    units: (_ block: UnitBlock, _ p: UnsafePointer<Element>, _ a: UnsafeMutablePointer<Element>) -> Void
  ) -> Matrix<Element> {
    let last = steps.count - 1
    pool.give(&adjoints[last])
    swap(&adjoints[last], &values[last])
    hasAdjoint[last] = true
    adjoints[last].elements.withUnsafeMutableBufferPointer { y in for i in y.indices { y[i] *= scale } }
    if let outputWeights {
      for k in 0..<rank { for i in 0..<counts[last] { adjoints[last][k, i] *= outputWeights[i] } }
    }
    for index in stride(from: last, to: 0, by: -1) where hasAdjoint[index] {
      hasAdjoint[index] = false
      switch steps[index] {
      case .input:
        break
      case .affine(let terms):
        for (position, term) in terms.enumerated() {
          let accumulating = hasAdjoint[term.source]
          hasAdjoint[term.source] = true
          if let map = term.map {
            prepareAdjoint(term.source)
            map.adjoint(adjoints[index], to: &adjoints[term.source], accumulating: accumulating)
          } else if !accumulating && position == terms.count - 1 {
            pool.give(&adjoints[term.source])
            adjoints.swapAt(index, term.source)
          } else {
            prepareAdjoint(term.source)
            Self.copy(adjoints[index], to: &adjoints[term.source], accumulating: accumulating)
          }
        }
      case .activation(let source, let position):
        values[source].elements.withUnsafeBufferPointer { p in
          adjoints[index].elements.withUnsafeMutableBufferPointer { a in
            guard let p = p.baseAddress, let a = a.baseAddress else { return }
            units(blocks[position], p, a)
          }
        }
        if hasAdjoint[source] {
          Self.copy(adjoints[index], to: &adjoints[source], accumulating: true)
        } else {
          pool.give(&adjoints[source])
          adjoints.swapAt(index, source)
          hasAdjoint[source] = true
        }
      }
      pool.give(&adjoints[index])
    }
    if !hasAdjoint[0] { adjoints[0] = Matrix(rows: rank, columns: inputCount) }
    hasAdjoint[0] = false
    return adjoints[0]
  }

  private mutating func prepareAdjoint(_ index: Int) {
    if adjoints[index].columns != counts[index] || adjoints[index].rows != rank {
      adjoints[index] = pool.take(rows: rank, columns: counts[index])
    }
  }

  private static func copy(_ x: Matrix<Element>, to y: inout Matrix<Element>, accumulating: Bool) {
    x.elements.withUnsafeBufferPointer { x in
      y.elements.withUnsafeMutableBufferPointer { y in
        guard accumulating else {
          _ = y.update(fromContentsOf: x)
          return
        }
        for i in 0..<x.count { y[i] += x[i] }
      }
    }
  }
}

/// Calls `body` with pointers to two arrays' elements; nothing happens when one is empty.
func withPointers<T>(_ a: [T], _ b: [T], _ body: (UnsafePointer<T>, UnsafePointer<T>) -> Void) {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      body(a, b)
    }
  }
}
