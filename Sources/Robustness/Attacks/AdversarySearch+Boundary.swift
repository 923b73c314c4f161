import Foundation
import LinearAlgebra
import Lipschitz
import Networks

extension AdversarySearch {
  /// How the descent along the boundary weighs its two aims.
  struct BoundaryPace {
    /// The weight α of the hyperplane's point nearest to x₀; the rest has the one nearest to the current point.
    var bias = 0.5
    /// How much farther than the hyperplane the first step and the last go, in parts of the step; in between it shrinks geometrically.
    ///
    /// The projections are exact only without it: where the domain clips them, a point beyond the hyperplane is not on the way to its nearest.
    var overshoot = (first: 0.05, last: 1e-4)
  }

  /// A descent along the decision boundary towards the point nearest to x₀: the Fast Adaptive Boundary attack.
  ///
  /// The margin over each point's own rival is linearised; x and x₀ are projected onto its hyperplane within the domain, and the next point
  /// lies between the two projections, x + η δ and x₀ + η δ₀, with the weight α = min(|δ| / (|δ| + |δ₀|), `bias`) on the second (Croce and
  /// Hein, ICML 2020, eqs. 5-9). Where a point is adversarial the hyperplane lies behind it, and the same step leads back.
  ///
  /// - Parameters:
  ///   - points: the starts; at the end the last points.
  ///   - targets: the rival's row for each point.
  mutating func descendAlongBoundary(
    _ points: inout Matrix<Double>, targets: [Int], steps: Int, pace: (Int) -> BoundaryPace = { _ in BoundaryPace() }
  ) {
    let (n, planes) = (input.count, hyperplanes)
    var (step, stepFromInput) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    for round in 0..<steps where !clock.mustStop {
      let progress = Double(round) / Double(max(1, steps - 2))
      let linearisation = evaluator.linearise(at: points)
      let margins = loss.values(of: linearisation.value)
      offer(points, margins)
      if round == steps - 1 { break }
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
                  let (x, g, pace) = (first + k * n, slopes + k * n, pace(k))
                  let margin = margins[k, target]
                  var way = 0.0
                  for i in 0..<n { way += g[i] * (x[i] - x0[i]) }
                  // g · (x₀ + δ₀) = g · x − margin.
                  let sizes =
                    planes.write(δ, from: x, gradient: g, reduction: margin)
                    + planes.write(δ0, from: x0, gradient: g, reduction: margin - way)
                  guard sizes > 0, sizes.isFinite else { continue }
                  let α = pace.bias
                  let η = 1 + pace.overshoot.first * pow(pace.overshoot.last / pace.overshoot.first, progress)
                  for i in 0..<n {
                    let next = (1 - α) * (x[i] + η * δ[i]) + α * (x0[i] + η * δ0[i])
                    x[i] = min(max(next, lower[i]), upper[i])
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Descends along the boundary from the best point with whole steps, the overshoot going to nothing.
  mutating func polish(steps: Int = 8) {
    guard let best else { return }
    var points = Matrix(rows: 1, columns: input.count, elements: best.point)
    let margins = margins(points).elements
    guard let target = margins.indices.min(by: { margins[$0] < margins[$1] }) else { return }
    descendAlongBoundary(&points, targets: [target], steps: steps) { _ in BoundaryPace(bias: 1, overshoot: (1e-2, 1e-7)) }
  }
}
