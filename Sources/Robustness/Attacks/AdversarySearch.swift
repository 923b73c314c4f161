import Certificates
import LinearAlgebra
import Lipschitz
import Networks

/// What every attack on one input shares: the nearest adversarial point met so far, in floating point, and its proof in the end.
struct AdversarySearch {
  let problem: RadiusProblem
  let name: String
  let evaluator: Evaluator<Double>
  /// The margins over the rivals.
  let loss: RowLoss
  /// The box that inputs lie in; infinite where there is no domain.
  let lower: [Double]
  let upper: [Double]
  let clock: Stopwatch
  var random: SplitMix64
  /// The nearest adversarial point and its distance.
  private(set) var best: (point: [Double], distance: Double)?

  init(_ problem: RadiusProblem, name: String, budget: Budget) {
    self.problem = problem
    self.name = name
    evaluator = problem.classifier.evaluator
    loss = RowLoss(rows: problem.classifier.marginRows(problem.label))
    lower = problem.input.map { min($0, problem.domain?.lowerBound ?? -.infinity) }
    upper = problem.input.map { max($0, problem.domain?.upperBound ?? .infinity) }
    clock = budget.start()
    random = SplitMix64(seed: budget.seed &+ 0xA77AC4)
  }

  var input: [Double] { problem.input }
  var rivalCount: Int { loss.rows.rows }
  var hyperplanes: HyperplaneStep { HyperplaneStep(norm: problem.norm, lower: lower, upper: upper) }

  /// Copies of the attacked input, one in each row.
  func copies(_ count: Int) -> Matrix<Double> {
    Matrix(rows: count, columns: input.count, elements: (0..<count).flatMap { _ in input })
  }

  /// The margins over all rivals at each row of a batch.
  func margins(_ points: Matrix<Double>) -> Matrix<Double> { loss.values(of: evaluator.forward(points)) }

  /// |x − x₀| of one row of a batch, rounded to nearest.
  func distance(_ points: Matrix<Double>, _ k: Int) -> Double {
    points.elements.withUnsafeBufferPointer { x in
      input.withUnsafeBufferPointer { center in
        let row = k * center.count
        var (squares, largest) = (0.0, 0.0)
        for i in 0..<center.count {
          let d = (x[row + i] - center[i]).magnitude
          squares += d * d
          largest = max(largest, d)
        }
        return problem.norm == .l2 ? squares.squareRoot() : largest
      }
    }
  }

  /// Keeps the adversarial rows that are nearer than what there is.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  mutating func offer(_ points: Matrix<Double>, _ margins: Matrix<Double>) -> Bool {
    var isBetter = false
    for k in 0..<points.rows where RowLoss.value(margins.row(k), .least) <= 0 {
      let distance = distance(points, k)
      if distance < best?.distance ?? .infinity {
        best = (points.row(k), distance)
        isBetter = true
      }
    }
    return isBetter
  }

  /// Moves the best point towards x₀, to the nearest change of the answer that a grid shows on the segment, again and again.
  ///
  /// Each pass divides the bracket of the change by 16.
  mutating func pullBack(passes: Int) {
    guard let start = best else { return }
    let count = 16
    // The answer changes between these two parts of the way.
    var (near, far) = (0.0, 1.0)
    for _ in 0..<passes where !clock.mustStop {
      let parts = (1..<count).map { near + (far - near) * Double($0) / Double(count) }
      let points = Matrix(rows: parts.count, columns: input.count, elements: parts.flatMap { between(start.point, $0) })
      let margins = margins(points)
      offer(points, margins)
      if let first = parts.indices.first(where: { RowLoss.value(margins.row($0), .least) <= 0 }) {
        (near, far) = (first == 0 ? near : parts[first - 1], parts[first])
      } else {
        near = parts[count - 2]
      }
    }
  }

  /// x₀ + t (x − x₀), moved into the domain.
  private func between(_ x: [Double], _ t: Double) -> [Double] { displaced(by: zip(x, input).map { t * ($0 - $1) }) }

  /// x₀ + step, moved into the domain.
  func displaced(by step: [Double]) -> [Double] {
    var result = input
    for i in result.indices { result[i] = min(max(result[i] + step[i], lower[i]), upper[i]) }
    return result
  }

  /// The best point with a proof that its answer differs in real arithmetic, a little farther out where rounding leaves a doubt.
  func proved() throws -> Adversary? {
    guard let best else { return nil }
    for excess in [0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1] {
      let x = excess == 0 ? best.point : between(best.point, 1 + excess)
      if let rival = try problem.provedRival(at: x) {
        return Adversary(attack: name, input: x, distance: problem.distance(to: x), rival: rival, seconds: clock.seconds)
      }
    }
    return nil
  }

  /// The rivals in the order of how near the linearisation at x₀ puts them.
  ///
  /// - Returns: their row among the margins, the distance, and the gradients of their margins: one row for each.
  func nearestRivals(_ count: Int) -> (rows: [Int], distances: [Double], gradients: Matrix<Double>) {
    let margins = margins(copies(1)).row(0)
    // Only the nearest in value are linearised where there are many.
    let candidates = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }.prefix(max(count, 24))
    let linearisation = evaluator.linearisation(at: copies(candidates.count))
    let gradients = linearisation.adjoint(
      loss.cotangents(of: loss.values(of: linearisation.value), candidates.map { .row($0) }))
    let planes = hyperplanes
    let distances = candidates.indices.map { k in
      let length = planes.step(from: input, gradient: gradients.row(k), reduction: margins[candidates[k]]).length
      return length > 0 && length.isFinite ? length : .infinity
    }
    let order = candidates.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(count)
    return (
      order.map { candidates[$0] }, order.map { distances[$0] },
      Matrix(rows: order.count, columns: input.count, elements: order.flatMap { gradients.row($0) })
    )
  }

  /// Starts about `radius` away from x₀, in the domain: every second one random, the others led away by random combinations of the outputs.
  ///
  /// Random noise hardly moves what a network computes from many inputs; two steps up a random combination of the outputs do (output
  /// diversified initialisation: Tashiro, Song and Ermon, NeurIPS 2020).
  mutating func randomPoints(_ count: Int, radius: Double) -> Matrix<Double> {
    var elements: [Double] = []
    for _ in 0..<count {
      var step = (0..<input.count).map { _ in problem.norm == .l2 ? random.nextGaussian() : 2 * random.nextUniform() - 1 }
      let size = problem.norm == .l2 ? VectorKernels.norm(step) : 1
      let length = size > 0 ? radius * (problem.norm == .l2 ? random.nextUniform() : 1) / size : 0
      for i in step.indices { step[i] *= length }
      elements += displaced(by: step)
    }
    var points = Matrix(rows: count, columns: input.count, elements: elements)
    guard evaluator.outputCount > 1 else { return points }
    var direction: Matrix<Double> = random.gaussianMatrix(rows: count, columns: evaluator.outputCount)
    for k in stride(from: 0, to: count, by: 2) { for i in 0..<direction.columns { direction[k, i] = 0 } }  // these stay random
    let set = FeasibleSet(around: input, radius: radius, isBall: problem.norm == .l2, lower: lower, upper: upper)
    for _ in 0..<2 { set.descend(&points, along: evaluator.linearisation(at: points).adjoint(direction), by: 1) }
    return points
  }
}
