import LinearAlgebra

extension LiftedIteration {
  /// One step of Riemannian L-BFGS on log f, with backtracking.
  ///
  /// - Returns: f, or `nil` when no step ascends and fixed-point steps must.
  mutating func quasiNewtonStep(_ state: inout QuasiNewton<Element>) -> Double? {
    guard state.hasGradient else {
      value = point.withUnsafeBufferPointer { point in point.baseAddress.map { passes.forward($0) } ?? 0 }
      differentiate(into: &state.gradient, &state.preconditioner)
      state.hasGradient = true
      return value
    }
    let slope = chooseDirection(&state)
    var t: Element = 1
    // Near the optimum f stands still to rounding; the curvature pairs still lead.
    let rounding = 1e-13
    for _ in 0..<4 {
      withMutablePointers(&state.trial, &state.direction) { trial, z in spheres.retract(point, t, z, to: trial) }
      let f = passes.forward(state.trial)
      if f >= value * (1 + 2e-4 * Double(t) * slope - rounding) {
        value = f
        swap(&point, &state.trial)
        differentiate(into: &state.nextGradient, &state.preconditioner)
        state.memory.remember(
          step: state.direction, by: t, from: state.gradient, to: state.nextGradient, preconditioner: state.preconditioner, on: spheres)
        swap(&state.gradient, &state.nextGradient)
        return f
      }
      t *= 0.4
    }
    return nil
  }

  /// Sets the direction of ascent.
  ///
  /// - Returns: its product with the gradient.
  private func chooseDirection(_ state: inout QuasiNewton<Element>) -> Double {
    while true {
      let gradient = state.gradient
      var slope = 0.0
      state.direction.withUnsafeMutableBufferPointer { z in _ = z.update(fromContentsOf: gradient) }
      state.memory.direct(&state.direction, preconditioner: state.preconditioner, on: spheres)
      state.direction.withUnsafeMutableBufferPointer { z in
        guard let z = z.baseAddress else { return }
        spheres.project(z, at: point)
        slope = Element.lifted.dot(point.count, z, gradient)
      }
      if slope > 0 || state.memory.isEmpty { return slope }
      state.memory.clear()
    }
  }

  /// The backward pass that leaves the point where it is: half the gradient of log f, and the preconditioner.
  private mutating func differentiate(into gradient: inout [Element], _ preconditioner: inout [Element]) {
    let rows = rank
    let scale = value > 0 ? Element(1 / value) : 1
    var squares = 0.0
    let units = passes.units
    withMutablePointers(&point, &gradient, &tau, &preconditioner) { s, g, tau, w in
      inputGradient = passes.backward(scale: scale) { block, p, a in
        let first = block.start * rows
        units.gradient(block, p: p, s: s + first, a: a, g: g + first, w: w + block.start, tau: tau + block.start)
      }
      spheres.enterInput(inputGradient, into: g, weights: w)
      spheres.project(g, at: s)
      let weights = UnsafeMutableBufferPointer(start: w, count: spheres.sphereCount)
      let least = max(Element.leastNormalMagnitude, Element(1e-12) * (weights.max() ?? 1))
      for i in weights.indices { weights[i] = 1 / max(weights[i], least) }
      // w|s − A/|A||² is |g|²/w to first order.
      squares = spheres.weightedSquares(g, by: w)
    }
    squaredMovement = squares
  }
}
