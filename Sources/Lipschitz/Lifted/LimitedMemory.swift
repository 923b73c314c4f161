import LinearAlgebra

/// The limited-memory BFGS approximation of the inverse Hessian, preconditioned sphere by sphere.
///
/// Steps and differences of gradients are used as they are at later points, without transport; near the optimum, where the approximation
/// matters, points hardly move. Nocedal, Wright: "Numerical optimization", section 7.2.
struct LimitedMemory<Element: LiftedScalar> {
  private let capacity: Int
  private var steps: [[Element]] = []
  private var differences: [[Element]] = []
  /// 1 / (step · difference).
  private var curvatures: [Double] = []
  private var gamma = 1.0

  /// An empty memory for `capacity` pairs.
  init(capacity: Int) { self.capacity = capacity }

  /// Whether there is nothing to go by but the preconditioner.
  var isEmpty: Bool { steps.isEmpty }

  /// Forgets everything.
  mutating func clear() { self = LimitedMemory(capacity: capacity) }

  /// Replaces a gradient by the approximation's direction of ascent, not yet projected.
  ///
  /// - Parameter preconditioner: one factor for each sphere.
  func direct(_ z: inout [Element], preconditioner: [Element], on spheres: SphereProduct<Element>) {
    let kernels = Element.lifted
    let count = z.count
    var weights = [Double](repeating: 0, count: steps.count)
    z.withUnsafeMutableBufferPointer { buffer in
      guard let z = buffer.baseAddress else { return }
      var product = steps.last.map { kernels.dot(count, $0, z) } ?? 0
      for i in steps.indices.reversed() {
        weights[i] = curvatures[i] * product
        product = kernels.addThenDot(count, Element(-weights[i]), differences[i], z, steps[max(0, i - 1)])
      }
      let scaled = preconditioner.map { Element(gamma) * $0 }
      spheres.scale(z, by: scaled, to: z)
      product = differences.first.map { kernels.dot(count, $0, z) } ?? 0
      for i in steps.indices {
        let weight = weights[i] - curvatures[i] * product
        product = kernels.addThenDot(count, Element(weight), steps[i], z, differences[min(steps.count - 1, i + 1)])
      }
    }
  }

  /// Enters a step and the gradients before and after it, unless the function looks convex along it.
  mutating func remember(
    step: [Element], by t: Element, from old: [Element], to new: [Element], preconditioner: [Element], on spheres: SphereProduct<Element>
  ) {
    let kernels = Element.lifted
    let count = step.count
    var (s, y) = (step, old)
    if steps.count == capacity {
      (s, y) = (steps.removeFirst(), differences.removeFirst())
      curvatures.removeFirst()
    }
    s.withUnsafeMutableBufferPointer { s in
      step.withUnsafeBufferPointer { step in for i in 0..<count { s[i] = t * step[i] } }
    }
    y.withUnsafeMutableBufferPointer { y in
      old.withUnsafeBufferPointer { old in
        new.withUnsafeBufferPointer { new in for i in 0..<count { y[i] = old[i] - new[i] } }
      }
    }
    let sy = kernels.dot(count, s, y)
    guard sy > 1e-10 * (kernels.dot(count, s, s) * kernels.dot(count, y, y)).squareRoot() else { return }
    gamma = sy / spheres.weightedSquares(y, by: preconditioner)
    steps.append(s)
    differences.append(y)
    curvatures.append(1 / sy)
  }
}
