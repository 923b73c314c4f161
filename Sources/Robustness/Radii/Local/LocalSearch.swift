import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks

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
  private let programLimit: Int
  private let isCancelled: () -> Bool
  /// Rivals, as rows of ``rows``, those first that failed last.
  private var order: [Int]
  /// For every rival multipliers of the last program.
  private var starts: [MarginProgram.Start?]
  /// For every rival vectors of the last run over the sectors, and margin / (L r) as it was found at a radius.
  private var spheres: [SectorBound.Start?]
  private var reserves: [(radius: Double, ratio: Double)?]
  /// The proofs at the greatest radius proved.
  private var best: (radius: Double, proofs: [Int: RobustnessCertificate.Proof])?
  /// The last ball that the estimates called safe.
  private var lastGood: Ball?
  /// How many units were not linear in the last ball.
  private var lastUnitCount = 0
  /// The least share of a margin that linear bounds left in the last ball.
  private var linearShare = 1.0
  /// What limited the search.
  private(set) var note: String?

  init(_ problem: RadiusProblem, unitLimit: Int, programLimit: Int, isCancelled: @escaping () -> Bool) throws {
    self.problem = problem
    network = try problem.classifier.increments()
    prepared = try problem.classifier.propagation()
    rows = problem.classifier.marginRows(problem.label)
    self.unitLimit = unitLimit
    self.programLimit = programLimit
    self.isCancelled = isCancelled
    classes = problem.classifier.rivals(of: problem.label)
    let margins = problem.margins
    self.margins = margins
    order = margins.indices.sorted { margins[$0] < margins[$1] }
    starts = Array(repeating: nil, count: margins.count)
    spheres = Array(repeating: nil, count: margins.count)
    reserves = Array(repeating: nil, count: margins.count)
  }

  /// Half of the radius at which the network's linearisation at x₀ would change its answer.
  private var guess: Double {
    let (evaluator, point) = (problem.classifier.evaluator, problem.point)
    var result = Double.infinity
    for (i, margin) in margins.enumerated() where margin > 0 {
      let gradient = evaluator.linearisation(at: point).adjoint(Matrix(rows: 1, columns: rows.columns, elements: rows.row(i)))
      let norm = gradient.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 0 { result = min(result, 0.5 * margin / norm) }
    }
    return result.isFinite && result > 0 ? result : 1
  }

  // MARK: - Radii

  /// The largest radius that is proved, within a relative tolerance: by sectors, by programs where there are few units, and by lines with better
  /// slopes.
  mutating func largest(ceiling: Double?, tolerance: Double, mustStop: () -> Bool) throws -> Double {
    let guess = guess
    var good = sectorRadius(from: guess, ceiling: ceiling, tolerance: max(tolerance, 0.005), mustStop: mustStop)
    if lastUnitCount <= programLimit {
      good = try programRadius(from: good, guess: guess, ceiling: ceiling, tolerance: tolerance, mustStop: mustStop)
    }
    return slopeRadius(from: good, ceiling: ceiling, tolerance: tolerance, mustStop: mustStop)
  }

  // MARK: - Programs

  /// Goes on from a proved radius by programs.
  ///
  /// A test tells the share v(r) of the margin that is left, and 1 − v is about c rᵖ with 1 ≤ p: two tests give p, and the next radius is where v
  /// vanishes by that law. The search ends when no more than the tolerance can be gained by it, or when it is bracketed that closely.
  private mutating func programRadius(from proved: Double, guess: Double, ceiling: Double?, tolerance: Double, mustStop: () -> Bool) throws
    -> Double
  {
    var (good, bad) = (proved, ceiling ?? .infinity)
    var exponent = 1.25
    var last: (radius: Double, share: Double)?
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

  // MARK: - Sectors

  /// What is known of a ball.
  private struct Ball {
    let radius: Double
    /// Rivals that linear bounds leave open, as rows of ``rows``.
    let open: [Int]
    /// The network as they see it; `nil` when there are none.
    let form: LocalForm?
  }

  private mutating func ball(_ radius: Double) throws -> Ball {
    let region = problem.region(radius)
    let bounds = try BoundPropagation(prepared, region: region, isCancelled: isCancelled)
    let lower = try bounds.lowerBounds(of: rows, isCancelled: isCancelled)
    linearShare = zip(lower, margins).map { $0 / $1 }.min() ?? 1
    let open = order.filter { !(lower[$0] > 0) }
    guard !open.isEmpty else { return Ball(radius: radius, open: [], form: nil) }
    var targets = Matrix<Double>(rows: open.count, columns: rows.columns)
    for (i, j) in open.enumerated() { for k in 0..<rows.columns { targets[i, k] = rows[j, k] } }
    let form = try LocalForm(
      network, center: problem.input, region: region, intervals: bounds.intervals, rows: targets, unitLimit: unitLimit,
      isCancelled: isCancelled)
    lastUnitCount = form.units.count
    return Ball(radius: radius, open: open, form: form)
  }

  /// The largest radius that sectors, or linear bounds alone, prove.
  ///
  /// L r / margin grows like a power of r, more than 1 since sectors widen: each estimate says where it would be 1. Only the last radius is
  /// proved, or one a little smaller.
  private mutating func sectorRadius(from guess: Double, ceiling: Double?, tolerance: Double, mustStop: () -> Bool) -> Double {
    var (good, bad) = (0.0, ceiling ?? .infinity)
    var next = bad.isFinite ? min(guess, 0.5 * bad) : guess
    var exponent = 1.4
    var last: (radius: Double, ratio: Double)?
    let floor = 1e-8 * next
    for _ in 0..<40 where !mustStop() {
      let ratio = (try? estimate(next)) ?? 0
      if ratio > 1 { good = next } else { bad = next }
      if bad <= good * (1 + tolerance) || bad <= floor || good >= 1e12 { break }
      var predicted: Double?
      if ratio > 0, ratio.isFinite {
        if let last, (last.radius / next - 1).magnitude > 0.005 {
          let own = -log(ratio / last.ratio) / log(next / last.radius)
          if own.isFinite { exponent = min(4, max(1, own)) }
        }
        last = (next, ratio)
        predicted = next * pow(ratio, 1 / exponent) * (1 - 0.4 * tolerance)
        if let predicted, next == good, predicted <= good * (1 + 0.5 * tolerance) { break }
      }
      if let predicted, predicted > good, predicted < bad {
        next = predicted
      } else if bad.isInfinite {
        next = 1.5 * good
      } else {
        next = good > 0 ? (good * bad).squareRoot() : 0.25 * bad
      }
    }
    for share in [1, 1 - tolerance, 1 - 3 * tolerance, 0.95, 0.9, 0.8] where good > 0 {
      if let proofs = try? proofs(share * good) {
        best = (share * good, proofs)
        return share * good
      }
      if isCancelled() { break }
    }
    return 0
  }

  /// The least margin / (L r) of the rivals that linear bounds leave open, about; infinite when they leave none.
  private mutating func estimate(_ radius: Double) throws -> Double {
    let ball = try ball(radius)
    var least = Double.infinity
    if let form = ball.form {
      let sectors = SectorBound(form)
      for (i, j) in ball.open.enumerated() {
        // A rival that was far behind is so still.
        if let reserve = reserves[j], least < 0.7 * reserve.ratio * min(1, pow(reserve.radius / radius, 2)) { continue }
        let result = sectors.run(targets: [i], from: spheres[j], iterations: 100, precision: 5e-4, isCancelled: isCancelled)
        spheres[j] = result.start
        let ratio = sectors.ratio(result)
        reserves[j] = (radius, ratio)
        least = min(least, ratio)
      }
      order.sort { (reserves[$0]?.ratio ?? .infinity) < (reserves[$1]?.ratio ?? .infinity) }
    }
    if least > 1 { lastGood = ball }
    return least
  }

  /// Proves every margin by linear bounds and sectors, as many rivals as possible by the same multipliers.
  private mutating func proofs(_ radius: Double) throws -> [Int: RobustnessCertificate.Proof] {
    let ball = try lastGood.flatMap { $0.radius == radius ? $0 : nil } ?? ball(radius)
    var result: [Int: RobustnessCertificate.Proof] = [:]
    guard let form = ball.form else { return result }
    let sectors = SectorBound(form)
    let input = try InputFactor(form.inputRows, isCancelled: isCancelled)
    var left = Array(ball.open.indices)
    /// Proves what one run's multipliers can.
    func prove(_ run: SectorBound.Result) throws {
      let (forms, weight) = sectors.forms(run)
      let proved = try MarginProof.prove(form, input: input, forms: forms, weight: weight, isCancelled: isCancelled)
      let own = left.filter { proved[$0] }
      for k in own {
        let first = classes[ball.open[own[0]]]
        result[classes[ball.open[k]]] = k == own[0] ? .quadratic(.init(form, forms: forms, weight: weight)) : .shared(rival: first)
      }
      left.removeAll { proved[$0] }
    }
    while let first = left.first {
      // Rivals with room to spare are content with multipliers made for all of them.
      let shares = left.count > 1 && (reserves[ball.open[first]]?.ratio ?? .infinity) > 1.05
      let start = spheres[ball.open[first]]
      var run = sectors.run(
        targets: shares ? left : [first], from: start, iterations: shares ? 80 : 300, precision: 5e-5, patience: 8, isCancelled: isCancelled
      )
      if sectors.ratio(run) > 1 { try? prove(run) }
      if left.first == first, shares {
        run = sectors.run(targets: [first], from: start, iterations: 300, precision: 5e-5, patience: 8, isCancelled: isCancelled)
        if sectors.ratio(run) > 1 { try prove(run) }
      }
      guard left.first != first else { throw NotProved("the margin over class \(classes[ball.open[first]]) at \(radius)") }
    }
    return result
  }

  // MARK: - Slopes

  /// Goes on from a proved radius by linear bounds with optimised slopes in the lines of the margins, unless plain ones are far from it.
  private mutating func slopeRadius(from proved: Double, ceiling: Double?, tolerance: Double, mustStop: () -> Bool) -> Double {
    guard proved > 0, linearShare > -0.15 else { return proved }
    let optimizer = problem.classifier.slopeOptimizer()
    var known: [Int: RelaxationSlopes] = [:]
    return MarginSearch.largest(
      from: 1.03 * proved, good: proved, ceiling: ceiling, tolerance: max(tolerance, 0.005), mustStop: mustStop
    ) { radius in
      let region = problem.region(radius)
      guard let bounds = try? BoundPropagation(prepared, region: region, isCancelled: isCancelled),
        var lower = try? bounds.lowerBounds(of: rows, isCancelled: isCancelled)
      else { return -.infinity }
      let open = lower.indices.filter { !(lower[$0] > 0) }
      let some = Matrix(rows: open.count, columns: rows.columns, elements: open.flatMap { rows.row($0) })
      let plain = RelaxationSlopes(default: problem.classifier.lowered)
      let slopes =
        open.isEmpty
        ? []
        : optimizer.slopes(
          for: some.converted(to: Float.self), of: problem.classifier.lowered.nodes.count - 1, intervals: bounds.intervals, region: region,
          start: known.isEmpty ? [] : open.map { known[$0] ?? plain }, goal: 1e-6 * (margins.max() ?? 0), mustStop: isCancelled)
      guard let better = try? bounds.lowerBounds(of: some, slopes: slopes, isCancelled: isCancelled) else { return -.infinity }
      var proofs: [Int: RobustnessCertificate.Proof] = [:]
      for (k, i) in open.enumerated() {
        lower[i] = better[k]
        known[i] = slopes[k]
        proofs[classes[i]] = .linear(slopes[k])
      }
      let worst = lower.min() ?? .infinity
      if worst > 0, radius > best?.radius ?? 0 { best = (radius, proofs) }
      return worst
    }
  }

  // MARK: - Tests of programs

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
    let ball = try ball(radius)
    var proofs: [Int: RobustnessCertificate.Proof] = [:]
    guard let form = ball.form else { return proofs }
    let input = try InputFactor(form.inputRows, isCancelled: isCancelled)
    for (i, j) in ball.open.enumerated() {
      var program = MarginProgram(form, input: input, target: i, simple: form.units.count > 200)
      let outcome = program.solve(from: starts[j], precision: 0.01, isCancelled: isCancelled)
      starts[j] = program.center ?? starts[j]
      guard case .proved(let forms, let weight, let left) = outcome else {
        order.removeAll { $0 == j }
        order.insert(j, at: 0)
        if case .hopeless(let left) = outcome { share = min(left, -1e-3) }
        throw NotProved("the margin over class \(classes[j]) at \(radius)")
      }
      share = min(share, left)
      try MarginProof.prove(form, input: input, target: i, forms: forms, weight: weight, isCancelled: isCancelled)
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
