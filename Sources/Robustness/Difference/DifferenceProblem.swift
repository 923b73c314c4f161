import Certificates
import LinearAlgebra
import Lipschitz
import Networks

/// Two networks of the same inputs and outputs: how far can their answers be apart?
///
/// Bounds come from `BoundPropagation` of one network that computes a(x) − b(x), in one or two forms, of which the better is taken for each
/// output:
/// - `propagation`: both networks side by side, for any two networks. Their relaxations do not know of each other, so the bound does not
///   vanish when the networks become equal.
/// - `increments`: for two networks of one graph, such as a network and its pruned or quantised copy, the differences of all values
///   (`LoweredNetwork.increments(_:_:)`), whose bounds shrink with the differences of the weights. A compacted network has another graph.
public struct DifferenceProblem: Sendable {
  /// The network x ↦ a(x) − b(x).
  public let network: Network
  /// Whether both have the same graph, so that differences are followed from layer to layer.
  public var hasCommonGraph: Bool { increments != nil }

  private let evaluator: Evaluator<Double>
  private let plain: PropagationNetwork
  private let increments: PropagationNetwork?

  /// Prepares two networks.
  ///
  /// - Throws: `NetworkError` when inputs or outputs do not correspond or a network cannot be lowered; `NotProved` when a weight is out of the
  ///   range of proofs.
  public init(_ a: Network, _ b: Network) throws {
    network = try Network.difference(a, b)
    evaluator = try Evaluator(network)
    plain = try PropagationNetwork(network.lowered())
    // Differences of weights may be out of range where the weights are not; then there is one form less.
    increments = try LoweredNetwork.increments(a.lowered(), b.lowered()).flatMap { try? PropagationNetwork($0, followsIncrements: true) }
  }

  /// Bounds of the difference on a region, proved.
  ///
  /// - Parameters:
  ///   - region: a ball or a box; see `Region.around(_:radius:norm:domain:)`.
  ///   - budget: its time limit and `isCancelled` count; when they stop a second form, the first one's bounds are returned.
  /// - Throws: ``RobustnessError`` when the region does not fit; `NotProved` when nothing is bounded, or not in time.
  public func bound(on region: Region, budget: Budget = Budget()) throws -> DifferenceBound {
    try requireFit(region)
    let clock = budget.start()
    var best: (lower: [Double], upper: [Double], method: String)?
    var failure: any Error = NotProved("no bound")
    for (method, form) in [("increments", increments), ("propagation", plain)] {
      guard let form else { continue }
      do {
        let (lower, upper) = try Self.bounds(form, region, isCancelled: { clock.mustStop })
        guard let known = best else {
          best = (lower, upper, method)
          continue
        }
        let decisive = Self.largest(lower, upper) < Self.largest(known.lower, known.upper) ? method : known.method
        best = (zip(known.lower, lower).map { max($0, $1) }, zip(known.upper, upper).map { min($0, $1) }, decisive)
      } catch {
        failure = error
      }
    }
    guard let best else { throw failure }
    // Two proved bounds that exclude each other mean that one of the proofs is wrong: then neither is to be trusted.
    guard zip(best.lower, best.upper).allSatisfy({ $0 <= $1 }) else { throw NotProved("the two forms contradict each other") }
    return DifferenceBound(lower: best.lower, upper: best.upper, method: best.method, seconds: clock.seconds)
  }

  private static func bounds(
    _ form: PropagationNetwork, _ region: Region, isCancelled: () -> Bool
  ) throws -> (lower: [Double], upper: [Double]) {
    let bounds = try BoundPropagation(form, region: region, isCancelled: isCancelled)
    let count = form.lowered.outputCount
    let values = try bounds.lowerBounds(of: signedUnits(count), isCancelled: isCancelled)
    guard values.allSatisfy({ $0 > -.infinity }) else { throw NotProved("the difference is not bounded") }
    return (Array(values[..<count]), values[count...].map { -$0 })
  }

  private static func largest(_ lower: [Double], _ upper: [Double]) -> Double {
    zip(lower, upper).reduce(0) { max($0, $1.0.magnitude, $1.1.magnitude) }
  }

  /// I above −I: the rows of all outputs and of their negatives.
  private static func signedUnits(_ count: Int) -> Matrix<Double> {
    var rows = Matrix<Double>(rows: 2 * count, columns: count)
    for i in 0..<count { (rows[i, i], rows[count + i, i]) = (1, -1) }
    return rows
  }

  private func requireFit(_ region: Region) throws {
    guard region != .global, region.fits(inputCount: network.inputCount) else {
      throw RobustnessError.invalidInput("\(region) for a network of \(network.inputCount) inputs, or with values that are not finite")
    }
  }

  // MARK: - Attained

  /// A large difference that some input of a region attains: a lower end for ``bound(on:budget:)``.
  ///
  /// Random points and corners, each followed up the gradient of one output's difference. The value is proved at the input found.
  ///
  /// - Parameters:
  ///   - region: a ball or a box.
  ///   - seed: of the random points.
  ///   - starts: points followed, at least one.
  ///   - steps: gradients for each.
  /// - Returns: a lower bound of maxᵢ |aᵢ(x) − bᵢ(x)| at `input`, which lies in the region.
  /// - Throws: As ``bound(on:budget:)``.
  public func attained(
    on region: Region, seed: UInt64, starts: Int = 32, steps: Int = 40
  ) throws -> (difference: Double, input: [Double]) {
    try requireFit(region)
    let count = network.outputCount
    let rows = Self.signedUnits(count)
    var random = SplitMix64(seed: seed)
    let set = FeasibleSet(region)
    var points = Self.points(of: region, count: max(1, starts), &random)
    set.project(&points)
    // Every point follows what is largest where it starts, or one of the others in turn.
    let values = evaluator.forward(points)
    let rules: [RowLoss.Rule] = (0..<points.rows).map { k in
      let row = values.row(k)
      let output = k % 2 == 0 ? row.indices.max { row[$0].magnitude < row[$1].magnitude } ?? 0 : k / 2 % count
      return .row(row[output] > 0 ? count + output : output)
    }
    var best = (difference: -Double.infinity, input: region.center)
    ProjectedDescent(evaluator: evaluator, loss: RowLoss(rows: rows), set: set).run(&points, rules: rules, steps: steps) { points, values in
      for k in 0..<points.rows {
        let difference = -RowLoss.value(values.row(k), .least)
        if difference > best.difference { best = (difference, points.row(k)) }
      }
      return true
    }
    // Rounding may carry a point out of a ball that is tiny against its centre.
    if !region.surelyHolds(best.input) { best.input = region.center }
    let proved = try MarginEnclosure(of: rows, at: best.input, in: increments ?? plain)
    return (max(0, proved.lower.max() ?? 0), best.input)
  }

  /// The middle, corners, and points in between.
  private static func points(of region: Region, count: Int, _ random: inout SplitMix64) -> Matrix<Double> {
    let center = region.center
    var points = Matrix(rows: count, columns: center.count, elements: (0..<count).flatMap { _ in center })
    let (lower, upper) = region.coordinateBounds ?? (center, center)
    for k in 1..<max(1, count) {
      for i in center.indices {
        let share = k % 2 == 0 ? random.nextUniform() : (random.nextUniform() < 0.5 ? 0 : 1)
        points[k, i] = lower[i] + share * (upper[i] - lower[i])
      }
    }
    return points
  }
}

extension Region {
  /// Whether a point lies in the region, also when distances are rounded up.
  fileprivate func surelyHolds(_ x: [Double]) -> Bool {
    switch self {
    case .global: return true
    case .box(let lower, let upper): return zip(x, zip(lower, upper)).allSatisfy { $1.0 <= $0 && $0 <= $1.1 }
    case .ball(let center, let radius):
      let squares = zip(x, center).reduce(0) { sum, pair in
        let step = (pair.0 - pair.1).magnitude.nextUp
        return ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(step, step))
      }
      return ErrorBounds.sqrtUp(squares) <= radius
    }
  }
}

extension FeasibleSet {
  /// A ball or a box, balls smaller by more than rounding.
  init(_ region: Region) {
    let infinite = [Double](repeating: .infinity, count: region.center.count)
    switch region {
    case .global: self.init(lower: infinite.map { -$0 }, upper: infinite)
    case .box(let lower, let upper): self.init(lower: lower, upper: upper)
    case .ball(let center, let radius):
      self.init(around: center, radius: radius * (1 - 1e-9), isBall: true, lower: infinite.map { -$0 }, upper: infinite)
    }
  }
}
