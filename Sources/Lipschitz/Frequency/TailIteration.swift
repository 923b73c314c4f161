import Certificates
import Foundation
import LinearAlgebra
import Networks

/// The lifted iteration of what follows a convolutional part, coupled to it by one gain per pixel.
///
/// The gain G (channels × channels, the same at every pixel) is the multiplier of the constraint that the vectors z of the flat map have,
/// summed over pixels, no more covariance than those of the convolutional part: Σ z z′ ≤ K = V V′. So z = K^{1/2} U with a matrix U of
/// orthonormal rows takes the place of a unit's p and s. Linearised at the gradient A with respect to z, the best U is the polar factor of
/// K^{1/2}A, and the multiplier is the geometric mean G = K^{−1/2} (K^{1/2} A A′ K^{1/2})^{1/2} K^{−1/2}.
struct TailIteration {
  /// G.
  private(set) var gain: Matrix<Double>
  /// t for each activation's units.
  private(set) var multipliers: [[Double]] = []

  private let network: LoweredNetwork
  private let sectors: [UnitSectors]
  private let rank: Int
  private let pixels: Int
  /// U, channels × (columns, pixels).
  private var frame: Matrix<Double>
  private var frameBefore: Matrix<Double>
  /// s for each activation, columns × units.
  private var directions: [Matrix<Double>]
  private var directionsBefore: [Matrix<Double>]
  /// Where the next step goes, set by ``pass(_:channels:)``.
  private var freshFrame: Matrix<Double>
  private var freshDirections: [Matrix<Double>] = []

  /// `nil` when nothing follows the convolutional part.
  init?(_ part: ConvolutionalPart, generator: inout SplitMix64) {
    guard let network = part.tail, let boundary = part.nodes.last?.map else { return nil }
    self.network = network
    // Enough columns for orthonormal rows.
    rank = max(8, (boundary.channels + boundary.pixels - 1) / boundary.pixels)
    sectors = network.globalSectors
    pixels = boundary.pixels
    let width = rank * boundary.pixels
    frame = Self.polar(generator.gaussianMatrix(rows: boundary.channels, columns: width))
    directions = []
    for index in network.activationNodes {
      var s: Matrix<Double> = generator.gaussianMatrix(rows: rank, columns: network.nodes[index].count)
      Self.normalise(&s)
      directions.append(s)
    }
    (frameBefore, directionsBefore, freshFrame) = (frame, directions, frame)
    gain = .identity(boundary.channels)
  }

  /// Forgets the momentum.
  mutating func restart() {
    frameBefore = frame
    directionsBefore = directions
  }

  /// Forwards through the tail and back.
  ///
  /// - Parameters:
  ///   - boundary: the boundary's vectors, one matrix for each frequency.
  ///   - channels: its channels.
  /// - Returns: |Y|², and the gradient G V of half of it with respect to the boundary's vectors.
  mutating func pass(_ boundary: [Matrix<Double>], channels: Int) -> (value: Double, adjoint: [Matrix<Double>]) {
    var covariance = Matrix<Double>(rows: channels, columns: channels)
    let blocks = boundary.map { Self.blocks(of: $0, channels: channels) }
    for block in blocks { Matrix.multiply(block, block, transposingRight: true, into: &covariance, accumulating: true) }
    let trace = (0..<channels).reduce(0) { $0 + covariance[$1, $1] }
    for i in 0..<channels { covariance[i, i] += 1e-9 * trace + 1e-300 }
    let root = Self.power(covariance, 0.5)
    let z = Matrix.product(root, frame)

    var values = [Matrix<Double>](repeating: Matrix(rows: 0, columns: 0), count: network.nodes.count)
    var lengths: [[Double]] = []
    values[0] = flat(z)
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        var sum = Matrix<Double>(rows: rank, columns: node.count)
        for term in terms {
          if let map = term.map {
            map.apply(values[term.source], to: &sum, accumulating: true)
          } else {
            sum.add(values[term.source])
          }
        }
        values[index] = sum
      case .activation(let source, _):
        let p = values[source]
        let own = p.columnNorms()
        let (c, d) = centres(lengths.count)
        var h = p
        for q in 0..<rank {
          for i in 0..<node.count { h[q, i] = c[i] * p[q, i] + d[i] * own[i] * directions[lengths.count][q, i] }
        }
        lengths.append(own)
        values[index] = h
      }
    }
    let output = values[network.nodes.count - 1]
    let value = output.dot(output)
    let adjoint = flatAdjoint(values, lengths)

    // A as channels × (columns, pixels).
    var a = z
    for i in 0..<channels {
      for q in 0..<rank { for p in 0..<pixels { a[i, q * pixels + p] = adjoint[q, i * pixels + p] } }
    }
    let inner = Matrix.product(root, a)
    var square = inner.gram(transposing: true)
    let size = (0..<channels).reduce(0) { $0 + square[$1, $1] }
    for i in 0..<channels { square[i, i] += 1e-18 * size + 1e-300 }
    freshFrame = Matrix.product(Self.power(square, -0.5), inner)
    let inverseRoot = Self.power(covariance, -0.5)
    gain = Matrix.product(Matrix.product(inverseRoot, Self.power(square, 0.5)), inverseRoot)
    for i in 0..<channels { for j in 0..<i { gain[j, i] = gain[i, j] } }
    return (value, zip(boundary, blocks).map { Self.unblocked(Matrix.product(gain, $1), like: $0) })
  }

  /// Moves to where the last pass pointed.
  mutating func update(momentum: Double) {
    var target = freshFrame
    target.scale(by: 1 + momentum)
    target.add(frameBefore, times: -momentum)
    frame = Self.polar(target)
    frameBefore = freshFrame
    for position in directions.indices {
      var target = freshDirections[position]
      target.scale(by: 1 + momentum)
      target.add(directionsBefore[position], times: -momentum)
      Self.normalise(&target)
      directions[position] = target
      directionsBefore[position] = freshDirections[position]
    }
  }

  /// The gradient with respect to the input, with the multipliers and directions on the way.
  private mutating func flatAdjoint(_ values: [Matrix<Double>], _ lengths: [[Double]]) -> Matrix<Double> {
    let last = network.nodes.count - 1
    var adjoints = [Matrix<Double>?](repeating: nil, count: network.nodes.count)
    adjoints[last] = values[last]
    multipliers = sectors.map { [Double](repeating: 0, count: $0.count) }
    freshDirections = directionsBefore
    var position = sectors.count
    for index in stride(from: last, through: 1, by: -1) {
      let node = network.nodes[index]
      if case .activation = node.kind { position -= 1 }
      guard let own = adjoints[index] else { continue }
      adjoints[index] = nil
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        for term in terms {
          var sum = adjoints[term.source] ?? Matrix(rows: rank, columns: network.nodes[term.source].count)
          if let map = term.map {
            map.adjoint(own, to: &sum, accumulating: true)
          } else {
            sum.add(own)
          }
          adjoints[term.source] = sum
        }
      case .activation(let source, _):
        let sizes = own.columnNorms()
        let (c, d) = centres(position)
        let p = lengths[position]
        var share = adjoints[source] ?? Matrix(rows: rank, columns: node.count)
        multipliers[position] = LiftedMultipliers.values(effects: sizes, reaches: zip(d, p).map { $0 * $1 })
        for i in 0..<node.count where sizes[i] > 0 {
          let along = p[i] > 0 ? d[i] * sizes[i] / p[i] : 0
          for q in 0..<rank {
            share[q, i] += c[i] * own[q, i] + along * values[source][q, i]
            freshDirections[position][q, i] = own[q, i] / sizes[i]
          }
        }
        adjoints[source] = share
      }
    }
    return adjoints[0] ?? Matrix(rows: rank, columns: network.inputCount)
  }

  private func centres(_ position: Int) -> (c: [Double], d: [Double]) {
    let own = sectors[position]
    return (zip(own.lower, own.upper).map { ($0 + $1) / 2 }, zip(own.lower, own.upper).map { ($1 - $0) / 2 })
  }

  /// Channels × (columns, pixels) as columns × (channels, pixels).
  private func flat(_ z: Matrix<Double>) -> Matrix<Double> {
    var result = Matrix<Double>(rows: rank, columns: z.rows * pixels)
    for i in 0..<z.rows {
      for q in 0..<rank { for p in 0..<pixels { result[q, i * pixels + p] = z[i, q * pixels + p] } }
    }
    return result
  }

  /// A frequency's (part, phase, channel) × columns as channels × (part, phase, columns).
  private static func blocks(of v: Matrix<Double>, channels: Int) -> Matrix<Double> {
    let (groups, r) = (v.rows / channels, v.columns)
    var result = Matrix<Double>(rows: channels, columns: groups * r)
    for g in 0..<groups { for i in 0..<channels { for j in 0..<r { result[i, g * r + j] = v[g * channels + i, j] } } }
    return result
  }

  private static func unblocked(_ b: Matrix<Double>, like v: Matrix<Double>) -> Matrix<Double> {
    let (channels, r) = (b.rows, v.columns)
    var result = v
    for g in 0..<v.rows / channels { for i in 0..<channels { for j in 0..<r { result[g * channels + i, j] = b[i, g * r + j] } } }
    return result
  }

  // MARK: - Spectral functions

  /// S^p for a symmetric positive definite S; eigenvalues below 10⁻²⁴ of the largest count as that.
  private static func power(_ s: Matrix<Double>, _ p: Double) -> Matrix<Double> {
    guard let eigen = try? s.symmetricEigen(), let largest = eigen.values.last, largest > 0 else { return .identity(s.rows) }
    var scaled = eigen.vectors
    for i in 0..<s.rows {
      let factor = Foundation.pow(max(eigen.values[i], 1e-24 * largest), p)
      for j in 0..<s.rows { scaled[i, j] *= factor }
    }
    return Matrix.product(eigen.vectors, scaled, transposingLeft: true)
  }

  /// (M M′)^{−1/2} M.
  private static func polar(_ m: Matrix<Double>) -> Matrix<Double> {
    Matrix.product(power(m.gram(transposing: true), -0.5), m)
  }

  private static func normalise(_ s: inout Matrix<Double>) {
    let norms = s.columnNorms()
    for q in 0..<s.rows { for i in 0..<s.columns where norms[i] > 0 { s[q, i] /= norms[i] } }
  }
}
