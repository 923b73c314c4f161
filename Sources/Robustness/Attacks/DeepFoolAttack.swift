import Certificates
import LinearAlgebra
import Lipschitz
import Networks

/// Steps onto the nearest of the linearised decision boundaries until the answer changes: DeepFool (Moosavi-Dezfooli, Fawzi and Frossard,
/// CVPR 2016), within the domain, for l₂ and l_∞.
public struct DeepFoolAttack: Attack {
  /// The attack's id.
  public let name = "deepfool"
  /// The rivals that are linearised: the nearest at x₀.
  public var rivals = 9
  /// The most steps.
  public var steps = 50

  /// The attack.
  public init() {}

  /// See ``Attack``.
  public func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    var search = AdversarySearch(problem, name: name, budget: budget)
    search.stepAcrossBoundaries(rivals: search.nearestRivals(rivals).rows, steps: steps)
    search.pullBack(passes: 6)
    return try search.proved()
  }
}

extension AdversarySearch {
  /// DeepFool's steps from x₀ for some rivals.
  mutating func stepAcrossBoundaries(rivals: [Int], steps: Int) {
    let (n, planes) = (input.count, hyperplanes)
    var x = input
    for _ in 0..<steps where !clock.mustStop {
      let points = Matrix(rows: rivals.count, columns: n, elements: (0..<rivals.count).flatMap { _ in x })
      let linearisation = evaluator.linearisation(at: points)
      let margins = loss.values(of: linearisation.value)
      if offer(points, margins) { return }
      let gradients = linearisation.adjoint(loss.cotangents(of: margins, rivals.map { .row($0) }))
      var shortest: (length: Double, step: [Double])?
      for (k, rival) in rivals.enumerated() {
        let (step, length) = planes.step(from: x, gradient: gradients.row(k), reduction: margins[k, rival])
        if length > 0, length < shortest?.length ?? .infinity { shortest = (length, step) }
      }
      guard let step = shortest?.step else { return }
      // The published overshoot.
      for i in x.indices { x[i] = min(max(x[i] + 1.02 * step[i], lower[i]), upper[i]) }
    }
  }
}
