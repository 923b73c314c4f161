import LinearAlgebra

/// Anderson's acceleration with a safeguard, of the relaxed map w ↦ w + α (T(w) − w).
///
/// With S the last differences of points and Y those of their (negative) steps g, the accelerated point is w − g − (S − Y) γ where γ solves
/// Y′Y γ = Y′g (type II) or S′Y γ = S′g (type I), with Tikhonov's regularisation; see Zhang, O'Donoghue, Boyd (SIAM J. Optim. 30, 2020,
/// doi:10.1137/18M1232772). The step at an accelerated point must not be longer than that before it by more than a factor; else the
/// iteration goes back and forgets.
struct AndersonIteration: Acceleration {
  /// Which normal equations choose γ.
  enum Kind { case one, two }

  let measured: Int
  let memory: Int
  let interval: Int
  let relaxation: Double
  let kind: Kind
  let safeguard: Double
  var regularisation = 1e-10
  private var points: [[Double]] = []
  private var steps: [[Double]] = []
  private var pointDifferences: [[Double]] = []
  private var stepDifferences: [[Double]] = []
  /// Products of step differences (or point differences with them), by slot.
  private var products: Matrix<Double>
  private var slot = 0
  private var sinceReset = 0
  private var previous: (point: [Double], step: [Double])?
  private var fallback: (point: [Double], length: Double)?
  private(set) var accepted = 0
  private(set) var rejected = 0

  init(measured: Int, memory: Int, relaxation: Double, interval: Int = 1, kind: Kind = .two, safeguard: Double = 1) {
    self.measured = measured
    self.memory = memory
    self.relaxation = relaxation
    self.interval = interval
    self.kind = kind
    self.safeguard = safeguard
    products = Matrix(rows: memory, columns: memory)
  }

  mutating func advance(_ w: inout [Double], step: [Double]) {
    let length = VectorKernels.norm(step, count: measured)
    if let back = fallback {
      fallback = nil
      if !(length <= safeguard * back.length) {
        rejected += 1
        w = back.point
        reset()
        return
      }
      accepted += 1
    }
    if let previous { remember(w, step, previous) }
    previous = (w, step)
    sinceReset += 1
    let plain = relaxed(w, step)
    w = plain
    guard sinceReset % interval == 0, !pointDifferences.isEmpty, let weights = weights(step) else { return }
    // w + αf − (S + αΔf) γ
    for (k, weight) in weights.enumerated() {
      VectorKernels.add(-weight, pointDifferences[k], to: &w)
      VectorKernels.add(-weight * relaxation, stepDifferences[k], to: &w)
    }
    fallback = (plain, length)
  }

  mutating func reset() {
    (pointDifferences, stepDifferences) = ([], [])
    previous = nil
    fallback = nil
    slot = 0
    sinceReset = 0
  }

  private func relaxed(_ w: [Double], _ step: [Double]) -> [Double] {
    var result = w
    VectorKernels.add(relaxation, step, to: &result)
    return result
  }

  private mutating func remember(_ w: [Double], _ step: [Double], _ previous: (point: [Double], step: [Double])) {
    var (point, change) = (w, step)
    VectorKernels.add(-1, previous.point, to: &point)
    VectorKernels.add(-1, previous.step, to: &change)
    if pointDifferences.count < memory {
      slot = pointDifferences.count
      pointDifferences.append(point)
      stepDifferences.append(change)
    } else {
      slot = (slot + 1) % memory
      pointDifferences[slot] = point
      stepDifferences[slot] = change
    }
    for k in pointDifferences.indices {
      switch kind {
      case .two:
        products[slot, k] = VectorKernels.dot(stepDifferences[slot], stepDifferences[k], count: measured)
        products[k, slot] = products[slot, k]
      case .one:
        products[slot, k] = VectorKernels.dot(pointDifferences[slot], stepDifferences[k], count: measured)
        products[k, slot] = VectorKernels.dot(pointDifferences[k], stepDifferences[slot], count: measured)
      }
    }
  }

  /// γ, or `nil` when the equations are hopeless.
  private func weights(_ step: [Double]) -> [Double]? {
    let size = pointDifferences.count
    var system = Matrix<Double>(rows: size, columns: size)
    var right = [Double](repeating: 0, count: size)
    var trace = 0.0
    for i in 0..<size {
      for j in 0..<size { system[i, j] = products[i, j] }
      right[i] = VectorKernels.dot(kind == .two ? stepDifferences[i] : pointDifferences[i], step, count: measured)
      trace += products[i, i].magnitude
    }
    guard trace > 0, trace.isFinite else { return nil }
    let sign = kind == .two ? 1.0 : -1.0
    for i in 0..<size { system[i, i] += sign * regularisation * trace }
    guard let weights = Self.solve(&system, &right), weights.allSatisfy({ $0.magnitude < 1e6 }) else { return nil }
    return weights
  }

  /// Gaussian elimination with partial pivoting, for the few unknowns there are.
  static func solve(_ a: inout Matrix<Double>, _ b: inout [Double]) -> [Double]? {
    let n = b.count
    for k in 0..<n {
      var best = k
      for i in k..<n where a[i, k].magnitude > a[best, k].magnitude { best = i }
      guard a[best, k].magnitude > 0 else { return nil }
      if best != k {
        for j in 0..<n { (a[k, j], a[best, j]) = (a[best, j], a[k, j]) }
        b.swapAt(k, best)
      }
      for i in k + 1..<max(n, k + 1) {
        let factor = a[i, k] / a[k, k]
        if factor == 0 { continue }
        for j in k..<n { a[i, j] -= factor * a[k, j] }
        b[i] -= factor * b[k]
      }
    }
    for k in stride(from: n - 1, through: 0, by: -1) {
      for j in k + 1..<max(n, k + 1) { b[k] -= a[k, j] * b[j] }
      b[k] /= a[k, k]
    }
    return b.allSatisfy(\.isFinite) ? b : nil
  }
}
