import Certificates
import LinearAlgebra
import Networks

/// The search for multipliers over a growing set of frequencies.
struct FrequencySearch {
  /// The best multipliers so far, and the greatest ρ over the frequencies considered.
  private(set) var best: (bound: FrequencyBound, rho: Double)?

  private let part: ConvolutionalPart
  private let budget: Budget
  /// Whether all frequencies are to be proved.
  private let isUniversal: Bool
  private let rows: Int
  private let columns: Int
  private var iteration: FrequencyIteration

  /// A search on the least torus, or over all frequencies.
  ///
  /// - Throws: ``NotProved`` when all frequencies are asked for and cannot be covered.
  init(_ part: ConvolutionalPart, coversAllImageSizes: Bool, budget: Budget) throws {
    self.part = part
    self.budget = budget
    let hasNegativeSlopes = part.activationNodes.contains { part.sectors(of: $0).lower.contains { $0 < 0 } }
    if coversAllImageSizes && hasNegativeSlopes {
      throw NotProved("the proof for images of any size does not cover activations with negative slopes")
    }
    isUniversal = coversAllImageSizes || (!hasNegativeSlopes && part.leastRows * part.leastColumns > 2 * FrequencyEstimator.largestTorus)
    // For all frequencies, a grid to look for the worst ones on; an axis on which nothing moves has one frequency.
    rows = isUniversal ? (part.nodes[0].map.height == 1 ? 1 : 32) : part.leastRows
    columns = isUniversal ? (part.nodes[0].map.width == 1 ? 1 : 32) : part.leastColumns
    iteration = FrequencyIteration(part, rank: 3, startingAtZero: isUniversal, seed: budget.seed)
    let coarse = (min(rows, 8), min(columns, 8))
    let (m, n) = (rows, columns)
    let start = Frequency.torus(rows: coarse.0, columns: coarse.1).map {
      Frequency(row: $0.row * m / coarse.0, of: m, column: $0.column * n / coarse.1, of: n)
    }
    iteration.add(start)
  }

  /// What the notes say about what is proved.
  private var scope: String {
    let channels = part.activationNodes.map { "\(part.nodes[$0].map.channels)" }.joined(separator: ", ")
    let grid =
      isUniversal
      ? (part.tail == nil ? "all frequencies: any image size" : "all frequencies") : "torus of \(rows) × \(columns): this image size"
    return "one multiplier per channel (\(channels.isEmpty ? "none" : channels)), \(grid)"
  }

  // MARK: - From below

  /// Alternates between the iteration and a check of the other frequencies until the two sides meet.
  mutating func run(method: String, clock: Stopwatch, progress: (LipschitzEstimate.Progress) -> Void) -> LipschitzEstimate {
    var result = LipschitzEstimate(method: method)
    result.rank = iteration.rank
    var next = 40
    var upperHere = Double.infinity
    var tries = 0
    // How close both sides must be for a look at the other frequencies: the less these exceeded the bound, the closer.
    var nextGap = 0.03
    while true {
      iteration.step()
      result.iterations += 1
      var reason: LipschitzEstimate.StopReason?
      if clock.mustStop { reason = clock.reason }
      if result.iterations >= budget.iterationLimit ?? 20_000 { reason = .iterationLimit }
      guard reason != nil || result.iterations >= next else { continue }
      let tails = iteration.tail.flatMap { try? FrequencyBound.tails(part, $0, isCancelled: budget.isCancelled) } ?? []
      let own = FrequencyBound.best(iteration, tails: tails, startingAtZero: isUniversal, isCancelled: budget.isCancelled)
      let lower = iteration.value
      result.lower = max(result.lower ?? 0, lower.squareRoot())
      next = result.iterations + max(20, result.iterations / 4)
      if let own {
        let gap = 1 - (lower / own.rho).squareRoot()
        let isClose = gap <= max(budget.tolerance / 2, nextGap) || own.rho == 0
        let isFinal = gap <= budget.tolerance / 2 || own.rho == 0
        tries = own.rho < upperHere * (1 - 1e-3 * budget.tolerance) ? 0 : tries + 1
        upperHere = min(upperHere, own.rho)
        if isClose || reason != nil || tries >= 12 {
          let worse = check(own.bound, own.rho)
          if worse.rho < best?.rho ?? .infinity { best = (own.bound, worse.rho) }
          result.upper = best?.rho.squareRoot()
          let room = 1 + budget.tolerance / 2
          let excess = worse.rho.isFinite ? (worse.rho / own.rho).squareRoot() - 1 : 1
          let overall = 1 - (result.lower ?? 0) / (best?.rho ?? .infinity).squareRoot()
          if reason == nil, overall <= budget.tolerance {
            reason = .tolerance
          } else if reason == nil, worse.rho > own.rho * room * room {
            if isFinal { iteration.prune() }
            iteration.add(worse.frequencies, mergingDistance: isUniversal ? 0.01 : 0)
            (upperHere, tries) = (.infinity, 0)
            next = result.iterations + 20
            nextGap = min(nextGap, excess / 4)
          } else if reason == nil, isFinal || tries >= 12 {
            reason = isFinal ? .tolerance : .stalled
          } else {
            // Nothing worse beside: on with the iteration, until both sides meet.
            nextGap = 0
          }
        }
      } else {
        tries += 1
        if tries >= 20 { reason = reason ?? .stalled }
      }
      if own == nil, reason != nil, best == nil {
        result.note = "no multipliers could be proved; \(scope)"
      }
      record(&result, seconds: clock.seconds, progress: progress)
      if let reason {
        result.stopReason = reason
        return result
      }
    }
  }

  private func record(
    _ result: inout LipschitzEstimate, seconds: Double, progress: (LipschitzEstimate.Progress) -> Void
  ) {
    let moment = LipschitzEstimate.Progress(
      iteration: result.iterations, lower: result.lower ?? 0, upper: result.upper, seconds: seconds)
    result.history.append(moment)
    progress(moment)
  }

  // MARK: - The other frequencies

  /// The greatest ρ over the grid (and, for all frequencies, beside its peaks), with the frequencies of the highest peaks.
  private func check(_ bound: FrequencyBound, _ known: Double) -> (rho: Double, frequencies: [Frequency]) {
    let grid = Frequency.torus(rows: rows, columns: columns)
    let values = bound.rhos(at: grid)
    var peaks: [(frequency: Frequency, rho: Double)] = []
    for (frequency, rho) in zip(grid, values).sorted(by: { $0.1 > $1.1 }) where peaks.count < 8 && rho > 0.9 * known {
      if peaks.allSatisfy({ !Self.areNear($0.frequency, frequency) }) { peaks.append((frequency, rho)) }
    }
    if isUniversal { peaks = peaks.prefix(6).map { refine($0.frequency, $0.rho, bound) } }
    return (max(known, peaks.map(\.rho).max() ?? 0, values.max() ?? 0), peaks.filter { $0.rho > known }.map(\.frequency))
  }

  /// Climbs from a point of the grid to a peak between its points, in steps halved down to 2⁻¹² of a turn.
  private func refine(_ frequency: Frequency, _ rho: Double, _ bound: FrequencyBound) -> (frequency: Frequency, rho: Double) {
    var (place, value) = (frequency, rho)
    var scale = 1
    while scale * 32 < 1 << 12 && value.isFinite {
      scale *= 2
      var isMoving = true
      while isMoving {
        isMoving = false
        let (m, n) = (rows == 1 ? 1 : rows * scale, columns == 1 ? 1 : columns * scale)
        let (i, j) = (place.row * (m / place.rowCount), place.column * (n / place.columnCount))
        let around = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)].map {
          Frequency(row: (i + $0.0 + m) % m, of: m, column: (j + $0.1 + n) % n, of: n)
        }
        let values = bound.rhos(at: around)
        if let index = values.indices.max(by: { values[$0] < values[$1] }), values[index] > value * (1 + 1e-12) {
          (place, value, isMoving) = (around[index], values[index], values[index].isFinite)
        }
      }
    }
    return (place, value)
  }

  private static func areNear(_ a: Frequency, _ b: Frequency) -> Bool {
    func distance(_ i: Int, _ j: Int, _ n: Int) -> Int { min((i - j + n) % n, (j - i + n) % n) }
    let near = distance(a.row, b.row, a.rowCount) <= 1 && distance(a.column, b.column, a.columnCount) <= 1
    let mirrored = (row: (b.rowCount - b.row) % b.rowCount, column: (b.columnCount - b.column) % b.columnCount)
    return near || (distance(a.row, mirrored.row, a.rowCount) <= 1 && distance(a.column, mirrored.column, a.columnCount) <= 1)
  }

  // MARK: - The proof

  /// Proves the bound with the certificate checker and records it.
  ///
  /// - Throws: ``NotProved`` when no inflation of ρ is accepted.
  func conclude(
    _ best: (bound: FrequencyBound, rho: Double), problem: LipschitzProblem, clock: Stopwatch, into result: inout LipschitzEstimate
  ) throws {
    // A proof of all frequencies needs room between the bound and the worst of them.
    let room = min(1e-4, budget.tolerance / 2)
    let inflations = isUniversal ? [room, 4 * room, 16 * room, 64 * room, 512 * room] : [1e-9, 1e-7, 1e-5]
    var last = NotProved("some frequency has no bound")
    guard best.rho.isFinite else { throw last }
    for inflation in inflations {
      let rho = max(best.rho * (1 + inflation), 0x1p-900)
      let data = FrequencyDerivation(
        rho: rho, channelMultipliers: best.bound.proof.multipliers, unitMultipliers: best.bound.unitMultipliers,
        boundaryGain: best.bound.proof.boundaryGain, torus: isUniversal ? [] : [rows, columns])
      let upper = ErrorBounds.sqrtUp(rho)
      let certificate = Certificate(
        generator: "lipcert \(Version.current)", modelName: "", network: problem.lowered,
        statement: Statement(inputNorm: .l2, output: problem.output, bound: upper), derivation: .frequencies(data))
      do { try CertificateChecker.check(certificate, of: problem.lowered, isCancelled: budget.isCancelled) } catch let error as NotProved {
        last = error
        if budget.isCancelled() { break }
        continue
      }
      result.upper = upper
      result.isCertified = true
      result.certificate = certificate
      result.note = scope
      return
    }
    result.upper = nil
    throw last
  }
}
