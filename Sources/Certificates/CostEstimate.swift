import LinearAlgebra
import Networks

/// What a ``GainProof`` of a network will cost, found by walking its live sets without computing anything.
///
/// It counts the blocks as `ValueFunction` and `Substitution` hold them and the products as `VerifiedElimination` takes them, all units
/// being nonlinear and none dead. Vectors and packed panels (some 400 bytes for each coordinate and thread) are left out.
public struct CostEstimate: Sendable, Equatable {
  /// The greatest order among the gains, and among the stages of an elimination: the units of a node and what is live after it.
  public private(set) var largestOrder = 0
  /// Peak memory of the matrices and of the explicit map in hand, in bytes: never less than a proof takes for them.
  public private(set) var bytes = 0
  /// Multiplications for each node of the network, about; the products of triangles count as the sixths and thirds they are.
  public private(set) var nodeMultiplications: [Double]

  /// Multiplications, about.
  public var multiplications: Double { nodeMultiplications.reduce(0, +) }

  /// Estimates the cost for a network.
  ///
  /// - Parameters:
  ///   - network: in normal form.
  ///   - hasLocalSectors: whether any unit may be linear, as inside a region.
  public init(of network: LoweredNetwork, hasLocalSectors: Bool = false) {
    let nodes = network.nodes
    let affine = network.affineTerms()
    nodeMultiplications = Array(repeating: 0, count: nodes.count)
    var live = Live()
    live.counts[nodes.count - 1] = network.outputCount
    for index in stride(from: nodes.count - 1, through: 0, by: -1) {
      guard live.counts[index] != nil else { continue }
      switch nodes[index].kind {
      case .input:
        break
      case .affine:
        nodeMultiplications[index] += substitute(index, in: &live, by: (affine[index] ?? []).map { Term($0) })
      case .activation(let source, let units):
        nodeMultiplications[index] += eliminate(
          index, source: source, sectors: units.kinds, mayBeLinear: hasLocalSectors, in: &live, network, affine[source])
      }
    }
    let inputs = Double(network.inputCount)
    record(order: network.inputCount, cells: 2 * inputs * inputs + inputs * (inputs + 64) / 2)
  }

  /// Estimates the cost of a ``LoopTransformation``: for the output and every pre-activation one pass of substitutions down to the input, with
  /// an elimination of the order of every activation node and of the input on the way.
  ///
  /// - Parameter network: in normal form, with the selected outputs as its output.
  public init(transforming network: LoweredNetwork) {
    let nodes = network.nodes
    let affine = network.affineTerms()
    nodeMultiplications = Array(repeating: 0, count: nodes.count)
    let preactivations = nodes.compactMap { node -> Int? in if case .activation(let source, _) = node.kind { source } else { nil } }
    for start in Set(preactivations + [nodes.count - 1]) {
      var live = Live()
      live.counts[start] = nodes[start].count
      for index in stride(from: start, through: 0, by: -1) {
        guard let count = live.counts[index] else { continue }
        let n = Double(count)
        var terms: [Term]?
        switch nodes[index].kind {
        case .input: break
        case .affine: terms = (affine[index] ?? []).map { Term($0) }
        case .activation(let source, _): terms = [Term(source: source, count: count, entries: n)]
        }
        if case .affine = nodes[index].kind {
        } else {
          // The block, its square, the pivots and their panels.
          record(order: count, cells: live.cells + 3 * n * n + n * (n + 64) / 2)
          nodeMultiplications[index] += n * n * n / 6
        }
        if let terms { nodeMultiplications[index] += substitute(index, in: &live, by: terms) }
      }
    }
  }

  /// Refuses a proof that would take more memory.
  ///
  /// - Throws: ``NotProved``.
  func require(memoryLimit: Int) throws {
    guard bytes <= memoryLimit else { throw NotProved("the proof needs \(bytes >> 20) MiB of memory") }
  }

  /// A term of an affine node.
  private struct Term {
    let source: Int
    let count: Int
    let entries: Double
    let isIdentity: Bool
    let isDense: Bool

    init(source: Int, count: Int, entries: Double, isIdentity: Bool = false, isDense: Bool = false) {
      self.source = source
      self.count = count
      self.entries = entries
      self.isIdentity = isIdentity
      self.isDense = isDense
    }

    init(_ term: AffineTerm) {
      self.init(
        source: term.source, count: term.inputCount, entries: term.entryBound, isIdentity: term.maps.isEmpty, isDense: term.isDense)
    }

    /// A dense map is transposed; a sparse one is held by rows and by columns, with indices, row boundaries and perhaps radii.
    func bytes(outputs: Int) -> Double { isDense ? 8 * entries : 40 * entries + 8 * (Double(outputs) + Double(count) + 2) }
  }

  /// The live nodes, with sizes as floating-point numbers that cannot overflow.
  private struct Live {
    var counts: [Int: Int] = [:]

    var order: Double { counts.values.reduce(0) { $0 + Double($1) } }

    /// The numbers held in all blocks.
    var cells: Double {
      let triangles = counts.values.reduce(0) { $0 + CostEstimate.triangle($1) }
      let squares = counts.values.reduce(0) { $0 + Double($1) * Double($1) }
      return triangles + (order * order - squares) / 2
    }
  }

  /// The numbers held of a symmetric matrix, at least.
  private static func triangle(_ count: Int) -> Double {
    let n = Double(count)
    return min(n * n, n * (n + Double(PanelMatrix.height)) / 2)
  }

  private mutating func substitute(_ z: Int, in live: inout Live, by terms: [Term]) -> Double {
    let before = live
    let n = Double(live.counts.removeValue(forKey: z) ?? 0)
    let others = live.order
    let sources = Dictionary(grouping: terms, by: \.source)
    func isNew(_ s: Int) -> Bool { before.counts[s] == nil || s == z }
    func isIdentity(_ s: Int) -> Bool { sources[s]?.count == 1 && sources[s]?[0].isIdentity == true }
    let materialised = sources.keys.filter { !(isIdentity($0) && isNew($0)) }
    func products(_ nodes: [Int]) -> Double { nodes.reduce(0) { $0 + n * Double(sources[$1]?[0].count ?? 0) } }
    let maps = terms.reduce(0) { $0 + $1.bytes(outputs: Int(n)) }
    record(order: Int(min(before.order, 1e18)), cells: before.cells + products(materialised), more: maps)
    for term in terms { live.counts[term.source] = term.count }
    // Products that are given away as blocks of an identity's rows.
    let remaining = materialised.filter { s in
      let identities = sources.keys.filter { $0 < s && isIdentity($0) }
      return !(identities.count == 1 && identities.allSatisfy(isNew))
    }
    record(order: 0, cells: live.cells + others * n + products(remaining), more: maps)
    var work = 0.0
    for term in terms where !(isIdentity(term.source) && isNew(term.source)) {
      let later = sources.filter { $0.key > term.source }.reduce(0) { $0 + Double($1.value[0].count) }
      work += term.entries * (n + others + Double(term.count) / 2 + later)
    }
    return work
  }

  private mutating func eliminate(
    _ h: Int, source: Int, sectors: UnitSectors, mayBeLinear: Bool, in live: inout Live, _ network: LoweredNetwork, _ terms: [AffineTerm]?
  ) -> Double {
    let count = network.nodes[h].count
    var work = 0.0
    if mayBeLinear || zip(sectors.lower, sectors.upper).contains(where: { $0 == $1 }) {
      // Linear units make their pre-activations live first, beside the units.
      let diagonal = Double(count)
      work += substitute(
        h, in: &live, by: [Term(source: source, count: count, entries: diagonal), Term(source: h, count: count, entries: diagonal)])
    }
    let fusion = Fusion(
      terms, units: count, isReplaceable: live.counts[source] == nil && ValueFunction.isReplaceable(sectors),
      others: live.counts.filter { $0.key != h })
    let before = live
    live.counts[h] = nil
    let (e, others) = (Double(count), live.order)
    let isTriangular = !fusion.pays && live.counts[source] == nil
    if fusion.pays {
      for term in terms ?? [] { live.counts[term.source] = term.inputCount }
    } else {
      live.counts[source] = count
    }
    let after = live.order
    let sides = isTriangular ? Self.triangle(count) : (after - others) * e
    record(order: Int(min(e + after, 1e18)), cells: before.cells + sides)
    record(order: 0, cells: live.cells + others * e + sides)
    let r = isTriangular ? others : after
    work += e * e * e / 6 + e * e * r / 2 + e * r * r / 2
    if isTriangular { work += e * e * e / 3 + e * e * others / 2 }
    return work + (fusion.pays ? fusion.entries : 0)
  }

  /// Notes the numbers that are held at one time; a sum beyond `Int` counts as the largest.
  private mutating func record(order: Int, cells: Double, more: Double = 0) {
    largestOrder = max(largestOrder, order)
    let total = 8 * cells + more
    bytes = max(bytes, Int(exactly: total.rounded(.up)) ?? .max)
  }
}

extension LinearMap<Double> {
  /// At least the number of entries of the explicit matrix.
  var entryBound: Double {
    switch self {
    case let map as DenseMap<Double>: Double(map.weight.elements.count) * Double(map.repetitions)
    case let map as ConvolutionMap<Double>: Double(map.outputCount) * Double(map.weight.columns)
    case let map as SparseMap<Double>: Double(map.matrix.values.count)
    case is IndexMap<Double>, is DiagonalMap<Double>: Double(outputCount)
    default: Double(outputCount) * Double(inputCount)
    }
  }
}

extension LoweredNetwork.Units {
  /// The different sectors of the units.
  fileprivate var kinds: UnitSectors {
    switch self {
    case .uniform: UnitSectors(global: self, count: 1)
    case .leakyReLU(let slopes): UnitSectors(global: self, count: slopes.count)
    }
  }
}
