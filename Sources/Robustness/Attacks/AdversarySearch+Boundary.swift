import LinearAlgebra
import Lipschitz
import Networks

extension AdversarySearch {
  /// A descent along the decision boundary towards the point nearest to x₀, as in the Fast Adaptive Boundary attack.
  ///
  /// The margin over each point's own rival is linearised; x and x₀ are projected onto its hyperplane within the domain, and the next point
  /// lies between the two projections, x + δ and x₀ + δ₀, with the weight α on the second (Croce and Hein, ICML 2020, eqs. 5-9). Where a
  /// point is adversarial the hyperplane lies behind it, and the same step leads back.
  ///
  /// The hyperplane is that of the level −o μ, where μ is the linearised margin at x₀: a little on the other side. Each point's o grows while
  /// the answer does not change and shrinks as soon as it does, so that curved margins are crossed and straight ones are met exactly.
  ///
  /// - Parameters:
  ///   - points: the starts; at the end the last points.
  ///   - targets: the rival's row for each point.
  ///   - bias: α.
  ///   - overshoot: o at the start.
  mutating func descendAlongBoundary(
    _ points: inout Matrix<Double>, targets: [Int], steps: Int, bias: Double = 0.5, overshoot: Double = 0.05
  ) {
    let (n, planes, lower, upper) = (input.count, hyperplanes, lower, upper)
    var (step, stepFromInput) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var overshoots = [Double](repeating: overshoot, count: targets.count)
    for round in 0..<steps where !clock.mustStop {
      let linearisation = evaluator.linearisation(at: points)
      let margins = loss.values(of: linearisation.value)
      offer(points, margins)
      if round == steps - 1 { break }
      for k in targets.indices where round > 0 {
        overshoots[k] *= RowLoss.value(margins.row(k), .least) <= 0 ? 0.6 : min(1.6, 1 / overshoots[k])
      }
      let gradients = linearisation.adjoint(loss.cotangents(of: margins, targets.map { .row($0) }))
      points.elements.withUnsafeMutableBufferPointer { points in
        gradients.elements.withUnsafeBufferPointer { gradients in
          input.withUnsafeBufferPointer { input in
            step.withUnsafeMutableBufferPointer { step in
              stepFromInput.withUnsafeMutableBufferPointer { stepFromInput in
                guard let x0 = input.baseAddress, let first = points.baseAddress, let slopes = gradients.baseAddress,
                  let δ = step.baseAddress, let δ0 = stepFromInput.baseAddress
                else { return }
                for (k, target) in targets.enumerated() {
                  let (x, g) = (first + k * n, slopes + k * n)
                  let margin = margins[k, target]
                  var way = 0.0
                  for i in 0..<n { way += g[i] * (x[i] - x0[i]) }
                  let μ = margin - way
                  let depth = overshoots[k] * μ.magnitude
                  let sizes =
                    planes.write(δ, from: x, gradient: g, reduction: margin + depth)
                    + planes.write(δ0, from: x0, gradient: g, reduction: μ + depth)
                  guard sizes > 0, sizes.isFinite else { continue }
                  // Where the hyperplane says that x₀ itself is adversarial, it says nothing of the nearest point.
                  let α = μ > 0 ? bias : 0
                  for i in 0..<n { x[i] = min(max((1 - α) * (x[i] + δ[i]) + α * (x0[i] + δ0[i]), lower[i]), upper[i]) }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Descends along the boundary from the best point with whole steps.
  mutating func polish(steps: Int = 8) {
    guard let best else { return }
    var points = Matrix(rows: 1, columns: input.count, elements: best.point)
    let margins = margins(points).elements
    guard let target = margins.indices.min(by: { margins[$0] < margins[$1] }) else { return }
    descendAlongBoundary(&points, targets: [target], steps: steps, bias: 1, overshoot: 1e-3)
  }
}
