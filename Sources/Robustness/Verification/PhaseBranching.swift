import Certificates
import Foundation
import LinearAlgebra
import Networks

/// Branch and bound over assumptions about units: for networks with many inputs.
///
/// A problem is one constraint's disjunct on its box with assumptions p ≥ t or p ≤ t about some units; it is done when some constraint's
/// bound is positive or the assumptions contradict the intervals. Otherwise the unit that costs the bound most is split: at 0 when it has an open
/// kink there, else in the middle of its interval. Intervals of units are those of the whole box, cut to the assumptions.
struct PhaseBranching {
  let plan: PropagationPlan
  let property: Property
  let check: WitnessCheck
  let evaluator: Evaluator<Double>
  /// The box.
  let lower: [Double]
  let upper: [Double]
  let known: BoxPropagation.KnownIntervals

  private struct Problem: Sendable {
    var phases: [BoxPropagation.Phase]
    var disjunct: Int
    var bound: Double
    var start: Start?
  }

  /// What the search for the problem it comes from ended with: slopes of its rows at each activation node, and for each row the multipliers of
  /// the assumptions so far.
  private final class Start: Sendable {
    let slopes: [Int: [Double]]
    let multipliers: [[Double]]

    init(slopes: [Int: [Double]], multipliers: [[Double]]) {
      self.slopes = slopes
      self.multipliers = multipliers
    }
  }

  private typealias Outcome = Branching<Problem>.Outcome

  /// Searches until everything is proved, a witness is found or `mustStop` says so.
  func run(
    _ disjuncts: [Int], statistics: inout BranchingStatistics, mustStop: @Sendable () -> Bool,
    progress: (BranchingStatistics, _ open: Int, _ worst: Double) -> Void = { _, _, _ in }
  ) -> BranchingResult {
    var branching = Branching(disjuncts.map { Problem(phases: [], disjunct: $0, bound: -.infinity, start: nil) })
    let size = max(1, min(32, (1 << 18) / max(1, plan.nodes.map(\.count).max() ?? 1)))
    let began = ContinuousClock.now
    var attacked = Duration.zero
    var generator = SplitMix64(seed: UInt64(disjuncts.count))
    while true {
      // A fifth of the time goes to attacks on the disjunct that is split at the moment.
      if let problem = branching.open.last, statistics.boxes > 8, attacked < began.duration(to: .now) * 0.2 {
        let start = ContinuousClock.now
        if let witness = attack(problem.disjunct, &generator, mustStop) { return .found(witness) }
        attacked += start.duration(to: .now)
      }
      let result = branching.advance(size: size, statistics: &statistics, mustStop: mustStop) { treat($0, mustStop) }
      if let result { return result }
      progress(statistics, branching.open.count, branching.batch.map(\.bound).min() ?? 0)
    }
  }

  private func attack(_ disjunct: Int, _ generator: inout SplitMix64, _ mustStop: () -> Bool) -> Witness? {
    var witness: Witness?
    _ = PropertyAttack(evaluator: evaluator, disjunct: property.disjuncts[disjunct]).search(
      restarts: 8, steps: 40, generator: &generator, mustStop: mustStop,
      accept: { candidate in
        witness = check.witness(near: candidate, disjunct: disjunct)
        return witness != nil
      })
    return witness
  }

  private func treat(_ problems: [Problem], _ mustStop: () -> Bool) -> [Outcome] {
    let n = plan.inputCount
    let phases = problems.map(\.phases)
    let propagation = BoxPropagation(
      plan, lower: Matrix(rows: problems.count, columns: n, elements: Array(problems.flatMap { _ in lower })),
      upper: Matrix(rows: problems.count, columns: n, elements: Array(problems.flatMap { _ in upper })), phases: phases, known: known,
      isRefining: false, isCancelled: mustStop)
    var rows = ConstraintRows(property)
    for (box, problem) in problems.enumerated() where !propagation.isEmpty[box] { rows.add(disjunct: problem.disjunct, box: box) }
    let search = rows.search(propagation)
    let result = search.run(startingChoices(problems, rows, search), phases: phases, steps: 12, mustStop: mustStop)
    var rowsOfBoxes = [[Int]](repeating: [], count: problems.count)
    for (row, place) in rows.places.enumerated() { rowsOfBoxes[place.box].append(row) }
    var outcomes = [Outcome](repeating: Outcome(), count: problems.count)
    let outputs = result.points.rows > 0 ? evaluator.forward(result.points) : Matrix(rows: 0, columns: plan.outputCount)
    for (box, problem) in problems.enumerated() {
      if propagation.isEmpty[box], !propagation.isBroken[box] { continue }
      let own = rowsOfBoxes[box]
      // Only a number that is greater than 0 refutes; NaN does not.
      if !propagation.isBroken[box], own.contains(where: { result.values[$0] > 0 }) { continue }
      let attack = PropertyAttack(evaluator: evaluator, disjunct: property.disjuncts[problem.disjunct])
      for row in own where attack.worst(result.points, outputs, row).map({ $0.value <= 0 }) ?? true {
        if let witness = check.witness(near: result.points.row(row), disjunct: problem.disjunct) {
          outcomes[box].witness = witness
          return outcomes
        }
      }
      guard let leading = own.max(by: { result.values[$0] < result.values[$1] }),
        let place = dearest(leading, box, propagation, result.losses)
      else {
        outcomes[box].isStuck = true
        continue
      }
      let start = self.start(own, problem, result)
      for isAbove in [true, false] {
        let phase = BoxPropagation.Phase(node: place.node, unit: place.unit, isAbove: isAbove, threshold: place.threshold)
        outcomes[box].children.append(
          Problem(phases: problem.phases + [phase], disjunct: problem.disjunct, bound: result.values[leading], start: start))
      }
    }
    return outcomes
  }

  private func start(_ rows: [Int], _ problem: Problem, _ result: SlopeSearch.Result) -> Start {
    var slopes: [Int: [Double]] = [:]
    var multipliers = rows.map { _ in [Double](repeating: 0, count: problem.phases.count) }
    for (node, choice) in result.choices {
      slopes[node] = rows.flatMap { choice.slopes.row($0) }
      for multiplier in choice.multipliers {
        if let row = rows.firstIndex(of: multiplier.row), let place = problem.phases.firstIndex(of: multiplier.phase) {
          multipliers[row][place] = multiplier.value
        }
      }
    }
    return Start(slopes: slopes, multipliers: multipliers)
  }

  /// The choices of the problems that these come from, where they still apply.
  private func startingChoices(
    _ problems: [Problem], _ rows: ConstraintRows, _ search: SlopeSearch
  ) -> [Int: BoxPropagation.RowChoices] {
    var choices = search.initialChoices(problems.map(\.phases))
    for (node, choice) in choices {
      guard case .activation(let source, let units) = plan.nodes[node].kind else { continue }
      var choice = choice
      let width = choice.slopes.columns
      var rowOfBox = 0
      for (row, place) in rows.places.enumerated() {
        rowOfBox = row > 0 && rows.places[row - 1].box == place.box ? rowOfBox + 1 : 0
        guard let start = problems[place.box].start, let slopes = start.slopes[node] else { continue }
        for unit in 0..<width {
          let (l, u) = (search.propagation.lower[source][place.box, unit], search.propagation.upper[source][place.box, unit])
          if l < 0, u > 0, units.activation(of: unit).kink != nil { choice.slopes[row, unit] = slopes[rowOfBox * width + unit] }
        }
        let phases = problems[place.box].phases
        for k in choice.multipliers.indices where choice.multipliers[k].row == row {
          if let index = phases.firstIndex(of: choice.multipliers[k].phase), index < start.multipliers[rowOfBox].count {
            choice.multipliers[k].value = start.multipliers[rowOfBox][index]
          }
        }
      }
      choices[node] = choice
    }
    return choices
  }

  /// The unit to split.
  private func dearest(
    _ row: Int, _ box: Int, _ propagation: BoxPropagation, _ losses: [Int: Matrix<Double>]
  ) -> (node: Int, unit: Int, threshold: Double)? {
    var best: (loss: Double, node: Int, unit: Int, threshold: Double)?
    for (node, loss) in losses.sorted(by: { $0.key < $1.key }) {
      guard case .activation(let source, let units) = plan.nodes[node].kind else { continue }
      for unit in 0..<loss.columns {
        let (l, u) = (propagation.lower[source][box, unit], propagation.upper[source][box, unit])
        let threshold: Double
        let cost: Double
        if units.activation(of: unit).kink != nil {
          guard l < 0, u > 0 else { continue }
          threshold = 0
          cost = loss[row, unit] + 1e-9 * min(-l, u)
        } else {
          threshold = 0.5 * l + 0.5 * u
          guard l < threshold, threshold < u, u - l > 1e-6 else { continue }
          cost = abs(loss[row, unit]) * (u - l)
        }
        if cost > best?.loss ?? -.infinity { best = (cost, node, unit, threshold) }
      }
    }
    return best.map { ($0.node, $0.unit, $0.threshold) }
  }
}
