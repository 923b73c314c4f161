import ConicPrograms
import LinearAlgebra

/// The state of the augmented Lagrangian method on a program in unit scale.
struct NewtonIteration {
  /// Shown a point, σ and the number of Newton steps; true to stop.
  typealias Check = (ConicPoint, Double, Int) throws -> Bool

  /// The work so far.
  private(set) var counts = NewtonEngine.Counts()

  private var lagrangian: AugmentedLagrangian
  private var solver: NewtonDirection
  private var value: AugmentedLagrangian.Value?
  private var x: [Double]
  private var damping = leastDamping
  private let scaling: UnitScaling
  private let tolerance: Double
  private let scales: (primal: Double, dual: Double)

  /// Steps within one update of the multipliers.
  private static var innerLimit: Int { 40 }
  /// The least damping of the Newton equations, relative to the gradient's norm.
  private static var leastDamping: Double { 1e-5 }
  /// Increases of the damping in one step.
  private static var dampingAttempts: Int { 5 }
  /// Updates of the multipliers without progress after which the method gives up.
  private static var patience: Int { 15 }
  /// The range of σ.
  private static var σRange: ClosedRange<Double> { 1e-6...1e10 }

  /// Starts at a point of the scaled program; σ is chosen from the sizes of its parts.
  ///
  /// - Parameter tolerance: the errors, in the sense of ``UnitScaling/errors(primalResidual:dualResidual:objective:gap:)``, below which
  ///   nothing needs to be improved.
  init(_ scaling: UnitScaling, from point: ConicPoint, tolerance: Double) {
    let program = scaling.program
    let sizes = (VectorKernels.norm(point.z), VectorKernels.norm(point.s))
    let σ = sizes.0 > 0 && sizes.1 > 0 ? min(1e3, max(1e-2, sizes.0 / sizes.1)) : 1
    lagrangian = AugmentedLagrangian(program: program, z: point.z, σ: σ, κ: 0, centre: point.x)
    solver = NewtonDirection(program)
    x = point.x
    self.scaling = scaling
    self.tolerance = tolerance
    scales = (1 + VectorKernels.norm(program.constants), 1 + VectorKernels.norm(program.objective))
  }

  /// Updates the multipliers until told to stop, or no progress is made.
  mutating func run(_ check: Check, isOutOfTime: () -> Bool) throws {
    var (best, lastImprovement) = (Double.infinity, 0)
    var previous = Double.infinity
    while true {
      let before = counts.steps
      lagrangian.centre = x
      lagrangian.κ = 1e-7 / lagrangian.σ
      let (current, isStuck) = try minimise(isOutOfTime)
      counts.outer += 1
      x = current.x
      if try check(current.point, lagrangian.σ, counts.steps) { return }
      let (rp, rd) = (current.primalResidual / scales.primal, VectorKernels.norm(current.dualResidual) / scales.dual)
      let isDual = dualError(current) > 0.5 * primalError(current)
      lagrangian.z = current.multipliers
      if max(rp, rd) < 0.7 * best {
        best = max(rp, rd)
        lastImprovement = counts.outer
      } else if counts.outer - lastImprovement >= Self.patience {
        return
      }
      if isStuck, isDual {
        lagrangian.σ = max(Self.σRange.lowerBound, lagrangian.σ / 3)
      } else if rp > 0.5 * rd, rp > 0.3 * previous {
        let steps = counts.steps - before
        lagrangian.σ = min(Self.σRange.upperBound, lagrangian.σ * (steps <= 1 ? 20 : steps <= 4 ? 10 : 4))
      }
      previous = rp
    }
  }

  /// Minimises φ to the accuracy that the multipliers' error warrants; stuck when it cannot be reached.
  private mutating func minimise(_ isOutOfTime: () -> Bool) throws -> (AugmentedLagrangian.Value, isStuck: Bool) {
    var current = try evaluate(x)
    for _ in 0..<Self.innerLimit {
      let (rp, rd) = (current.primalResidual / scales.primal, VectorKernels.norm(current.gradient) / scales.dual)
      if rd <= max(1e-15, min(0.2 * rp, 1e-2)) || isAccurate(current) || isOutOfTime() { return (current, false) }
      guard let next = try step(from: current, relative: rd) else { return (current, true) }
      current = next
    }
    return (current, true)
  }

  /// Whether the gradient's part in the errors that are judged is well below the tolerance.
  private func isAccurate(_ value: AugmentedLagrangian.Value) -> Bool {
    dualError(value) <= 0.1 * tolerance && VectorKernels.dot(value.gradient, value.gradient) <= 1e-4
  }

  /// The gradient's part in the errors that are judged, the gap's included: c′x + b′z⁺ = x′(c + A′z⁺) + (b − Ax − s)′z⁺.
  private func dualError(_ value: AugmentedLagrangian.Value) -> Double {
    let errors = scaling.errors(
      primalResidual: 0, dualResidual: value.dualResidual, objective: value.objective, gap: VectorKernels.dot(value.x, value.dualResidual))
    return max(errors.dual, errors.gap.magnitude)
  }

  /// The multipliers' part in the errors that are judged.
  private func primalError(_ value: AugmentedLagrangian.Value) -> Double {
    let gap = VectorKernels.dot(value.multipliers, lagrangian.z) - VectorKernels.dot(value.multipliers, value.multipliers)
    let errors = scaling.errors(
      primalResidual: value.primalResidual, dualResidual: [], objective: value.objective, gap: gap / lagrangian.σ)
    return max(errors.primal, errors.gap.magnitude)
  }

  private mutating func evaluate(_ x: [Double]) throws(LinearAlgebraError) -> AugmentedLagrangian.Value {
    counts.evaluations += 1
    return try lagrangian.evaluate(x)
  }

  /// One Newton step with a line search; `nil` when no step makes progress.
  ///
  /// Where the Hessian is nearly singular the step is far too long, and the line search cuts it to nothing: then the damping grows until
  /// the direction is one of descent over a length worth going, as Levenberg's and Marquardt's.
  private mutating func step(
    from current: AugmentedLagrangian.Value, relative: Double
  ) throws(LinearAlgebraError) -> AugmentedLagrangian.Value? {
    for _ in 0..<Self.dampingAttempts {
      let direction = try solver.direction(
        lagrangian, at: current, μ: damping * min(0.1, relative), accuracy: min(0.05, max(1e-8, relative)))
      counts.directions = solver.counts
      counts.steps += 1
      let (next, length, isNoisy) = try search(from: current, direction)
      if length >= 1 {
        damping = max(Self.leastDamping, damping / 5)
      } else if length < 0.2 {
        damping *= length < 0.02 ? 100 : 10
      }
      if next != nil || isNoisy { return next }
    }
    return nil
  }

  /// A point of sufficient decrease along a direction, and the length of the step; noisy when rounding hides what decreases.
  private mutating func search(
    from current: AugmentedLagrangian.Value, _ direction: [Double]
  ) throws(LinearAlgebraError) -> (value: AugmentedLagrangian.Value?, length: Double, isNoisy: Bool) {
    let slope = VectorKernels.dot(current.gradient, direction)
    guard slope < 0 else { return (nil, 0, false) }
    // Eigenvalues of v are known to ε|v|, those of Π(v) no better, and φ to σ|Π(v)| times that.
    let noise = 1e-14 * current.magnitude + 1e-16 * VectorKernels.norm(current.multipliers) * VectorKernels.norm(current.slacks)
    let size = VectorKernels.norm(current.gradient)
    var length = 1.0
    while length > 0.005 {
      let trial = zip(current.x, direction).map { $0 + length * $1 }
      let next = try evaluate(trial)
      // Where the decrease drowns in rounding, the gradient decides.
      let isNoisy = -length * slope <= 100 * noise
      let decreases = next.value <= current.value + 1e-4 * length * slope
      if isNoisy, VectorKernels.norm(next.gradient) <= (decreases ? 1 : 0.8) * size { return (next, length, true) }
      if !isNoisy, decreases { return (next, length, false) }
      if isNoisy, length < 0.1 { return (nil, length, true) }
      length /= 2
    }
    return (nil, length, false)
  }
}
