import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz

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
