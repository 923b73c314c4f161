import Certificates
import LinearAlgebra
import Lipschitz
import Networks

extension RadiusProblem {
  /// Whether backward linear bounds with the lines that enclose least prove every margin positive within a radius; what they cannot bound, or
  /// not before they are cancelled, is not proved.
  func isProvedByLinearBounds(_ radius: Double, isCancelled: () -> Bool = { false }) -> Bool {
    guard
      let bounds = try? BoundPropagation(classifier.propagation(), region: region(radius), isCancelled: isCancelled),
      let margins = try? bounds.lowerBounds(of: classifier.marginRows(label), isCancelled: isCancelled)
    else { return false }
    return margins.allSatisfy { $0 > 0 }
  }
}

/// The search of a radius by bound propagation, for all rivals at once.
struct PropagationSearch {
  let clock: Stopwatch
  private let problem: RadiusProblem
  private let tightening: BoundPropagation.Tightening
  private let network: PropagationNetwork
  private let rows: Matrix<Double>

  init(_ problem: RadiusProblem, tightening: BoundPropagation.Tightening, clock: Stopwatch) throws {
    self.clock = clock
    self.problem = problem
    self.tightening = tightening
    network = try problem.classifier.propagation()
    rows = problem.classifier.marginRows(problem.label)
  }

  /// The largest radius that needs no search of slopes.
  func radius(ceiling: Double?, budget: Budget) throws -> Double {
    // Bounds at a radius too large hold at every smaller one.
    var outer: BoundPropagation?
    func margins(_ radius: Double) -> [Double] {
      do {
        let bounds = try BoundPropagation(
          network, region: problem.region(radius), tightening: tightening, inside: outer, isCancelled: { clock.mustStop })
        let margins = try bounds.lowerBounds(of: rows, isCancelled: { clock.mustStop })
        if !margins.allSatisfy({ $0 > 0 }) { outer = bounds }
        return margins
      } catch {
        return rows.elements.isEmpty ? [] : [-.infinity]
      }
    }
    let clean = problem.margins
    guard let worst = clean.min(), worst > 0 else { return 0 }
    // What a tiny radius takes off the margins gives a first guess.
    let tiny = 1e-6 * problem.input.reduce(1) { max($0, $1.magnitude) }
    let near = margins(tiny)
    guard near.count == clean.count else { return 0 }
    let guess = zip(clean, near).map { tiny * $0 / max(1e-300, $0 - $1) }.min() ?? tiny
    outer = nil
    return MarginSearch.largest(
      from: max(tiny, 0.5 * guess), clean: worst, ceiling: ceiling, tolerance: budget.tolerance, mustStop: { clock.mustStop },
      margin: { margins($0).min() ?? -.infinity })
  }

  /// A radius, or a little less, at which the bounds need no other region's: what a checker will find again.
  func replayable(_ radius: Double) -> Double {
    for share in [1, 0.9999, 0.999, 0.99, 0.9] where radius > 0 {
      if problem.isProvedByLinearBounds(share * radius) { return share * radius }
    }
    return 0
  }

  /// The largest radius with optimised slopes, from one that is proved.
  func improved(_ proved: Double, ceiling: Double?, budget: Budget, optimizesIntermediates: Bool) throws -> Double {
    guard proved > 0 else { return 0 }
    let optimizer = problem.classifier.slopeOptimizer()
    var outer: BoundPropagation?
    var known: [RelaxationSlopes] = []
    func margin(_ radius: Double) -> Double {
      do {
        let region = problem.region(radius)
        let isStopped = { clock.mustStop }
        var bounds = try BoundPropagation(network, region: region, tightening: tightening, inside: outer, isCancelled: isStopped)
        var margins = try bounds.lowerBounds(of: rows, isCancelled: isStopped)
        for stage in 0..<(optimizesIntermediates ? 2 : 1) {
          if margins.allSatisfy({ $0 > 0 }) { break }
          if stage == 1 {
            bounds = try BoundPropagation(
              network, region: region, tightening: tightening, inside: bounds, advisor: optimizer, isCancelled: isStopped)
          }
          let open = margins.indices.filter { !(margins[$0] > 0) }
          let some = Matrix(rows: open.count, columns: rows.columns, elements: open.flatMap { rows.row($0) })
          let slopes = optimizer.slopes(
            for: some.converted(to: Float.self), of: bounds.network.nodes.count - 1, intervals: bounds.intervals, region: region,
            start: known.isEmpty ? [] : open.map { known[$0] }, goal: 1e-6 * (margins.map(\.magnitude).max() ?? 0), mustStop: isStopped)
          let plain = try bounds.lowerBounds(of: some, isCancelled: isStopped)
          let better = try bounds.lowerBounds(of: some, slopes: slopes, isCancelled: isStopped)
          if known.isEmpty { known = Array(repeating: RelaxationSlopes(default: bounds.network), count: margins.count) }
          for (k, i) in open.enumerated() {
            known[i] = slopes[k]
            margins[i] = max(margins[i], plain[k], better[k])
          }
        }
        if !margins.allSatisfy({ $0 > 0 }) { outer = bounds }
        return margins.min() ?? -.infinity
      } catch {
        return -.infinity
      }
    }
    return MarginSearch.largest(
      from: proved * 1.06, good: proved, ceiling: ceiling, tolerance: budget.tolerance, mustStop: { clock.mustStop }, margin: margin)
  }
}
