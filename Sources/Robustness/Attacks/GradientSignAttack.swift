import Certificates
import LinearAlgebra
import Lipschitz
import Networks

/// One gradient at x₀ and a ray along its steepest descent: the Fast Gradient Sign Method of Goodfellow, Shlens and Szegedy (ICLR 2015), and
/// its l₂ form, with the step that just changes the answer.
public struct GradientSignAttack: Attack {
  /// The attack's id.
  public let name = "fgsm"
  /// The rivals whose margins are followed beside the cross-entropy.
  public var rivals = 5

  /// The attack.
  public init() {}

  /// See ``Attack``.
  public func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    var search = AdversarySearch(problem, name: name, budget: budget)
    search.followRays(rivals: rivals)
    search.pullBack(passes: 6)
    return try search.proved()
  }
}

extension AdversarySearch {
  /// Walks from x₀ down the gradients of the nearest rivals' margins and of the cross-entropy, in steps that grow by √2.
  mutating func followRays(rivals: Int) {
    let nearest = nearestRivals(rivals)
    let start = linearisedCrossEntropy()
    let gradients = Matrix(
      rows: nearest.rows.count + 1, columns: input.count, elements: nearest.gradients.elements + start.elements)
    guard let unit = nearest.distances.first(where: { $0.isFinite }) ?? fallbackDistance else { return }
    for k in 0..<gradients.rows where !clock.mustStop {
      let g = gradients.row(k)
      let size = problem.norm == .l2 ? VectorKernels.norm(g) : 1
      guard size > 0, size.isFinite else { continue }
      let direction = g.map { problem.norm == .l2 ? -$0 / size : $0 == 0 ? 0 : $0 > 0 ? -1 : 1 }
      var length = 0.5 * unit
      var elements: [Double] = []
      for _ in 0..<24 {
        elements += displaced(by: direction.map { length * $0 })
        length *= 2.0.squareRoot()
      }
      let points = Matrix(rows: 24, columns: input.count, elements: elements)
      offer(points, margins(points))
    }
  }

  /// A length to begin with where the margins have no slope: the domain's, if there is one.
  private var fallbackDistance: Double? { problem.domain.map { ($0.upperBound - $0.lowerBound) * 0x1p-8 } }

  private func linearisedCrossEntropy() -> Matrix<Double> {
    let linearisation = evaluator.linearisation(at: copies(1))
    return linearisation.adjoint(loss.cotangents(of: loss.values(of: linearisation.value), [.crossEntropy]))
  }
}
