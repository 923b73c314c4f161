import LinearAlgebra

/// Anderson's acceleration (type II) of the relaxed map w ↦ w + α (T(w) − w), with a safeguard.
///
/// With f the step T(w) − w, Y the last differences of steps and D those of the images w + αf, the accelerated point is w + αf − Dγ where γ
/// minimises |f − Yγ|² with a little of Tikhonov's regularisation (Walker, Ni, SIAM J. Numer. Anal. 49, 2011, doi:10.1137/10078356X). The
/// step at an accelerated point must not be longer than ``safeguard`` times that before it; otherwise the iteration returns to the image and
/// forgets.
struct AndersonIteration: Acceleration {
  /// The most differences kept.
  let memory: Int
  /// α in (0, 2).
  let relaxation: Double
  private(set) var accepted = 0
  private(set) var rejected = 0

  /// How much longer a step may become.
  private static let safeguard = 2.0
  /// Tikhonov's weight relative to the trace of Y′Y.
  private static let regularisation = 1e-12

  private let count: Int
  private let measured: Int
  /// Rows of D and of Y, one after another.
  private var imageDifferences: [Double] = []
  private var stepDifferences: [Double] = []
  /// Y′Y and Y′f.
  private var products: Matrix<Double>
  private var right: [Double]
  private var filled = 0
  private var slot = 0
  private var previous: (image: [Double], step: [Double])?
  private var fallback: (image: [Double], length: Double)?

  /// For vectors of `count` elements, whose steps are measured over the first `measured` ones.
  init(count: Int, measured: Int, memory: Int, relaxation: Double) {
    self.count = count
    self.measured = measured
    self.memory = memory
    self.relaxation = relaxation
    products = Matrix(rows: memory, columns: memory)
    right = [Double](repeating: 0, count: memory)
  }

  mutating func advance(_ w: inout [Double], step: [Double]) {
    let length = VectorKernels.norm(step, count: measured)
    if let back = fallback {
      fallback = nil
      guard length <= Self.safeguard * back.length else {
        rejected += 1
        w = back.image
        reset()
        return
      }
      accepted += 1
    }
    VectorKernels.add(relaxation, step, to: &w)
    if let previous { remember(w, step, previous) }
    previous = (w, step)
    guard filled > 0, let weights = weights() else { return }
    fallback = (w, length)
    VectorKernels.subtract(weights, rows: imageDifferences, from: &w)
  }

  mutating func reset() {
    (filled, slot) = (0, 0)
    (previous, fallback) = (nil, nil)
  }

  private mutating func remember(_ image: [Double], _ step: [Double], _ previous: (image: [Double], step: [Double])) {
    if imageDifferences.isEmpty {
      imageDifferences = [Double](repeating: 0, count: memory * count)
      stepDifferences = imageDifferences
    }
    let place = slot * count
    VectorKernels.difference(image, previous.image, into: &imageDifferences, at: place)
    VectorKernels.difference(step, previous.step, into: &stepDifferences, at: place)
    filled = max(filled, slot + 1)
    for k in 0..<filled {
      products[slot, k] = VectorKernels.dot(stepDifferences, at: place, stepDifferences, at: k * count, count: measured)
      products[k, slot] = products[slot, k]
      // Y′f follows f; each row starts afresh before rounding adds up.
      right[k] += products[slot, k]
    }
    right[slot] = VectorKernels.dot(stepDifferences, at: place, step, at: 0, count: measured)
    slot = (slot + 1) % memory
  }

  /// γ, or `nil` when the equations are hopeless.
  private func weights() -> [Double]? {
    var system = Matrix<Double>(rows: filled, columns: filled)
    var trace = 0.0
    for i in 0..<filled {
      for j in 0..<filled { system[i, j] = products[i, j] }
      trace += products[i, i]
    }
    guard trace > 0, trace.isFinite else { return nil }
    for i in 0..<filled { system[i, i] += Self.regularisation * trace }
    var solution = Matrix<Double>(rows: filled, columns: 1, elements: Array(right[0..<filled]))
    guard let factor = try? system.cholesky(), (try? factor.solveTriangular(.lower, &solution)) != nil,
      (try? factor.solveTriangular(.lower, transposing: true, &solution)) != nil, solution.elements.allSatisfy({ $0.magnitude < 1e6 })
    else { return nil }
    return solution.elements
  }
}
