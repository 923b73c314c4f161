import Certificates
import LinearAlgebra
import Lipschitz

/// The attacks combined: each begins where the ones before it ended, and the nearest adversarial input counts.
///
/// Rays give a first radius, descents along the boundary from x₀ and from random points improve it, and projected gradient descent in balls
/// just smaller looks for what those missed; then again with other random points, as often as `rounds`, or the budget's limits, say.
public struct BestAttack: Attack {
  /// The attack's id.
  public let name = "best"
  /// The rivals aimed at: the nearest at x₀.
  public var rivals = 5
  /// Rounds after the first descents; the budget's `iterationLimit` replaces it.
  public var rounds = 2
  /// Gradients in each descent.
  public var steps = 12

  /// The default effort.
  public init() {}

  /// See ``Attack``.
  public func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    var search = AdversarySearch(problem, name: name, budget: budget)
    search.followRays(rivals: min(rivals, 3))
    let nearest = search.nearestRivals(rivals)
    var points = search.copies(nearest.rows.count)
    search.descendAlongBoundary(&points, targets: nearest.rows, steps: steps)
    search.pullBack(passes: 2)
    for round in 0..<(budget.iterationLimit ?? rounds) where !search.clock.mustStop {
      guard let distance = search.best?.distance, distance > 0 else { break }
      // Two starts for each rival: one of them random, the other diversified.
      let targets = nearest.rows.flatMap { [$0, $0] }
      points = search.randomPoints(targets.count, radius: distance)
      search.descendAlongBoundary(&points, targets: targets, steps: steps)
      search.pullBack(passes: 2)
      search.shrinkBall(rivals: nearest.rows, restarts: 1, steps: steps, shrinking: round == 0 ? 0.9 : 0.98)
    }
    search.polish()
    search.pullBack(passes: 6)
    return try search.proved()
  }
}
