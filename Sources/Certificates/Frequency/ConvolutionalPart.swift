import LinearAlgebra
import Networks

/// The part of a network, from the input on, that commutes with translations once its images are continued to the whole plane.
///
/// Its nodes are feature maps; what follows the last of them, the *boundary*, is an ordinary network on its flat vector, such as dense layers.
/// See the article on the frequency proof for what the continuation means and why a bound for the plane is one for the image.
public struct ConvolutionalPart: Sendable {
  /// What a node computes.
  public enum Kind: Sendable {
    /// The input image.
    case input
    /// Σ maps of earlier nodes.
    case affine([(source: Int, map: TranslationInvariantMap)])
    /// φ(p), with one slope sector for each channel.
    case activation(source: Int, sectors: UnitSectors)
  }

  /// A node; its index is that in the network.
  public struct Node: Sendable {
    /// The name in the network.
    public let name: String
    /// What it computes.
    public var kind: Kind
    /// Its shape.
    public let map: FeatureMap
    /// Whether the next nodes read zeros outside the image, so that the continued map is zero there.
    public internal(set) var isTruncated = false
  }

  /// The nodes up to the boundary, which is the last.
  public private(set) var nodes: [Node] = []
  /// What follows the boundary, or `nil` when it is the network's output.
  public let tail: LoweredNetwork?
  /// Input rows and columns for one step of the coarsest grid.
  public private(set) var coarseRowStep = 1
  /// See ``coarseRowStep``.
  public private(set) var coarseColumnStep = 1
  /// The least number of coarse rows of a torus on which no image touches itself.
  public private(set) var leastRows = 1
  /// The same for columns.
  public private(set) var leastColumns = 1

  /// Finds the convolutional part of a network.
  ///
  /// - Throws: ``NotProved`` with a reason for people when there is none, or when it is of a kind that the proof does not cover.
  public init(_ network: LoweredNetwork) throws {
    try network.requireNormalForm()
    guard let (channels, height, width) = Self.inputShape(network) else {
      throw NotProved("the network has no convolution that reads its input")
    }
    nodes = [
      Node(
        name: network.nodes[0].name, kind: .input,
        map: FeatureMap(channels: channels, height: height, width: width, rowStep: 1, columnStep: 1))
    ]
    for node in network.nodes.dropFirst() {
      guard let own = try Self.convolutional(node, after: nodes) else { break }
      nodes.append(own)
    }
    let rest = nodes.count..<network.nodes.count
    if rest.isEmpty {
      tail = nil
    } else {
      let boundary = rest.flatMap { network.nodes[$0].sources.filter { $0 < rest.lowerBound } }.max() ?? 0
      tail = try Self.tail(of: network, from: rest.lowerBound, boundary: boundary)
      nodes.removeSubrange((boundary + 1)...)
      guard nodes[boundary].map.inner == 1 else {
        throw NotProved("'\(network.nodes[rest.lowerBound].name)' reads the middle of a max pool")
      }
    }
    try placeOnGrid()
    try truncate()
  }

  /// The activation nodes among ``nodes``, in order.
  public var activationNodes: [Int] { nodes.indices.filter { if case .activation = nodes[$0].kind { true } else { false } } }

  /// The slope sectors of an activation node's channels: those of its function, with 0 where the continued map is zero outside the image.
  public func sectors(of index: Int) -> UnitSectors {
    guard case .activation(_, let sectors) = nodes[index].kind else { return UnitSectors(lower: [], upper: []) }
    guard nodes[index].isTruncated else { return sectors }
    return UnitSectors(lower: sectors.lower.map { min($0, 0) }, upper: sectors.upper.map { max($0, 0) })
  }

  /// Points of a node's grid for each coarse step, along both axes.
  public func phases(of index: Int) -> (rows: Int, columns: Int) {
    (coarseRowStep / nodes[index].map.rowStep, coarseColumnStep / nodes[index].map.columnStep)
  }

  /// Coordinates of a node at one frequency, as real numbers.
  public func order(of index: Int) -> Int {
    let (rows, columns) = phases(of: index)
    return 2 * rows * columns * nodes[index].map.channels
  }

  /// The response of an affine term at a frequency; see ``TranslationInvariantMap``.
  public func response(of map: TranslationInvariantMap, to index: Int, at frequency: Frequency, factor: Double = 1) -> SparseRows<Double> {
    let (rows, columns) = phases(of: index)
    return map.response(at: frequency, rowPhases: rows, columnPhases: columns, factor: factor)
  }

  // MARK: - Recognition

  /// Channels, rows and columns of the input, as the first convolution sees them.
  private static func inputShape(_ network: LoweredNetwork) -> (Int, Int, Int)? {
    var carriers: Set<Int> = [0]
    for (index, node) in network.nodes.enumerated().dropFirst() {
      switch node.kind {
      case .input: return nil
      case .activation(let source, _): if carriers.contains(source) { carriers.insert(index) }
      case .affine(let terms, _):
        for case (true, let map as ConvolutionMap<Double>) in terms.map({ (carriers.contains($0.source), $0.map) }) {
          let g = map.geometry
          return (g.inputChannels, g.inputHeight, g.inputWidth)
        }
        if terms.allSatisfy({ carriers.contains($0.source) && ($0.map == nil || $0.map is DiagonalMap<Double>) }) { carriers.insert(index) }
      }
    }
    return nil
  }

  /// The node as one of the convolutional part, or `nil` when it is not.
  private static func convolutional(_ node: LoweredNetwork.Node, after nodes: [Node]) throws -> Node? {
    switch node.kind {
    case .input: return nil
    case .activation(let source, let units):
      guard nodes.indices.contains(source) else { return nil }
      let map = nodes[source].map
      let all = UnitSectors(global: units, count: node.count)
      guard node.count == map.count, all.fits(count: node.count) else { return nil }
      if map.inner > 1 {
        guard case .uniform = units else { return nil }
        let sectors = UnitSectors(global: units, count: map.channels)
        return Node(name: node.name, kind: .activation(source: source, sectors: sectors), map: map)
      }
      for i in 0..<all.count where i % map.pixels != 0 {
        guard all.lower[i] == all.lower[i - 1], all.upper[i] == all.upper[i - 1] else { return nil }
      }
      let first = stride(from: 0, to: all.count, by: map.pixels)
      let sectors = UnitSectors(lower: first.map { all.lower[$0] }, upper: first.map { all.upper[$0] })
      return Node(name: node.name, kind: .activation(source: source, sectors: sectors), map: map)
    case .affine(let terms, _):
      var parts: [(source: Int, map: TranslationInvariantMap)] = []
      var shape: FeatureMap?
      for term in terms {
        guard nodes.indices.contains(term.source) else { return nil }
        var map = nodes[term.source].map
        switch term.map {
        case nil: parts.append((term.source, .identity(map.channels)))
        case let diagonal as DiagonalMap<Double>:
          guard map.inner == 1, let scale = TranslationInvariantMap(diagonal, pixels: map.pixels) else { return nil }
          parts.append((term.source, scale))
        case let convolution as ConvolutionMap<Double>:
          let g = convolution.geometry
          guard map.inner == 1, (g.inputChannels, g.inputHeight, g.inputWidth) == (map.channels, map.height, map.width) else { return nil }
          let (row, isTooHigh) = map.rowStep.multipliedReportingOverflow(by: g.strideHeight)
          let (column, isTooWide) = map.columnStep.multipliedReportingOverflow(by: g.strideWidth)
          guard !isTooHigh, !isTooWide, max(row, column) <= 1 << 10 else { return nil }
          parts.append((term.source, TranslationInvariantMap(convolution)))
          map = FeatureMap(
            channels: g.outputChannels, height: g.outputHeight, width: g.outputWidth, rowStep: row, columnStep: column)
        case let sparse as SparseMap<Double>:
          guard let own = TranslationInvariantMap.pointwise(sparse.matrix, on: map), own.result.rowStep <= 1 << 10 else { return nil }
          parts.append((term.source, own.map))
          map = own.result
        default: return nil
        }
        guard shape == nil || shape == map else { return nil }
        shape = map
      }
      guard let shape, shape.count == node.count else { return nil }
      return Node(name: node.name, kind: .affine(parts), map: shape)
    }
  }

  /// The nodes from `first` on as a network of its own, whose input is the boundary.
  private static func tail(of network: LoweredNetwork, from first: Int, boundary: Int) throws -> LoweredNetwork {
    func moved(_ source: Int) throws -> Int {
      if source >= first { return source - first + 1 }
      guard source == boundary else {
        throw NotProved(
          "'\(network.nodes[first].name)' and what follows it read more than one feature map: "
            + "'\(network.nodes[source].name)' and '\(network.nodes[boundary].name)'")
      }
      return 0
    }
    var nodes = [LoweredNetwork.Node(name: network.nodes[boundary].name, kind: .input, count: network.nodes[boundary].count)]
    for node in network.nodes[first...] {
      let kind: LoweredNetwork.Kind
      switch node.kind {
      case .input: throw NotProved("the network has two inputs")
      case .affine(let terms, let bias):
        kind = .affine(terms: try terms.map { .init(source: try moved($0.source), map: $0.map) }, bias: bias)
      case .activation(let source, let units): kind = .activation(source: try moved(source), units: units)
      }
      nodes.append(.init(name: node.name, kind: kind, count: node.count))
    }
    return LoweredNetwork(nodes: nodes)
  }

  // MARK: - Grids and borders

  private mutating func placeOnGrid() throws {
    guard nodes.contains(where: { if case .affine = $0.kind { true } else { false } }) else {
      throw NotProved("the network has no convolution before '\(tail?.nodes[1].name ?? "")'")
    }
    coarseRowStep = nodes.map(\.map.rowStep).max() ?? 1
    coarseColumnStep = nodes.map(\.map.columnStep).max() ?? 1
    for node in nodes where coarseRowStep % node.map.rowStep != 0 || coarseColumnStep % node.map.columnStep != 0 {
      throw NotProved("the grid of '\(node.name)' does not contain the coarsest grid")
    }
  }

  /// Finds the maps that are read outside their image, and the least torus.
  private mutating func truncate() throws {
    for index in nodes.indices { require(rows: nodes[index].map.height, columns: nodes[index].map.width, at: index) }
    for index in nodes.indices {
      guard case .affine(let terms) = nodes[index].kind else { continue }
      for (source, map) in terms {
        let image = nodes[source].map
        let (rows, columns) = map.reads(height: nodes[index].map.height, width: nodes[index].map.width)
        guard rows.lowerBound < 0 || rows.upperBound >= image.height || columns.lowerBound < 0 || columns.upperBound >= image.width else {
          continue
        }
        try makeZeroOutside(source, for: nodes[index].name)
        // Row −r must not be row height − 1 or less of the next image, nor the last row read the first of the next.
        require(
          rows: max(image.height - min(0, rows.lowerBound), rows.upperBound + 1),
          columns: max(image.width - min(0, columns.lowerBound), columns.upperBound + 1), at: source)
      }
    }
  }

  /// Sees to it that a continued map is zero outside its image.
  ///
  /// An input or an activation is made so. An affine map is so when its sources are and no point outside its image reads one inside theirs,
  /// as with pools that tile the image, scales and identities.
  private mutating func makeZeroOutside(_ index: Int, for reader: String) throws {
    guard case .affine(let terms) = nodes[index].kind else {
      nodes[index].isTruncated = true
      return
    }
    let own = nodes[index].map
    for (source, map) in terms {
      let image = nodes[source].map
      for shift in map.shifts {
        // Point −1 reads −s + d and those before it less; point n reads ns + d and those after it more. On the torus too, as N′ = Ns.
        guard shift.row < map.rowStride, own.height * map.rowStride + shift.row >= image.height, shift.column < map.columnStride,
          own.width * map.columnStride + shift.column >= image.width
        else {
          throw NotProved("'\(reader)' pads '\(nodes[index].name)' with zeros, which is not an activation's output: not a compression")
        }
      }
      try makeZeroOutside(source, for: reader)
    }
  }

  private mutating func require(rows: Int, columns: Int, at index: Int) {
    let (rowPhases, columnPhases) = phases(of: index)
    leastRows = max(leastRows, (rows + rowPhases - 1) / rowPhases)
    leastColumns = max(leastColumns, (columns + columnPhases - 1) / columnPhases)
  }
}

extension LoweredNetwork.Node {
  /// The nodes it reads.
  fileprivate var sources: [Int] {
    switch kind {
    case .input: []
    case .affine(let terms, _): terms.map(\.source)
    case .activation(let source, _): [source]
    }
  }
}
