import LinearAlgebra
import Networks

/// Tells series and branches apart and turns nodes into layers.
struct GainGraphParser {
  /// A step of a series: the maps of a node, maybe with units behind them.
  enum Step {
    case map(any LinearMap<Double>, UnitSectors?)
    case units(UnitSectors)
    case sum([[Step]], UnitSectors?)
    case maxPool(overlap: Int, pixels: Int)
    case groupSort(size: Int)
  }

  /// A tensor's channels and pixels; a vector has one pixel.
  struct Shape: Equatable {
    var channels: Int
    var pixels: Int
  }

  let graph: GainGraph
  let uses: [Int]
  /// How many more steps may be written out.
  private var remaining = 10_000

  init(_ graph: GainGraph) {
    self.graph = graph
    uses = graph.useCounts
  }

  /// The input as the first convolution sees it.
  func inputShape(_ count: Int) -> Shape {
    for node in graph.nodes {
      guard case .affine(let terms) = node.kind else { continue }
      for term in terms where term.source == 0 {
        if let map = term.maps.first as? ConvolutionMap<Double> {
          return Shape(channels: map.geometry.inputChannels, pixels: map.geometry.inputHeight * map.geometry.inputWidth)
        }
      }
    }
    return Shape(channels: count, pixels: 1)
  }

  /// The steps between two nodes of which the first dominates the second.
  mutating func series(from start: Int, to end: Int) throws -> [Step] {
    var steps: [Step] = []
    var index = end
    var pending: UnitSectors?
    while index != start {
      guard index > start else { throw NotProved("'\(graph.nodes[index].name)' is not part of a series or a simple branch") }
      // Branches are written out where they are added: densely connected layers would take exponentially many steps.
      remaining -= 1
      guard remaining > 0 else { throw NotProved("there are too many branches") }
      switch graph.nodes[index].kind {
      case .input: throw NotProved("a branch reaches the input")
      case .units(let source, let sectors):
        // Units behind a linear map of their own belong to it; all others stand alone.
        if case .affine = graph.nodes[source].kind, uses[source] == 1, source != start {
          pending = sectors
        } else {
          steps.append(.units(sectors))
        }
        index = source
      case .maxPool(let source, let overlap, let pixels):
        steps.append(.maxPool(overlap: overlap, pixels: pixels))
        index = source
      case .groupSort(let source, let size):
        steps.append(.groupSort(size: size))
        index = source
      case .affine(let terms) where terms.count == 1:
        for map in terms[0].maps.reversed() {
          // The slopes of x ↦ φ(dx) are those of φ times d.
          if let diagonal = map as? DiagonalMap<Double>, let sectors = pending {
            pending = Self.scaled(sectors, by: diagonal.sparseRows())
            continue
          }
          steps.append(.map(map, pending))
          pending = nil
        }
        index = terms[0].source
        if let sectors = pending {
          if case .affine = graph.nodes[index].kind, uses[index] == 1, index != start { continue }
          steps.append(.units(sectors))
          pending = nil
        }
      case .affine(let terms):
        let fork = try commonSource(of: terms.map(\.source), notBefore: start)
        let branches = try terms.map { term in
          try series(from: fork, to: term.source) + term.maps.map { Step.map($0, nil) }
        }
        steps.append(.sum(branches, pending))
        pending = nil
        index = fork
      }
    }
    return steps.reversed()
  }

  /// The last node that all paths from the start to the given nodes pass through.
  private func commonSource(of sources: [Int], notBefore start: Int) throws -> Int {
    // Replacing the latest of a set of nodes by what it reads keeps the set a cut, until it is one node.
    var cut = Set(sources)
    while cut.count > 1, let latest = cut.max() {
      guard latest > start else { throw NotProved("branches do not meet") }
      cut.remove(latest)
      cut.formUnion(graph.nodes[latest].sources)
    }
    guard let node = cut.first, node >= start else { throw NotProved("branches do not meet") }
    return node
  }

  private static func scaled(_ sectors: UnitSectors, by rows: SparseRows<Double>) -> UnitSectors {
    var result = sectors
    for i in 0..<sectors.count {
      var scale: ClosedRange<Double> = 0...0
      if rows.starts[i] < rows.starts[i + 1] {
        let k = rows.starts[i]
        let radius = rows.radii.isEmpty ? 0 : rows.radii[k]
        scale = radius == 0 ? rows.values[k]...rows.values[k] : (rows.values[k] - radius).nextDown...(rows.values[k] + radius).nextUp
      }
      var products: [Double] = []
      for d in [scale.lowerBound, scale.upperBound] {
        for slope in [sectors.lower[i], sectors.upper[i]] {
          if d == 0 || slope == 0 {
            products.append(0)
          } else if slope == 1 {
            products.append(d)
          } else {
            products += [(d * slope).nextDown, (d * slope).nextUp]
          }
        }
      }
      result.lower[i] = products.min() ?? 0
      result.upper[i] = products.max() ?? 0
    }
    return result
  }

  // MARK: - Layers

  func layers(_ steps: [Step], _ shape: inout Shape) throws -> [GainLayer] {
    var result: [GainLayer] = []
    for step in steps { result += try layers(step, &shape) }
    return result
  }

  private func layers(_ step: Step, _ shape: inout Shape) throws -> [GainLayer] {
    switch step {
    case .units(let sectors):
      let own = try channelwise(sectors, shape)
      return [shape.pixels == 1 ? .dense(weight: .identity(shape.channels), sectors: own) : .sum(branches: [[]], sectors: own)]
    case .maxPool(let overlap, let pixels):
      shape.pixels = pixels
      return [.maxPool(overlap: overlap)]
    case .groupSort(let size): return [.groupSort(size: size)]
    case .map(let map, let sectors): return try layers(map, sectors, &shape)
    case .sum(let branches, let sectors):
      let start = shape
      var converted: [[GainLayer]] = []
      var end: Shape?
      for branch in branches {
        var own = start
        converted.append(try layers(branch, &own))
        guard end == nil || end == own else { throw NotProved("branches of different shapes are added") }
        end = own
      }
      shape = end ?? start
      let own = try sectors.map { try channelwise($0, shape) }
      return [
        start.pixels == 1
          ? Self.residual(converted, own) ?? .sum(branches: converted, sectors: own) : .sum(branches: converted, sectors: own)
      ]
    }
  }

  /// x + Mψ(Nx), where two branches are that.
  private static func residual(_ branches: [[GainLayer]], _ sectors: UnitSectors?) -> GainLayer? {
    guard branches.count == 2 else { return nil }
    for (skip, other) in [(branches[0], branches[1]), (branches[1], branches[0])] {
      guard other.count == 2, case .dense(let inner, let innerSectors?) = other[0], case .dense(let outer, nil) = other[1] else { continue }
      if skip.isEmpty { return .residual(skip: nil, inner: inner, innerSectors: innerSectors, outer: outer, sectors: sectors) }
      if skip.count == 1, case .dense(let weight, nil) = skip[0] {
        return .residual(skip: weight, inner: inner, innerSectors: innerSectors, outer: outer, sectors: sectors)
      }
    }
    return nil
  }

  /// The hull over pixels of each channel's slopes.
  private func channelwise(_ sectors: UnitSectors, _ shape: Shape) throws -> UnitSectors {
    guard sectors.count == shape.channels * shape.pixels else { throw NotProved("an activation's shape is not known") }
    let channels = (0..<shape.channels).map { $0 * shape.pixels..<($0 + 1) * shape.pixels }
    return UnitSectors(
      lower: channels.map { sectors.lower[$0].min() ?? 0 }, upper: channels.map { sectors.upper[$0].max() ?? 0 })
  }

  private func layers(_ map: any LinearMap<Double>, _ sectors: UnitSectors?, _ shape: inout Shape) throws -> [GainLayer] {
    let count = shape.channels * shape.pixels
    guard map.inputCount == count else { throw NotProved("a map does not fit its tensor") }
    /// A scalar map, then units of their own.
    func scalar(_ squaredNorm: Double) throws -> [GainLayer] {
      let pool = GainLayer.averagePool(squaredNorm: squaredNorm)
      guard let sectors else { return [pool] }
      return [pool, .sum(branches: [[]], sectors: try channelwise(sectors, shape))]
    }
    switch map {
    case let map as ConvolutionMap<Double>:
      let g = map.geometry
      guard g.inputChannels == shape.channels, g.inputHeight * g.inputWidth == shape.pixels else {
        throw NotProved("a convolution of a tensor of another shape")
      }
      shape = Shape(channels: g.outputChannels, pixels: g.outputHeight * g.outputWidth)
      if let squaredNorm = Self.windowSum(map) { return try scalar(squaredNorm) }
      return [.convolution(GainConvolution(map), sectors: try sectors.map { try channelwise($0, shape) })]
    case let map as DiagonalMap<Double>:
      // DGD ≤ μG holds for a number D only, or for a number G; other diagonals are maps like any other, if they are exact.
      let radii = map.radius ?? []
      let isExact = radii.allSatisfy { $0 == 0 }
      if shape.channels == 1 || (isExact && map.scale.allSatisfy { $0 == map.scale.first }) {
        let largest = map.scale.indices.reduce(0) { max($0, ErrorBounds.addUp(map.scale[$1].magnitude, isExact ? 0 : radii[$1])) }
        return try scalar(ErrorBounds.multiplyUp(largest, largest))
      }
      guard isExact else { throw NotProved("channels are scaled by numbers that are known up to rounding only") }
      if shape.pixels == 1 { return [.dense(weight: .diagonal(map.scale), sectors: sectors)] }
      let factors = (0..<shape.channels).map { map.scale[$0 * shape.pixels] }
      guard map.scale.indices.allSatisfy({ map.scale[$0] == factors[$0 / shape.pixels] }) else {
        throw NotProved("pixels of a channel are scaled by different numbers")
      }
      let pointwise = ConvolutionMap(
        geometry: ConvolutionGeometry(
          inputChannels: shape.channels, outputChannels: shape.channels, inputHeight: shape.pixels, inputWidth: 1, kernelHeight: 1,
          kernelWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0, padBottom: 0, padRight: 0),
        weight: Matrix.diagonal(factors))
      return [.convolution(GainConvolution(pointwise), sectors: try sectors.map { try channelwise($0, shape) })]
    case let map as DenseMap<Double> where map.repetitions == shape.channels && map.repetitions > 1:
      guard map.weight.rows == 1, map.weight.elements.allSatisfy({ $0 == 1 }) else { break }
      shape.pixels = 1
      return try scalar(Double(map.weight.columns))
    default: break
    }
    let rows = map.sparseRows()
    guard rows.radii.isEmpty || rows.radii.allSatisfy({ $0 == 0 }), map.outputCount * count <= 1 << 24 else {
      throw NotProved("a map is neither a convolution nor dense")
    }
    let weight = (map as? DenseMap<Double>).flatMap { $0.repetitions == 1 ? $0.weight : nil } ?? map.denseMatrix()
    let flatten: [GainLayer] = shape.pixels > 1 ? [.flatten(pixels: shape.pixels)] : []
    shape = Shape(channels: map.outputCount, pixels: 1)
    return flatten + [.dense(weight: weight, sectors: sectors)]
  }

  /// The squared norm of the sum over windows of each channel by itself, when the convolution is that; exact.
  ///
  /// Over the plane TT′ of an axis is a Toeplitz matrix with non-negative entries, whose norm is its row sum Σ_k (r − |k| s)⁺.
  private static func windowSum(_ map: ConvolutionMap<Double>) -> Double? {
    let g = map.geometry
    guard g.groups == g.inputChannels, g.outputChannels == g.inputChannels, map.weight.elements.allSatisfy({ $0 == 1 }) else { return nil }
    func axis(_ length: Int, _ stride: Int, _ dilation: Int) -> Int? {
      guard dilation == 1 || stride == 1, length < 1 << 16 else { return nil }
      return (-length...length).reduce(0) { $0 + max(0, length - $1.magnitude.asInt * stride) }
    }
    guard
      let rows = axis(g.kernelHeight, g.strideHeight, g.dilationHeight), let columns = axis(g.kernelWidth, g.strideWidth, g.dilationWidth)
    else { return nil }
    return Double(rows * columns)
  }
}

extension UInt {
  fileprivate var asInt: Int { Int(clamping: self) }
}
