import Certificates
import Foundation
import LinearAlgebra
import Networks

/// A population of inputs that climbs towards large Jacobian gains.
///
/// Half of the work samples points at scales from 0.03 to 30, the other half proposes neighbours of the best ones, at distances spread over
/// three decades: piecewise linear networks have no gradient of their Jacobian, and their large gains sit in small cells. A third of the
/// proposals moves along a gradient instead, that of |f(x + δ) − f(x − δ)|² for δ along the direction of largest gain; it serves smooth
/// activations and cells that lie within δ.
struct GainSearch {
  /// A point with its gain |J v| and the input direction v, |v| = 1.
  struct Witness {
    var gain: Double
    var point: [Double]
    var direction: [Double]
  }

  private static let eliteCount = 16
  /// The part of a ball's radius that rounding cannot leave.
  private static let inside = 1 - 1e-9

  private let evaluator: Evaluator<Double>
  private let norm: InputNorm
  private let region: Region
  private let costOfPass: Double
  /// Points in a batch: fewer where a pass is expensive.
  private let batch: Int
  private var randomness: SplitMix64
  private var elite: [Witness] = []

  init(_ problem: LipschitzProblem, seed: UInt64) throws {
    evaluator = try problem.evaluator()
    norm = problem.inputNorm
    region = problem.region
    randomness = SplitMix64(seed: seed &+ 0x5eed)
    costOfPass = problem.lowered.passCost
    batch = max(8, min(64, Int(1e8 / max(1, costOfPass))))
  }

  /// The best point so far.
  var best: Witness? { elite.first }

  /// Rounds of one batch that about 2·10⁹ multiplications pay for, between 8 and 200.
  var affordableRounds: Int {
    let passes = 8.0  // a forward pass and the power iterations
    return max(8, min(200, Int(2e9 / max(1, costOfPass * passes * Double(batch)))))
  }

  /// One batch: samples in the first half of the rounds, proposals after that.
  mutating func advance(round: Int, of rounds: Int) {
    if 2 * round < rounds || elite.isEmpty {
      sample(round: round)
    } else {
      propose(round: round)
    }
  }

  /// The best gain with its direction iterated until it rests.
  func refinedBest() -> Double {
    guard let best else { return 0 }
    let point = Matrix(rows: 1, columns: best.point.count, elements: best.point)
    var v = Matrix(rows: 1, columns: best.direction.count, elements: best.direction)
    let rounds = max(8, min(300, Int(1e9 / max(1, 2 * costOfPass))))
    if norm == .l1 { return max(best.gain, largestColumnGain(at: point)) }
    return max(best.gain, powerGains(at: point, &v, rounds: rounds)[0])
  }

  /// The largest norm of a column of the Jacobian, among as many columns as are affordable.
  private func largestColumnGain(at point: Matrix<Double>) -> Double {
    let jacobian = evaluator.linearisation(at: point)
    let n = point.columns
    let affordable = max(1, min(n, Int(4e9 / max(1, costOfPass))))
    let stride = (n + affordable - 1) / affordable
    var largest = 0.0
    for j in Swift.stride(from: 0, to: n, by: stride) {
      var direction = Matrix<Double>(rows: 1, columns: n)
      direction[0, j] = 1
      largest = max(largest, length(jacobian.apply(direction), 0))
    }
    return largest
  }

  // MARK: - Moves

  /// Random points at many scales, or at many distances from a ball's centre.
  private mutating func randomPoints() -> Matrix<Double> {
    let n = evaluator.inputCount
    var x: Matrix<Double> = randomness.gaussianMatrix(rows: batch, columns: n)
    if case .ball(let center, let radius) = region {
      normalise(&x, .l2)
      for k in 0..<batch {
        // Large gains sit near the surface as often as deep inside.
        let distance = Self.inside * radius * randomness.nextUniform().squareRoot()
        for i in 0..<n { x[k, i] = center[i] + distance * x[k, i] }
      }
      return x
    }
    for k in 0..<batch {
      let scale = 0.03 * pow(1000, randomness.nextUniform())
      let isPositive = k % 4 == 0  // images live in the positive orthant
      for i in k * n..<(k + 1) * n { x.elements[i] = scale * (isPositive ? x.elements[i].magnitude : x.elements[i]) }
    }
    return x
  }

  /// Moves points that left a ball back to its surface.
  private func retract(_ x: inout Matrix<Double>) {
    guard case .ball(let center, let radius) = region else { return }
    for k in 0..<x.rows {
      let step = center.indices.map { x[k, $0] - center[$0] }
      let distance = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard distance > Self.inside * radius else { continue }
      for i in center.indices { x[k, i] = center[i] + Self.inside * radius / distance * step[i] }
    }
  }

  private mutating func sample(round: Int) {
    let n = evaluator.inputCount
    let x = randomPoints()
    // The directions of known large gains are better starts than random ones, once there are some.
    var v: Matrix<Double> = randomness.gaussianMatrix(rows: batch, columns: n)
    for k in 0..<batch where k % 2 == 1 && !elite.isEmpty {
      v.elements.replaceSubrange(k * n..<(k + 1) * n, with: elite[k / 2 % elite.count].direction)
    }
    normalise(&v, norm)
    enter(x, &v, rounds: 3)
  }

  private mutating func propose(round: Int) {
    let n = evaluator.inputCount
    var x = Matrix<Double>(rows: batch, columns: n)
    var v = x
    for k in 0..<batch {
      // The better the parent, the more children.
      let parent = elite[min(elite.count - 1, Int(Double(elite.count) * pow(randomness.nextUniform(), 2)))]
      x.elements.replaceSubrange(k * n..<(k + 1) * n, with: parent.point)
      v.elements.replaceSubrange(k * n..<(k + 1) * n, with: parent.direction)
    }
    let gradient = pairGradient(x, v, separation: pow(10, -3 * randomness.nextUniform()))
    for k in 0..<batch {
      let size = pow(10, -3 * randomness.nextUniform()) * reach(x, k)
      let slope = length(gradient, k)
      if k % 3 == 0, slope > 0, slope.isFinite {
        for i in k * n..<(k + 1) * n { x.elements[i] += size / slope * gradient.elements[i] }
      } else {
        let deviation = size / Double(n).squareRoot()
        for i in k * n..<(k + 1) * n { x.elements[i] += deviation * randomness.nextGaussian() }
      }
    }
    retract(&x)
    enter(x, &v, rounds: 2)
  }

  /// The gradient of ½|f(x + δ) − f(x − δ)|² in x, δ along v.
  private func pairGradient(_ x: Matrix<Double>, _ v: Matrix<Double>, separation: Double) -> Matrix<Double> {
    var (plus, minus) = (x, x)
    for k in 0..<x.rows {
      let size = separation * reach(x, k)
      for i in k * x.columns..<(k + 1) * x.columns {
        plus.elements[i] += size * v.elements[i]
        minus.elements[i] -= size * v.elements[i]
      }
    }
    let (up, down) = (evaluator.linearisation(at: plus), evaluator.linearisation(at: minus))
    var difference = up.value
    for i in difference.elements.indices { difference.elements[i] -= down.value.elements[i] }
    var gradient = up.adjoint(difference)
    let other = down.adjoint(difference)
    for i in gradient.elements.indices { gradient.elements[i] -= other.elements[i] }
    return gradient
  }

  private mutating func enter(_ x: Matrix<Double>, _ v: inout Matrix<Double>, rounds: Int) {
    let gains = powerGains(at: x, &v, rounds: rounds)
    for k in 0..<x.rows where gains[k].isFinite && gains[k] > elite.last?.gain ?? 0 || elite.count < Self.eliteCount {
      // Points of one linear cell have the same gain: keep one of them.
      guard gains[k].isFinite, !elite.contains(where: { abs($0.gain - gains[k]) <= 1e-9 * gains[k] }) else { continue }
      elite.append(Witness(gain: gains[k], point: x.row(k), direction: v.row(k)))
    }
    elite.sort { $0.gain > $1.gain }
    elite.removeLast(max(0, elite.count - Self.eliteCount))
  }

  // MARK: - Gains

  /// |J v| for directions improved by power iterations v ← JᵀJv (or its sign for l_∞, its largest coordinate for l₁), |v| = 1.
  private func powerGains(at x: Matrix<Double>, _ v: inout Matrix<Double>, rounds: Int) -> [Double] {
    let jacobian = evaluator.linearisation(at: x)
    var gains = [Double](repeating: 0, count: x.rows)
    for round in 0...rounds {
      let image = jacobian.apply(v)
      for k in 0..<x.rows { gains[k] = max(gains[k], length(image, k)) }
      if round == rounds { break }
      var next = jacobian.adjoint(image)
      for k in 0..<x.rows where length(next, k) == 0 {
        next.elements.replaceSubrange(k * v.columns..<(k + 1) * v.columns, with: v.row(k))
      }
      v = next
      normalise(&v, norm)
    }
    return gains
  }

  /// How far a point's neighbours are looked for: its own size, or the ball's.
  private func reach(_ x: Matrix<Double>, _ k: Int) -> Double {
    if case .ball(_, let radius) = region { return radius }
    return length(x, k) + 1e-3
  }

  private func length(_ a: Matrix<Double>, _ k: Int) -> Double {
    a.elements.withUnsafeBufferPointer { a2 in
      var squares = 0.0
      for i in k * a.columns..<(k + 1) * a.columns { squares += a2[i] * a2[i] }
      return squares.squareRoot()
    }
  }

  private func normalise(_ v: inout Matrix<Double>, _ norm: InputNorm) {
    for k in 0..<v.rows {
      let range = k * v.columns..<(k + 1) * v.columns
      switch norm {
      case .l2:
        let size = length(v, k)
        if size > 0 { for i in range { v.elements[i] /= size } }
      case .lInfinity:
        for i in range { v.elements[i] = v.elements[i] < 0 ? -1 : 1 }
      case .l1:
        // The vertices ±eᵢ of the ball: a convex function takes its maximum on one of them.
        let largest = range.max { v.elements[$0].magnitude < v.elements[$1].magnitude }
        for i in range { v.elements[i] = i == largest ? 1 : 0 }
      }
    }
  }
}

extension LoweredNetwork {
  /// The multiplications of one forward pass of one vector, about.
  var passCost: Double {
    nodes.reduce(0.0) { sum, node in
      guard case .affine(let terms, _) = node.kind else { return sum + Double(node.count) }
      return terms.reduce(sum) { sum, term in
        switch term.map {
        case let dense as DenseMap<Double>: sum + Double(dense.weight.elements.count * dense.repetitions)
        case let convolution as ConvolutionMap<Double>:
          sum + Double(convolution.weight.columns) * Double(convolution.outputCount)
        default: sum + Double(node.count)
        }
      }
    }
  }
}
