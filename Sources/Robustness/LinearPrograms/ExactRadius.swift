import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// Exact l_∞ radii of small piecewise linear networks: a radius that branch and bound certifies, and an input with another answer at a distance
/// that agrees with it up to the tolerance.
///
/// For every rival the search alternates: ``PhaseSearch`` decides whether the rival draws level somewhere within (1 − tolerance) times the
/// least distance R known at which the answer changes. If it does, the input found is moved towards x₀ within its own linear piece of the
/// network, which makes R smaller, and the question is asked again; if not, the rival is done, also for every smaller R. So each rival costs one
/// proof, and the certified radius is (1 − tolerance) R in the end.
public struct ExactRadius: RadiusMethod {
  /// `exact`.
  public let name = "exact"
  /// The most units that may be undecided; the tree grows exponentially in their number.
  public var largestUnitCount = 2000

  /// The method.
  public init() {}

  /// Searches until the ends meet, or time is up: then the radius is what has been certified, and `isExact` is false.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    guard problem.norm == .lInfinity else { throw NotApplicable("exact radii are for the norm linf") }
    let network = problem.classifier.lowered
    guard network.isPiecewiseLinear else { throw NotApplicable("exact radii are for piecewise linear networks") }
    guard network.unitCount <= largestUnitCount else { throw NotApplicable("\(network.unitCount) units are too many for exact radii") }
    let watch = budget.start()
    var search = try ExactSearch(problem, ceiling: ceiling, budget: budget, watch: watch)
    try search.run()
    return RadiusEstimate(
      method: name, radius: search.radius, isExact: search.isExact, seconds: watch.seconds,
      note: "answer changes at \(search.end), \(search.programs) linear programs")
  }
}

/// The state of one exact search.
struct ExactSearch {
  private let problem: RadiusProblem
  private let budget: Budget
  private let watch: Stopwatch
  private let rows: Matrix<Double>
  private let search: PhaseSearch
  /// Below this everything is proved by linear bounds or programs.
  private var start = 0.0
  /// R: the answer changes at this distance; infinite while none is known.
  private(set) var end: Double
  /// For every rival the radius within which it is proved to stay behind.
  private var proved: [Double]
  /// Linear programs solved.
  private(set) var programs = 0

  init(_ problem: RadiusProblem, ceiling: Double?, budget: Budget, watch: Stopwatch) throws {
    (self.problem, self.budget, self.watch) = (problem, budget, watch)
    rows = problem.classifier.marginRows(problem.label)
    search = try PhaseSearch(problem.classifier.lowered)
    end = ceiling ?? .infinity
    proved = [Double](repeating: 0, count: rows.rows)
  }

  /// The certified radius.
  var radius: Double { proved.min() ?? 0 }
  /// Whether the ends have met.
  var isExact: Bool { radius > 0 && end <= radius * (1 + 2 * tolerance) }

  private var tolerance: Double { max(1e-9, min(0.5, budget.tolerance)) }

  /// Searches.
  mutating func run() throws {
    guard problem.margins.allSatisfy({ $0 > 0 }) else {
      end = 0
      return
    }
    var bounds = Budget()
    (bounds.tolerance, bounds.isCancelled) = (0.05, budget.isCancelled)
    bounds.timeLimit = budget.timeLimit.map { 0.2 * $0 }
    start = try LinearProgramRadius(tightens: false).radius(of: problem, ceiling: end.isFinite ? end : nil, budget: bounds).radius
    proved = proved.map { _ in start }
    // The rivals that come closest first: they make R small.
    for j in try order() {
      if watch.mustStop { return }
      try close(j)
    }
  }

  /// The rivals by their margins' linear bounds a little beyond the start.
  private func order() throws -> [Int] {
    let radius = end.isFinite ? end : max(1e-3, 1.5 * start)
    let margins = problem.margins
    guard
      let propagation = try? BoundPropagation(problem.classifier.lowered, region: problem.region(radius), isCancelled: { watch.mustStop }),
      let bounds = try? propagation.lowerBounds(of: rows)
    else { return rows.rowIndices.sorted { margins[$0] < margins[$1] } }
    return rows.rowIndices.sorted { bounds[$0] < bounds[$1] }
  }

  /// No input is farther away: none of the domain, or none that matters.
  private var farthest: Double {
    guard let domain = problem.domain else { return 1e6 * (1 + problem.input.reduce(0) { max($0, $1.magnitude) }) }
    return problem.input.reduce(0) { max($0, $1 - domain.lowerBound, domain.upperBound - $1) }
  }

  /// Proves that a rival stays behind within (1 − tolerance) R, making R smaller where it does not.
  private mutating func close(_ j: Int) throws {
    let rival = OutputSet(rows: Matrix(rows: 1, columns: rows.columns, elements: Array(rows.row(j))), bounds: [0])
    var next = end.isFinite ? end * (1 - tolerance) : max(1e-6, 1.5 * start)
    while proved[j] < end * (1 - tolerance), !watch.mustStop {
      var share = budget
      share.timeLimit = watch.remaining.isFinite ? max(0, 0.7 * watch.remaining) : nil
      let outcome = try search.decide(rival, on: problem.region(next), budget: share)
      programs += outcome.programs
      switch outcome.verdict {
      case .none:
        proved[j] = max(proved[j], next)
        if end.isFinite { next = end * (1 - tolerance) } else { next *= 1.5 }
        if proved[j] >= farthest { return }
      case .reached(let input):
        let nearest = try Approach(problem, rival, evaluator: problem.classifier.evaluator).nearest(
          input, above: proved[j], tolerance: 0.25 * tolerance, watch: watch)
        end = min(end, nearest)
        next = end * (1 - tolerance)
      case .unknown:
        let middle = (max(proved[j], 1e-9 * next) * next).squareRoot()
        if middle > next * (1 - tolerance) { return }
        next = middle
      }
    }
  }
}

extension Matrix {
  /// The indices of the rows.
  fileprivate var rowIndices: [Int] { Array(0..<rows) }
}

/// Moves an input at which a rival is level towards x₀, within the linear piece of the network that it lies in.
struct Approach {
  private let problem: RadiusProblem
  private let rival: OutputSet
  private let evaluator: Evaluator<Double>

  init(_ problem: RadiusProblem, _ rival: OutputSet, evaluator: Evaluator<Double>) {
    (self.problem, self.rival, self.evaluator) = (problem, rival, evaluator)
  }

  /// A distance at which the rival is at least level with the label, as the network itself computes: that of the input, or less.
  ///
  /// - Parameters:
  ///   - input: where it is.
  ///   - above: nothing below it is tried.
  ///   - tolerance: the relative precision.
  func nearest(_ input: [Double], above: Double, tolerance: Double, watch: Stopwatch) throws -> Double {
    let network = problem.classifier.lowered
    var (good, bad) = (problem.distance(to: input), above)
    let signs = try phases(at: input)
    guard let wide = try? BoundPropagation(network, region: problem.region(good), isCancelled: { watch.mustStop }).intervals else {
      return good
    }
    let root = try NetworkProgram(network, intervals: wide)
    var basis: Basis?
    while good - bad > tolerance * good, !watch.mustStop {
      let middle = 0.5 * (good + bad)
      guard let found = try candidate(middle, signs, wide, root, &basis, watch), level(found) else {
        bad = middle
        continue
      }
      good = min(good, problem.distance(to: found))
    }
    return good
  }

  private func level(_ x: [Double]) -> Bool {
    rival.violation(at: evaluator.forward(Matrix(rows: 1, columns: x.count, elements: x)).elements) <= 0
  }

  /// The arguments of all units at an input, by nodes.
  private func phases(at input: [Double]) throws -> [[Double]] {
    let region = Region.box(lower: input, upper: input)
    let values = try NodeIntervals(arithmetic: problem.classifier.propagation(), region: region)
    return values.lower.indices.map { k in zip(values.lower[k], values.upper[k]).map { 0.5 * $0 + 0.5 * $1 } }
  }

  /// The input within a radius, and in the piece, where the rival comes closest; `nil` when there is none.
  private func candidate(
    _ radius: Double, _ values: [[Double]], _ wide: NodeIntervals, _ root: NetworkProgram, _ basis: inout Basis?, _ watch: Stopwatch
  ) throws -> [Double]? {
    let last = wide.lower.count - 1
    guard let box = problem.region(radius).coordinateBounds else { return nil }
    var program = root
    for i in problem.input.indices {
      try program.setBounds(node: 0, element: i, max(box.lower[i], wide.lower[0][i])...min(box.upper[i], wide.upper[0][i]))
    }
    for (k, unit) in program.units.enumerated() {
      guard case .activation(let source, _) = problem.classifier.lowered.nodes[unit.node].kind else { continue }
      let (interval, z) = (program.interval(ofUnit: k), values[source][unit.index])
      var (lower, upper) = (interval.lowerBound, interval.upperBound)
      for kink in unit.activation.kinks(in: interval) { if kink <= z { lower = max(lower, kink) } else { upper = min(upper, kink) } }
      if lower <= upper { try program.restrict(unit: k, to: lower...upper) }
    }
    try program.setUnsafe(rival, range: rival.violation(lower: wide.lower[last], upper: wide.upper[last]))
    let relaxed = try RelaxedBound(program.program, from: basis, isCancelled: { watch.mustStop })
    basis = relaxed.basis ?? basis
    return relaxed.point.map { point in
      let x = program.input(at: point, of: wide)
      return x.indices.map { min(max(x[$0], box.lower[$0]), box.upper[$0]) }
    }
  }
}

extension LoweredNetwork {
  /// Whether every unit consists of straight pieces.
  var isPiecewiseLinear: Bool {
    nodes.allSatisfy { node in
      guard case .activation(_, let units) = node.kind else { return true }
      switch units {
      case .uniform(let activation): return activation.isPiecewiseLinear
      case .leakyReLU: return true
      }
    }
  }
}
