import Certificates
import LinearAlgebra
import Lipschitz

/// A descent along the decision boundary from several starts: the Fast Adaptive Boundary attack of Croce and Hein (ICML 2020), targeted at
/// the nearest rivals, for l₂ and l_∞.
public struct BoundaryAttack: Attack {
  /// The attack's id.
  public let name = "fab"
  /// The rivals aimed at: the nearest at x₀.
  public var rivals = 5
  /// Descents for each rival: the first starts at x₀, each later one at two points about as far away as the best known by then.
  public var restarts = 2
  /// Gradients in each descent.
  public var steps = 40

  /// The attack.
  public init() {}

  /// See ``Attack``.
  public func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    var search = AdversarySearch(problem, name: name, budget: budget)
    let nearest = search.nearestRivals(rivals)
    for restart in 0..<restarts where !search.clock.mustStop {
      let radius = search.best?.distance ?? nearest.distances.first { $0.isFinite } ?? 0
      let targets = restart == 0 ? nearest.rows : nearest.rows.flatMap { [$0, $0] }
      var points = restart == 0 ? search.copies(targets.count) : search.randomPoints(targets.count, radius: radius)
      search.descendAlongBoundary(&points, targets: targets, steps: steps)
      search.pullBack(passes: 2)
    }
    search.polish()
    search.pullBack(passes: 6)
    return try search.proved()
  }
}
