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
      var points = Matrix<Double>(rows: count - 1, columns: input.count)
      let parts = (1..<count).map { near + (far - near) * Double($0) / Double(count) }
      for (k, t) in parts.enumerated() {
        for i in input.indices { points[k, i] = clipped(input[i] + t * (start.point[i] - input[i]), i) }
      }
      let margins = margins(points)
      offer(points, margins)
      if let first = parts.indices.first(where: { RowLoss.value(margins.row($0), .least) <= 0 }) {
        (near, far) = (first == 0 ? near : parts[first - 1], parts[first])
      } else {
        near = parts[count - 2]
      }
    }
  }

  /// A coordinate's value, moved into the domain.
  func clipped(_ x: Double, _ i: Int) -> Double { min(max(x, lower[i]), upper[i]) }

  /// The best point with a proof that its answer differs in real arithmetic, a little farther out where rounding leaves a doubt.
  func proved() throws -> Adversary? {
    guard let best else { return nil }
    for excess in [0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1] {
      let point = input.indices.map { clipped(input[$0] + (1 + excess) * (best.point[$0] - input[$0]), $0) }
      let x = excess == 0 ? best.point : point
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
    let linearisation = evaluator.linearise(at: copies(candidates.count))
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

  /// Random points within `radius` of x₀, in the domain.
  mutating func randomPoints(_ count: Int, radius: Double) -> Matrix<Double> {
    var points = copies(count)
    for k in 0..<count {
      var step = (0..<input.count).map { _ in problem.norm == .l2 ? random.nextGaussian() : 2 * random.nextUniform() - 1 }
      if problem.norm == .l2 {
        let size = VectorKernels.norm(step)
        for i in step.indices { step[i] *= size > 0 ? random.nextUniform() / size : 0 }
      }
      for i in step.indices { points[k, i] = clipped(input[i] + radius * step[i], i) }
    }
    return points
  }
}
