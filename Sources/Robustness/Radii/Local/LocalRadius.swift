import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks

/// Local l₂ radii: for every radius tried, linear bounds decide the rivals that they can, and a semidefinite program over the units that are
/// not linear in the ball the others.
///
/// Each rival needs one proof: backward linear bounds, or a `MarginProof` whose forms `MarginProgram` finds. The program contains the
/// linear bounds as well as the anchored secant sectors, so on networks where either of the two is better it is at least as good as both, up
/// to the slopes of the linear bounds of inner nodes. See the article on local radii.
public struct LocalRadius: RadiusMethod {
  /// `local`.
  public let name = "local"
  /// More units than this that are not linear in a ball are left to linear bounds.
  public var unitLimit = 400

  /// The method.
  public init() {}

  /// See ``RadiusMethod``.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    guard problem.norm == .l2 else { throw NotApplicable("local radii are in the l2 norm") }
    let clock = budget.start()
    var search = try LocalSearch(problem, unitLimit: unitLimit, isCancelled: { clock.mustStop })
    let found = try search.largest(ceiling: ceiling, tolerance: max(budget.tolerance, 1e-4)) { clock.mustStop }
    var result = RadiusEstimate(method: name, radius: found, seconds: clock.seconds)
    result.note = search.note
    if found > 0 { result.certificate = search.certificate(radius: found) }
    return result
  }
}

/// What the tests of one input's radii share.
struct LocalSearch {
  private let problem: RadiusProblem
  private let network: IncrementNetwork
  private let prepared: PropagationNetwork
  private let rows: Matrix<Double>
  /// The rivals' classes, and the margins over them at x₀ in floating point.
  private let classes: [Int]
  private let margins: [Double]
  private let unitLimit: Int
  private let isCancelled: () -> Bool
  /// Rivals, as rows of ``rows``, those first that failed last.
  private var order: [Int]
  /// For every rival multipliers of the last program.
  private var starts: [MarginProgram.Start?]
  /// The proofs at the greatest radius proved.
  private var best: (radius: Double, proofs: [Int: RobustnessCertificate.Proof])?
  /// What limited the search.
  private(set) var note: String?

  init(_ problem: RadiusProblem, unitLimit: Int, isCancelled: @escaping () -> Bool) throws {
    self.problem = problem
    network = try IncrementNetwork(problem.classifier.lowered)
    prepared = try problem.classifier.propagation()
    rows = problem.classifier.marginRows(problem.label)
    self.unitLimit = unitLimit
    self.isCancelled = isCancelled
    classes = problem.classifier.rivals(of: problem.label)
    let point = Matrix(rows: 1, columns: problem.input.count, elements: problem.input)
    margins = problem.classifier.margins(problem.label, at: point).elements
    let margins = margins
    order = margins.indices.sorted { margins[$0] < margins[$1] }
    starts = Array(repeating: nil, count: margins.count)
  }

  /// Half of the radius at which the network's linearisation at x₀ would change its answer.
  private var guess: Double {
    let classifier = problem.classifier
    let point = Matrix(rows: 1, columns: problem.input.count, elements: problem.input)
    var result = Double.infinity
    for (i, margin) in margins.enumerated() where margin > 0 {
      let gradient = classifier.evaluator.linearise(at: point).adjoint(Matrix(rows: 1, columns: rows.columns, elements: rows.row(i)))
      let norm = gradient.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 0 { result = min(result, 0.5 * margin / norm) }
    }
    return result.isFinite && result > 0 ? result : 1
  }

  // MARK: - Radii

  /// The largest radius that is proved, within a relative tolerance.
  ///
  /// A test tells the share v(r) of the margin that is left, and 1 − v is about c rᵖ with 1 ≤ p: two tests give p, and the next radius is where v
  /// vanishes by that law. The search ends when no more than the tolerance can be gained by it, or when it is bracketed that closely.
  mutating func largest(ceiling: Double?, tolerance: Double, mustStop: () -> Bool) throws -> Double {
    var (good, bad) = (0.0, ceiling ?? .infinity)
    var exponent = 1.25
    var last: (radius: Double, share: Double)?
    let guess = guess
    good = linearRadius(from: guess, ceiling: ceiling, mustStop: mustStop)
    var next = good > 0 ? min(max(guess, 1.02 * good), 1.15 * good) : guess
    if bad.isFinite { next = min(next, good > 0 ? (good * bad).squareRoot() : 0.5 * bad) }
    let floor = 1e-8 * next
    for _ in 0..<60 where !mustStop() {
      let test = try test(next)
      if test.isProved { good = max(good, next) } else { bad = min(bad, next) }
      if bad <= good * (1 + tolerance) || bad <= floor || good >= 1e12 { break }
      var predicted: Double?
      if let share = test.share, share < 0.999 {
        if let last, (last.radius / next - 1).magnitude > 0.01, last.share < 0.999 {
          let own = log((1 - share) / (1 - last.share)) / log(next / last.radius)
          if own.isFinite { exponent = min(3, max(1, own)) }
        }
        last = (next, share)
        // A little below, so that it is likely to be proved.
        predicted = next * pow(1 - share, -1 / exponent) * (1 - 0.4 * tolerance)
        if test.isProved, next == good, let predicted, predicted <= good * (1 + 0.5 * tolerance) { break }
      }
      if let predicted, predicted > good, predicted < bad {
        next = min(predicted, 1.5 * max(good, next))
      } else if bad.isInfinite {
        // Linear bounds were enough.
        next = 1.15 * good
      } else {
        next = good > 0 ? (good * bad).squareRoot() : 0.25 * bad
      }
    }
    return good
  }

  /// What linear bounds prove alone: it costs little, says where programs are worth their time, and is there when time runs out.
  private mutating func linearRadius(from guess: Double, ceiling: Double?, mustStop: () -> Bool) -> Double {
    let radius = RadiusSearch.largest(from: guess, ceiling: ceiling, tolerance: 0.02, mustStop: mustStop) {
      problem.isProvedByLinearBounds($0, isCancelled: isCancelled)
    }
    if radius > 0 { best = (radius, [:]) }
    return radius
  }

  /// Whether the answer cannot change within a radius, and about the least share of a margin at x₀ that is left there.
  private mutating func test(_ radius: Double) throws -> (isProved: Bool, share: Double?) {
    var share = 1.0
    do {
      let proofs = try prove(radius, share: &share)
      if radius > best?.radius ?? 0 { best = (radius, proofs) }
      return (true, share)
    } catch let error as NotProved {
      note = error.description
      return (false, share < 0 ? share : nil)
    }
  }

  /// Proves every margin; what is left of those that need a program goes to `share`, which linear bounds say little about.
  ///
  /// - Returns: the proofs of the rivals that linear bounds do not settle, by class.
  private mutating func prove(_ radius: Double, share: inout Double) throws -> [Int: RobustnessCertificate.Proof] {
    let region = problem.region(radius)
    let bounds = try BoundPropagation(prepared, region: region, isCancelled: isCancelled)
    let lower = try bounds.lowerBounds(of: rows, isCancelled: isCancelled)
    var proofs: [Int: RobustnessCertificate.Proof] = [:]
    let open = order.filter { !(lower[$0] > 0) }
    guard !open.isEmpty else { return proofs }
    var targets = Matrix<Double>(rows: open.count, columns: rows.columns)
    for (i, j) in open.enumerated() { for k in 0..<rows.columns { targets[i, k] = rows[j, k] } }
    let form = try LocalForm(
      network, center: problem.input, region: region, intervals: bounds.intervals, rows: targets, unitLimit: unitLimit,
      isCancelled: isCancelled)
    for (i, j) in open.enumerated() {
      var program = MarginProgram(form, target: i, simple: form.units.count > 200)
      let outcome = program.solve(from: starts[j], precision: 0.01, isCancelled: isCancelled)

      starts[j] = program.center ?? starts[j]
      guard case .proved(let forms, let weight, let left) = outcome else {
        order.removeAll { $0 == j }
        order.insert(j, at: 0)
        if case .hopeless(let left) = outcome { share = min(left, -1e-3) }
        throw NotProved("the margin over class \(classes[j]) at \(radius)")
      }
      share = min(share, left)
      try MarginProof.prove(form, target: i, forms: forms, weight: weight, isCancelled: isCancelled)
      proofs[classes[j]] = .quadratic(.init(form, forms: forms, weight: weight))
    }
    return proofs
  }

  /// The certificate of a radius that was proved.
  func certificate(radius: Double) -> RobustnessCertificate? {
    guard let best, best.radius == radius else { return nil }
    return problem.certificate(radius: radius) { best.proofs[$0] ?? .linear(nil) }
  }
}
