/// What quasi-Newton steps of the lifted iteration keep: the memory, and vectors in the layout of a point.
struct QuasiNewton<Element: LiftedScalar> {
  /// The approximation of the inverse Hessian.
  var memory: LimitedMemory<Element>
  /// Half the gradient of log f along the spheres.
  var gradient: [Element]
  /// Scratch for the gradient at the next point.
  var nextGradient: [Element]
  /// The direction of the step.
  var direction: [Element]
  /// Scratch for the next point.
  var trial: [Element]
  /// 1/w for every sphere, w = d|p||a|/f: a step g/w of length one is the fixed-point step to first order.
  var preconditioner: [Element]
  /// Whether ``gradient`` belongs to the current point.
  var hasGradient = false

  /// Nothing known yet.
  init(capacity: Int, spheres: SphereProduct<Element>) {
    memory = LimitedMemory(capacity: capacity)
    gradient = [Element](repeating: 0, count: spheres.count)
    nextGradient = gradient
    direction = gradient
    trial = gradient
    preconditioner = [Element](repeating: 0, count: spheres.sphereCount)
  }
}
