import LinearAlgebra
import Networks

/// Proves local slope sectors: what slopes the units of a network have while its input stays in a ball.
///
/// Both inputs of a pair and the centre lie in the ball, so a unit's pre-activation differs from its value at the centre by at most
/// radius · √(w′Pw), P the ellipsoid of the increments before it (`IncrementEllipsoid`), which rests on the sectors and forward
/// multipliers of the nodes before. The range of the derivative over that interval is the unit's sector, by the mean value theorem. So sectors
/// and ellipsoids are proved together in one pass: ECLipsE-Gen-Local (Xu & Sivaranjani, TMLR 2026), for graphs as well as for chains.
public struct ForwardProof: Sendable {
  /// For each activation node the proved sectors.
  public let sectors: [UnitSectors]
  /// For each activation node the forward multipliers τ, one for each unit.
  public let multipliers: [[Double]]

  /// Checks given sectors with given multipliers.
  ///
  /// - Throws: ``NotProved`` when some unit may have a slope outside its sector.
  public init(
    network: LoweredNetwork, center: [Double], radius: Double, sectors: [UnitSectors], multipliers: [[Double]],
    isCancelled: () -> Bool = { false }
  ) throws {
    let count = network.activationNodes.count
    guard sectors.count == count, multipliers.count == count else { throw NotProved("sectors or forward multipliers are missing") }
    try self.init(network: network, center: center, radius: radius, isCancelled: isCancelled) { position, _ in
      (sectors[position], multipliers[position])
    }
  }

  /// Runs the recursion forwards, choosing each node's sectors and multipliers when it is reached.
  ///
  /// - Parameters:
  ///   - network: the network; its biases matter.
  ///   - center: the ball's centre.
  ///   - radius: its radius, in the Euclidean norm.
  ///   - isCancelled: asked on the calling thread; a cancelled proof throws.
  ///   - choose: given an activation node's position and what is known there, returns sectors that contain the stage's, and τ > 0 for every
  ///     unit whose sector is not a point. The proof is sound whatever it returns.
  /// - Throws: ``NotProved``, or what `choose` throws.
  public init(
    network: LoweredNetwork, center: [Double], radius: Double, isCancelled: () -> Bool = { false },
    choosing choose: (_ position: Int, _ stage: ForwardStage) throws -> (sectors: UnitSectors, multipliers: [Double])
  ) throws {
    try network.requireNormalForm()
    guard Region.ball(center: center, radius: radius).fits(inputCount: network.inputCount) else {
      throw NotProved("the ball does not fit the network's input")
    }
    let lastUses = network.lastUses
    var ellipsoid = IncrementEllipsoid(input: 0, count: network.inputCount)
    var centre = CentreEnclosure(input: center)
    var sectors: [UnitSectors] = []
    var multipliers: [[Double]] = []
    for (index, node) in network.nodes.enumerated() {
      do {
        switch node.kind {
        case .input: break
        case .affine(let terms, let bias):
          try network.requireExactBias(bias, count: node.count)
          let maps = terms.map { (source: $0.source, map: RowwiseMap($0.map, count: network.nodes[$0.source].count)) }
          centre.append(terms: maps, bias: bias, count: node.count)
          // Nothing asks for the increments of nodes behind the last units.
          guard index < network.activationNodes.last ?? 0 else { continue }
          try ellipsoid.append(index, count: node.count, by: maps.map { ($0.source, $0.map) }, isCancelled: isCancelled)
        case .activation(let source, let units):
          let reach = try ellipsoid.radii(source).map { ErrorBounds.multiplyUp($0, radius) }
          let intervals = try centre.intervals(source, reach: reach)
          let derived = UnitSectors(units, on: intervals)
          let stage = ForwardStage(shape: try ellipsoid.shape(source), sectors: derived)
          let (own, tau) = try choose(sectors.count, stage)
          guard own.fits(count: node.count), own.contains(derived) else {
            throw NotProved("a unit can have a slope outside its sector")
          }
          guard tau.count == node.count else { throw NotProved("there is not one forward multiplier for each unit") }
          sectors.append(own)
          multipliers.append(tau)
          centre.append(source: source, units: units)
          guard index < network.activationNodes.last ?? 0 else { continue }
          try ellipsoid.activate(index, preactivation: source, sectors: own, multipliers: tau, isCancelled: isCancelled)
        }
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("at '\(node.name)', going forwards: \(error)")
      }
      ellipsoid.drop { lastUses[$0] <= index }
    }
    self.sectors = sectors
    self.multipliers = multipliers
  }

  /// At least the bytes of the matrices that a proof for this network holds at once.
  public static func bytes(of network: LoweredNetwork) -> Int {
    let lastUses = network.lastUses
    var live = [0: network.inputCount]
    var largest = 0.0
    for (index, node) in network.nodes.enumerated() where index > 0 {
      let before = Double(live.values.reduce(0, +))
      let after = before + Double(node.count)
      // P, the pivots and coupling of an elimination; or P, A P and T P T′ with its copy.
      largest = max(
        largest, 2 * before * before + before * Double(node.count) + 2 * Double(node.count) * Double(node.count), 2 * after * after)
      live[index] = node.count
      live = live.filter { lastUses[$0.key] > index }
    }
    return Int(exactly: (8 * largest).rounded(.up)) ?? .max
  }
}

extension UnitSectors {
  /// The slopes of units between any two values of their intervals.
  init(_ units: LoweredNetwork.Units, on intervals: [ClosedRange<Double>]) {
    let sectors = intervals.enumerated().map { units.activation(of: $0).sector(on: $1) }
    self.init(lower: sectors.map(\.lower), upper: sectors.map(\.upper))
  }

  /// Whether every sector of the other is inside this one's.
  func contains(_ other: UnitSectors) -> Bool {
    count == other.count && zip(lower, other.lower).allSatisfy { $0 <= $1 } && zip(upper, other.upper).allSatisfy { $0 >= $1 }
  }

  /// Sectors a little wider, but not beyond the global ones; linear units stay linear.
  ///
  /// Another processor may add in another order and use another library of elementary functions: what it derives lies within these.
  ///
  /// - Parameters:
  ///   - margin: what each end moves by.
  ///   - global: the sectors on all inputs.
  public func widened(by margin: Double, within global: UnitSectors) -> UnitSectors {
    var result = self
    for i in lower.indices where lower[i] < upper[i] {
      result.lower[i] = max(min(global.lower[i], lower[i]), lower[i] - margin)
      result.upper[i] = min(max(global.upper[i], upper[i]), upper[i] + margin)
    }
    return result
  }
}

extension LoweredNetwork {
  /// For every node the last node that reads it; −1 when none does.
  fileprivate var lastUses: [Int] {
    var result = [Int](repeating: -1, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      switch node.kind {
      case .input: break
      case .affine(let terms, _): for term in terms { result[term.source] = index }
      case .activation(let source, _): result[source] = index
      }
    }
    return result
  }
}
