import Certificates
import Foundation
import LinearAlgebra
import Networks

/// A batch of points that climb towards large Jacobian gains.
struct GainSearch {
  private let evaluator: Evaluator<Double>
  private let norm: InputNorm
  private let points = 24
  private var x: Matrix<Double>
  private var direction: Matrix<Double>
  private var gains: [Double]
  private var steps: [Double]
  private var randomness: SplitMix64
  /// The number of multiplications of one pass for one point, about.
  private let costOfPass: Double

  /// The best point so far: its gain, itself and the input direction of that gain.
  private(set) var best: (gain: Double, point: [Double], direction: [Double])

  init(_ problem: LipschitzProblem, seed: UInt64) throws {
    evaluator = try problem.evaluator()
    norm = problem.inputNorm
    randomness = SplitMix64(seed: seed &+ 0x5eed)
    let n = evaluator.inputCount
    x = Matrix(rows: points, columns: n)
    direction = randomness.gaussianMatrix(rows: points, columns: n)
    gains = Array(repeating: 0, count: points)
    steps = Array(repeating: 0.3, count: points)
    costOfPass = problem.lowered.passCost
    best = (0, Array(repeating: 0, count: n), Array(repeating: 0, count: n))
  }

  /// Rounds that about two seconds of one core pay for, between 6 and 60.
  var affordableRounds: Int {
    let multiplicationsPerRound = costOfPass * Double(points) * 8
    return max(6, min(60, Int(4e9 / max(1, multiplicationsPerRound))))
  }

  /// Random points at scales from 0.03 to 30, and their gains.
  mutating func start() {
    for k in 0..<points {
      let scale = 0.03 * pow(1000, Double(k % 8) / 7)
      let isPositive = k % 3 == 0  // images live in the positive orthant
      for i in 0..<x.columns {
        let value = randomness.nextGaussian() * scale
        x[k, i] = isPositive ? value.magnitude : value
      }
    }
    Self.normalise(&direction, norm)
    gains = powerGains(at: x, &direction, rounds: 6)
    remember()
  }

  /// One round: pairs uphill in the first third of the rounds, adaptive random steps after that.
  mutating func advance(round: Int, of rounds: Int) {
    var trial = x
    if 3 * round < rounds {
      let separation = pow(0.1, 3 * Double(round) / Double(max(1, rounds)) * 2)
      climbPairs(&trial, separation: separation)
    } else {
      for k in 0..<points {
        let size = steps[k] * (rowNorm(x, k) / Double(x.columns).squareRoot() + 1e-3)
        for i in 0..<x.columns { trial[k, i] += size * randomness.nextGaussian() }
      }
    }
    var trialDirection = direction
    let trialGains = powerGains(at: trial, &trialDirection, rounds: 2)
    for k in 0..<points {
      if trialGains[k] > gains[k] {
        for i in 0..<x.columns {
          x[k, i] = trial[k, i]
          direction[k, i] = trialDirection[k, i]
        }
        gains[k] = trialGains[k]
        steps[k] = min(3, steps[k] * 1.5)
      } else {
        steps[k] = max(1e-4, steps[k] * 0.8)
      }
    }
    remember()
    if round % 10 == 9 { restartWorst() }
  }

  /// The best gain with its direction iterated until it rests.
  mutating func refinedBest() -> Double {
    let point = Matrix(rows: 1, columns: best.point.count, elements: best.point)
    var v = Matrix(rows: 1, columns: best.direction.count, elements: best.direction)
    let rounds = max(6, min(200, Int(2e9 / max(1, 2 * costOfPass))))
    let gain = powerGains(at: point, &v, rounds: rounds)[0]
    return max(best.gain, gain)
  }

  // MARK: - Moves

  /// Gradient ascent on |f(x + δ) − f(x − δ)| / |2δ| in x, with δ along the current direction.
  private func climbPairs(_ trial: inout Matrix<Double>, separation: Double) {
    var plus = trial
    var minus = trial
    for k in 0..<points {
      let size = separation * (rowNorm(trial, k) + 1e-3)
      for i in 0..<trial.columns {
        plus[k, i] += size * direction[k, i]
        minus[k, i] -= size * direction[k, i]
      }
    }
    let (up, down) = (evaluator.linearise(at: plus), evaluator.linearise(at: minus))
    var difference = up.value
    for i in difference.elements.indices { difference.elements[i] -= down.value.elements[i] }
    var gradient = up.adjoint(difference)
    let other = down.adjoint(difference)
    for i in gradient.elements.indices { gradient.elements[i] -= other.elements[i] }
    for k in 0..<points {
      let length = rowNorm(gradient, k)
      guard length > 0, length.isFinite else { continue }
      let size = steps[k] * (rowNorm(trial, k) + 1e-3) / length
      for i in 0..<trial.columns { trial[k, i] += size * gradient[k, i] }
    }
  }

  /// The worst quarter of the points moves next to the best one.
  private mutating func restartWorst() {
    let order = gains.indices.sorted { gains[$0] < gains[$1] }
    for k in order.prefix(points / 4) {
      for i in 0..<x.columns {
        x[k, i] = best.point[i] * (1 + 0.05 * randomness.nextGaussian())
        direction[k, i] = best.direction[i]
      }
      gains[k] = 0
      steps[k] = 0.3
    }
  }

  private mutating func remember() {
    for k in 0..<points where gains[k] > best.gain && gains[k].isFinite {
      best = (gains[k], x.row(k), direction.row(k))
    }
  }

  // MARK: - Gains

  /// |J v| for directions improved by power iterations v ← JᵀJv (or its sign for l_∞), |v| = 1.
  private func powerGains(at x: Matrix<Double>, _ v: inout Matrix<Double>, rounds: Int) -> [Double] {
    let jacobian = evaluator.linearise(at: x)
    var gains: [Double] = []
    for _ in 0..<rounds {
      let image = jacobian.apply(v)
      let next = jacobian.adjoint(image)
      gains = (0..<x.rows).map { rowNorm(image, $0) }
      v = next
      Self.normalise(&v, norm)
    }
    let image = jacobian.apply(v)
    return gains.indices.map { max(gains[$0], rowNorm(image, $0)) }
  }

  private func rowNorm(_ a: Matrix<Double>, _ k: Int) -> Double {
    var squares = 0.0
    for i in k * a.columns..<(k + 1) * a.columns { squares += a.elements[i] * a.elements[i] }
    return squares.squareRoot()
  }

  private static func normalise(_ v: inout Matrix<Double>, _ norm: InputNorm) {
    for k in 0..<v.rows {
      let range = k * v.columns..<(k + 1) * v.columns
      switch norm {
      case .l2:
        let length = range.reduce(0) { $0 + v.elements[$1] * v.elements[$1] }.squareRoot()
        if length > 0 { for i in range { v.elements[i] /= length } }
      case .lInfinity:
        for i in range { v.elements[i] = v.elements[i] < 0 ? -1 : 1 }
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
