import Certificates
import LinearAlgebra
import Lipschitz

/// Projected gradient descent within balls that shrink as long as it finds adversarial inputs: PGD (Madry and others, ICLR 2018; without
/// random starts the iterative FGSM of Kurakin, Goodfellow and Bengio), as a search for the smallest radius.
public struct ProjectedGradientAttack: Attack {
  /// The attack's id.
  public let name = "pgd"
  /// The rivals aimed at; the other starts follow the margin, the difference-of-logits ratio and the cross-entropy.
  public var rivals = 5
  /// Descents in a ball before it is given up.
  public var restarts = 2
  /// Gradients in each descent.
  public var steps = 30
  /// Whether starts after the first of a ball are random; otherwise there is one descent from x₀ only.
  public var startsAtRandom = true

  /// The attack.
  public init() {}

  /// See ``Attack``.
  public func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    var search = AdversarySearch(problem, name: name, budget: budget)
    search.followRays(rivals: rivals)
    search.pullBack(passes: 2)
    search.shrinkBall(rivals: search.nearestRivals(rivals).rows, restarts: startsAtRandom ? restarts : 1, steps: steps, shrinking: 0.9)
    search.shrinkBall(rivals: search.nearestRivals(rivals).rows, restarts: startsAtRandom ? restarts : 1, steps: steps, shrinking: 0.98)
    search.pullBack(passes: 6)
    return try search.proved()
  }
}

extension AdversarySearch {
  /// Descends in a ball a little smaller than the best distance, as often as that succeeds: from x₀, later from random points, and from the
  /// best point itself.
  ///
  /// - Parameter shrinking: the ball's radius, in parts of the best distance.
  mutating func shrinkBall(rivals: [Int], restarts: Int, steps: Int, shrinking: Double) {
    let rules: [RowLoss.Rule] = rivals.map { .row($0) } + (rivalCount > 1 ? [.least, .ratio, .crossEntropy] : []) + [.least]
    var failures = 0
    while failures < restarts, !clock.mustStop, let best, best.distance > 0 {
      let radius = shrinking * best.distance
      let set = FeasibleSet(around: input, radius: radius, isBall: problem.norm == .l2, lower: lower, upper: upper)
      var points = failures == 0 ? copies(rules.count) : randomPoints(rules.count, radius: radius)
      // The last point starts where the best one was.
      points.elements.replaceSubrange((rules.count - 1) * input.count..<rules.count * input.count, with: best.point)
      set.project(&points)
      let descent = ProjectedDescent(evaluator: evaluator, loss: loss, set: set)
      var found = false
      let clock = clock
      descent.run(&points, rules: rules, steps: steps) { points, margins in
        found = offer(points, margins) || found
        return !found && !clock.mustStop
      }
      failures = found ? 0 : failures + 1
      if found { pullBack(passes: 2) }
    }
  }
}
