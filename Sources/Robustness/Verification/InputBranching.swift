import Certificates
import LinearAlgebra
import Networks

/// Branch and bound that splits boxes of inputs: for networks with few inputs.
///
/// A box is done when for every disjunct some constraint is positive on all of it. Otherwise it is cut to the part where the linear bounds of
/// the constraints of its only disjunct can be non-positive, or split in two across the coordinate that moves the bounds most.
struct InputBranching {
  let plan: PropagationPlan
  let property: Property
  let check: WitnessCheck
  let evaluator: Evaluator<Double>

  /// A box and the disjuncts that are still possible on it.
  struct Cell: Sendable {
    var lower: [Double]
    var upper: [Double]
    var disjuncts: [Int]
  }

  private typealias Outcome = Branching<Cell>.Outcome

  /// The boxes of a property, each with the disjuncts that share it.
  static func cells(_ property: Property) -> [Cell] {
    struct Key: Hashable {
      let lower, upper: [Double]
    }
    var places: [Key: Int] = [:]
    var cells: [Cell] = []
    for (index, disjunct) in property.disjuncts.enumerated() {
      let key = Key(lower: disjunct.box.lower, upper: disjunct.box.upper)
      if let place = places[key] {
        cells[place].disjuncts.append(index)
      } else {
        places[key] = cells.count
        cells.append(Cell(lower: key.lower, upper: key.upper, disjuncts: [index]))
      }
    }
    return cells
  }

  /// The number of inputs that are not fixed.
  static func freeCount(_ cell: Cell) -> Int { zip(cell.lower, cell.upper).reduce(0) { $0 + ($1.1 - $1.0 > 1e-12 ? 1 : 0) } }

  /// Searches until everything is proved, a witness is found or `mustStop` says so.
  func run(
    _ cells: [Cell], statistics: inout BranchingStatistics, mustStop: @Sendable () -> Bool,
    progress: (BranchingStatistics, _ open: Int) -> Void = { _, _ in }
  ) -> BranchingResult {
    var branching = Branching(cells.reversed())
    let size = batchSize
    while true {
      let result = branching.advance(size: size, statistics: &statistics, mustStop: mustStop) { treat($0, mustStop) }
      if let result { return result }
      progress(statistics, branching.open.count)
    }
  }

  /// As many boxes as keep the rows of a layer within the cache.
  private var batchSize: Int {
    let width = plan.nodes.map(\.count).max() ?? 1
    return max(1, min(64, 8192 / max(1, width)))
  }

  private func treat(_ cells: [Cell], _ mustStop: () -> Bool) -> [Outcome] {
    let n = plan.inputCount
    let propagation = BoxPropagation(
      plan, lower: Matrix(rows: cells.count, columns: n, elements: Array(cells.map(\.lower).joined())),
      upper: Matrix(rows: cells.count, columns: n, elements: Array(cells.map(\.upper).joined())), isCancelled: mustStop)
    var rows = ConstraintRows(property)
    for (box, cell) in cells.enumerated() { for disjunct in cell.disjuncts { rows.add(disjunct: disjunct, box: box) } }
    let bounds = rows.lowerBounds(propagation)
    var rowsOfBoxes = [[Int]](repeating: [], count: cells.count)
    for (row, place) in rows.places.enumerated() { rowsOfBoxes[place.box].append(row) }
    var outcomes = [Outcome](repeating: Outcome(), count: cells.count)
    var candidates: [(box: Int, disjunct: Int, point: [Double])] = []
    for (box, cell) in cells.enumerated() {
      var cell = cell
      // Only a number that is greater than 0 refutes; NaN does not.
      let refuted = Set(rowsOfBoxes[box].filter { bounds.values[$0] > 0 }.map { rows.places[$0].disjunct })
      cell.disjuncts.removeAll { refuted.contains($0) }
      if cell.disjuncts.isEmpty { continue }
      let live = rowsOfBoxes[box].filter { !refuted.contains(rows.places[$0].disjunct) }
      let leading = live.max { bounds.values[$0] < bounds.values[$1] }
      candidates.append((box, cell.disjuncts[0], zip(cell.lower, cell.upper).map { 0.5 * $0 + 0.5 * $1 }))
      if let leading {
        let corner = (0..<n).map { bounds.coefficients[leading, $0] >= 0 ? cell.lower[$0] : cell.upper[$0] }
        candidates.append((box, rows.places[leading].disjunct, corner))
      }
      let before = cell
      if cell.disjuncts.count == 1, !propagation.isBroken[box] {
        for row in live where !contract(&cell, from: before, bounds, row) { cell.disjuncts = [] }
        if cell.disjuncts.isEmpty { continue }
      }
      split(cell, from: before, live.map { row in (0..<n).map { bounds.coefficients[row, $0] } }, &outcomes[box])
    }
    if !candidates.isEmpty {
      let points = Matrix(rows: candidates.count, columns: n, elements: Array(candidates.map(\.point).joined()))
      let outputs = evaluator.forward(points)
      var nearest: (value: Double, candidate: Int)?
      for (row, candidate) in candidates.enumerated() {
        let attack = PropertyAttack(evaluator: evaluator, disjunct: property.disjuncts[candidate.disjunct])
        let value = attack.worst(points, outputs, row)?.value ?? -.infinity
        if value < nearest?.value ?? .infinity { nearest = (value, row) }
        if value <= 0, let witness = check.witness(near: candidate.point, disjunct: candidate.disjunct) {
          outcomes[candidate.box].witness = witness
          return outcomes
        }
      }
      // A short descent from the best of them, within its box; with thousands of disjuncts there are candidates enough.
      if let nearest, property.disjuncts.count <= 64 {
        let candidate = candidates[nearest.candidate]
        var local = property.disjuncts[candidate.disjunct]
        (local.box.lower, local.box.upper) = (cells[candidate.box].lower, cells[candidate.box].upper)
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(candidate.point.count)) ^ nearest.value.bitPattern)
        _ = PropertyAttack(evaluator: evaluator, disjunct: local).search(
          from: candidate.point, restarts: 4, steps: 8, generator: &generator, mustStop: mustStop,
          accept: { point in
            outcomes[candidate.box].witness = check.witness(near: point, disjunct: candidate.disjunct)
            return outcomes[candidate.box].witness != nil
          })
      }
    }
    return outcomes
  }

  /// Cuts a box to where Λ x + d ≤ 0 can hold; false when that is nowhere.
  ///
  /// With s the least value of Λ x + d on the box, Λⱼ (xⱼ − ends) ≤ −s there, whatever the other coordinates are.
  private func contract(_ cell: inout Cell, from box: Cell, _ bounds: BoxPropagation.LinearBounds, _ row: Int) -> Bool {
    let s = bounds.values[row]
    guard s <= 0, s.isFinite else { return true }
    for j in box.lower.indices where box.lower[j] < box.upper[j] {
      let slope = bounds.coefficients[row, j]
      if slope > 0 {
        let end = ErrorBounds.addUp(box.lower[j], ErrorBounds.divideUp(-s, slope))
        if end < cell.upper[j] { cell.upper[j] = end }
      } else if slope < 0 {
        let end = ErrorBounds.subtractDown(box.upper[j], ErrorBounds.divideUp(-s, -slope))
        if end > cell.lower[j] { cell.lower[j] = end }
      }
      if cell.lower[j] > cell.upper[j] { return false }
    }
    return true
  }

  /// The box as it is when it has become much smaller, or its two halves.
  private func split(_ cell: Cell, from before: Cell, _ slopes: [[Double]], _ outcome: inout Outcome) {
    var shrinking = 1.0
    for j in cell.lower.indices where before.lower[j] < before.upper[j] {
      shrinking *= (cell.upper[j] - cell.lower[j]) / (before.upper[j] - before.lower[j])
    }
    if shrinking < 0.5 {
      outcome.children = [cell]
      return
    }
    var best: (score: Double, axis: Int)?
    for j in cell.lower.indices {
      let width = cell.upper[j] - cell.lower[j]
      let middle = 0.5 * cell.lower[j] + 0.5 * cell.upper[j]
      guard cell.lower[j] < middle, middle < cell.upper[j] else { continue }
      let slope = slopes.reduce(0) { $0 + $1[j].magnitude }
      let score = width * (slope.isFinite ? slope : 1)
      if score > best?.score ?? -1 { best = (score, j) }
    }
    guard let axis = best?.axis else {
      outcome.isStuck = true
      return
    }
    let middle = 0.5 * cell.lower[axis] + 0.5 * cell.upper[axis]
    var (left, right) = (cell, cell)
    left.upper[axis] = middle
    right.lower[axis] = middle
    outcome.children = [left, right]
  }
}
