import CKernels
import LinearAlgebra

/// A convolution on the infinite plane, frequency by frequency.
///
/// A zero-padded convolution is a compression of the same convolution on the infinite plane, which has stride one once the s × s residue
/// classes of pixels are taken as channels. With K[d] its matrix at offset d, the norm on the plane is
///
///     max over θ of ‖K̂(θ)‖,   K̂(θ) = Σ_d K[d] e^{i d·θ},
///
/// whatever the size of the image. ``prove(norm:limit:isCancelled:)`` proves a bound on that maximum from finitely many frequencies.
///
/// **Lemma.** Let M be the maximum, let δ_j + 1 be the extent of the offsets along axis j, and σ = Σ_j δ_j h_j ≤ π. Some θ* has ‖K̂(θ*)‖ = M,
/// and every θ with |θ_j − θ*_j| ≤ h_j has ‖K̂(θ)‖ ≥ M cos(σ/2) ≥ M (1 − σ²/8).
///
/// *Proof.* Let v be a unit vector with |K̂(θ*) v| = M and p(s) = |K̂(θ* + s (θ − θ*)) v|² for real s. It is real, between 0 and M², and a
/// sum of exponentials e^{iωs} with |ω| ≤ Σ_j δ_j |θ_j − θ*_j| ≤ σ. For q = 2p/M² − 1, which lies in [−1, 1], the inequality of Bernstein and
/// Szegő in the form of Duffin and Schaeffer (Bull. Amer. Math. Soc. 44, 1938), q′² + σ²q² ≤ σ², says that arccos q changes at most at rate
/// σ. From q(0) = 1 follows q(1) ≥ cos σ, that is p(1) ≥ M² cos²(σ/2). ∎
///
/// So when boxes of centres θ and half-widths h cover the torus and ‖K̂(θ)‖ ≤ T (1 − σ²/8) at every centre, then M ≤ T.
package struct ConvolutionSymbol: Sendable {
  /// A box of frequencies: its centre is at `row` and `column` steps, each half of it to either side one step.
  package struct Box: Sendable {
    var row: Int
    var column: Int
    /// How often it was halved.
    package var level: Int
  }

  /// The nonzero taps, each with its offsets; every matrix has at most as many rows as columns.
  private let taps: [(row: Int, column: Int, matrix: Matrix<Double>)]
  /// δ for both axes.
  private let extents: (rows: Int, columns: Int)
  /// Bounds the spectral norm of the rounding error of K̂ at any frequency.
  private let error: Double

  /// The smaller side of K̂.
  package let order: Int
  /// Multiplications for one frequency, about.
  package var cost: Double {
    guard let first = taps.first?.matrix else { return 1 }
    let (m, n) = (Double(first.rows), Double(first.columns))
    return 2 * m * n * Double(taps.count) + 4 * m * m * n + m * m * m
  }
  /// Whether every tap vanishes.
  package var isZero: Bool { taps.isEmpty }
  /// Whether offsets were divided by a common divisor, which relabels the frequencies of the plane, but not those of a torus.
  package let isRelabelled: Bool
  /// Whether K̂ is the same at all frequencies.
  package var isConstant: Bool { extents == (0, 0) }

  /// The symbol of one group of a convolution.
  ///
  /// - Parameters:
  ///   - geometry: sizes; the image's size and padding do not matter.
  ///   - weight: the rows of the group's output channels.
  package init(geometry g: ConvolutionGeometry, weight: Matrix<Double>) {
    let inputs = g.inputChannels / g.groups
    var byPlace: [[Int]: Matrix<Double>] = [:]
    // Only residue classes that some tap reads become channels.
    let phases = { (kernel: Int, dilation: Int, stride: Int) in Set((0..<kernel).map { $0 * dilation % stride }).sorted() }
    let (phasesH, phasesW) = (
      phases(g.kernelHeight, g.dilationHeight, g.strideHeight), phases(g.kernelWidth, g.dilationWidth, g.strideWidth)
    )
    for kh in 0..<g.kernelHeight {
      for kw in 0..<g.kernelWidth {
        let (y, x) = (kh * g.dilationHeight, kw * g.dilationWidth)
        let phase =
          (phasesH.firstIndex(of: y % g.strideHeight) ?? 0) * phasesW.count + (phasesW.firstIndex(of: x % g.strideWidth) ?? 0)
        let place = [y / g.strideHeight, x / g.strideWidth]
        var matrix = byPlace[place] ?? Matrix(rows: weight.rows, columns: inputs * phasesH.count * phasesW.count)
        for o in 0..<weight.rows {
          for c in 0..<inputs { matrix[o, phase * inputs + c] = weight[o, (c * g.kernelHeight + kh) * g.kernelWidth + kw] }
        }
        byPlace[place] = matrix
      }
    }
    let found = byPlace.filter { $0.value.elements.contains { $0 != 0 } }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    // Moving all offsets by one multiplies K̂ by a number of modulus one; a common divisor of the offsets only relabels the frequencies.
    let (rows, rowDivisor) = Self.reduced(found.map { $0.key[0] })
    let (columns, columnDivisor) = Self.reduced(found.map { $0.key[1] })
    isRelabelled = rowDivisor > 1 || columnDivisor > 1
    var sums: [Double] = []
    taps = found.indices.map { k in
      let matrix = found[k].value
      if sums.isEmpty { sums = Array(repeating: 0, count: matrix.elements.count) }
      for e in sums.indices { sums[e] += matrix.elements[e].magnitude }
      return (rows[k], columns[k], matrix.rows > matrix.columns ? matrix.transposed : matrix)
    }
    extents = (rows.max() ?? 0, columns.max() ?? 0)
    order = taps.first?.matrix.rows ?? 0
    // Each of the two parts of an entry is a sum of products of taps with numbers of modulus at most one, known up to `UnitCircle.error`:
    // the entry is off by at most √2 (error + γ) Σ_d |K[d]|, and the spectral norm is at most the Frobenius norm.
    let factor = 1.5 * (UnitCircle.error + ErrorBounds.gamma(taps.count + 2))
    let squares = sums.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) }
    error = taps.isEmpty ? 0 : ErrorBounds.multiplyUp(factor, ErrorBounds.sqrtUp(squares) * (1 + 1e-9)) + 0x1p-1000
  }

  private static func reduced(_ offsets: [Int]) -> (offsets: [Int], divisor: Int) {
    let least = offsets.min() ?? 0
    var divisor = 0
    for offset in offsets {
      var (a, b) = (divisor, offset - least)
      while b != 0 { (a, b) = (b, a % b) }
      divisor = a
    }
    return (offsets.map { ($0 - least) / max(1, divisor) }, divisor)
  }

  // MARK: - Boxes

  /// Steps of the coarsest boxes along an axis of extent δ: boxes of half-width π/(4δ).
  private static func steps(_ extent: Int) -> Int { max(1, 4 * extent) }

  /// Boxes of level 0 that cover one half of the torus; the other half holds the conjugates.
  package var boxes: [Box] {
    let (height, width) = (Self.steps(extents.rows), Self.steps(extents.columns))
    let halvesWidth = extents.columns > 0
    let rows = halvesWidth || extents.rows == 0 ? height : height / 2 + 1
    return (0..<rows).flatMap { row in (0..<(halvesWidth ? width / 2 + 1 : 1)).map { Box(row: 2 * row, column: 2 * $0, level: 0) } }
  }

  /// The boxes of half the width that make up a box.
  package func parts(of box: Box) -> [Box] {
    let (rows, columns) = (extents.rows > 0 ? [-1, 1] : [0], extents.columns > 0 ? [-1, 1] : [0])
    return rows.flatMap { i in columns.map { j in Box(row: 2 * box.row + i, column: 2 * box.column + j, level: box.level + 1) } }
  }

  /// A lower bound on cos(σ/2) for boxes of a level: σ = Σ_j δ_j h_j is π/4 for each axis, halved with each level.
  package func attenuation(level: Int) -> Double {
    let axes = (extents.rows > 0 ? 1.0 : 0) + (extents.columns > 0 ? 1 : 0)
    let sigma = axes * 0.785398163397449 / Double(1 << level)
    return (1 - (sigma * sigma / 8).nextUp.nextUp).nextDown
  }

  /// K̂ at a box's centre as a real matrix of twice the size with the same norm: [[Re, −Im], [Im, Re]].
  package func value(at box: Box) -> Matrix<Double> {
    value(
      at: (box.row, Self.steps(extents.rows) << (box.level + 1)), (box.column, Self.steps(extents.columns) << (box.level + 1)))
  }

  /// K̂ at the frequencies 2π times two fractions.
  private func value(at row: (place: Int, of: Int), _ column: (place: Int, of: Int)) -> Matrix<Double> {
    guard let first = taps.first?.matrix else { return Matrix(rows: 0, columns: 0) }
    let (m, n) = (first.rows, first.columns)
    var real = [Double](repeating: 0, count: m * n)
    var imaginary = real
    for tap in taps {
      // The fractions are reduced below one in integers; the division and the sum round three times, by less than 2⁻⁵⁰.
      let turns =
        Double(tap.row * row.place % row.of) / Double(row.of) + Double(tap.column * column.place % column.of) / Double(column.of)
      let (cosine, sine) = UnitCircle.point(turns)
      VectorKernels.add(cosine, tap.matrix.elements, to: &real)
      VectorKernels.add(sine, tap.matrix.elements, to: &imaginary)
    }
    var result = Matrix<Double>.unwritten(rows: 2 * m, columns: 2 * n)
    for i in 0..<m {
      for j in 0..<n {
        result[i, j] = real[i * n + j]
        result[i, n + j] = -imaginary[i * n + j]
        result[m + i, j] = imaginary[i * n + j]
        result[m + i, n + j] = real[i * n + j]
      }
    }
    return result
  }

  // MARK: - Proofs

  /// Proves that the norm on the infinite plane is at most `norm`.
  ///
  /// - Parameters:
  ///   - norm: T.
  ///   - limit: the most frequencies to look at.
  ///   - isCancelled: asked for every frequency.
  /// - Throws: ``NotProved``.
  package func prove(norm: Double, limit: Int = 1 << 16, isCancelled: () -> Bool = { false }) throws {
    guard norm.isFinite, norm >= 0 else { throw NotProved("the norm is not a non-negative number") }
    if isZero { return }
    var pending = boxes
    var looked = 0
    while let box = pending.popLast() {
      try Interruptible.check(isCancelled)
      looked += 1
      let threshold = ErrorBounds.subtractDown(ErrorBounds.multiplyDown(norm, attenuation(level: box.level)), error)
      if SpectralNormProof.isAtMost(threshold, value(at: box)) { continue }
      guard looked < limit, box.level < 24, !isConstant else { throw NotProved("the norm is too small, or too close to the truth") }
      pending += parts(of: box)
    }
  }

  /// Proves that the norm of the circular convolution on a torus of the given size is at most `norm`.
  ///
  /// - Throws: ``NotProved``.
  package func prove(norm: Double, torus: (height: Int, width: Int), isCancelled: () -> Bool = { false }) throws {
    guard norm.isFinite, norm >= 0 else { throw NotProved("the norm is not a non-negative number") }
    guard !isRelabelled, torus.height > 0, torus.width > 0 else { throw NotProved("the torus does not fit the offsets") }
    if isZero { return }
    let threshold = ErrorBounds.subtractDown(norm, error)
    for (row, column) in Self.frequencies(torus) {
      try Interruptible.check(isCancelled)
      guard SpectralNormProof.isAtMost(threshold, value(at: (row, torus.height), (column, torus.width))) else {
        throw NotProved("the norm is too small, or too close to the truth")
      }
    }
  }

  /// The frequencies of a torus up to conjugation.
  private static func frequencies(_ torus: (height: Int, width: Int)) -> [(Int, Int)] {
    (0..<torus.height).flatMap { row in (0...torus.width / 2).map { (row, $0) } }
  }

  /// K̂ at the frequencies of a torus, up to conjugation.
  package func values(torus: (height: Int, width: Int)) -> some Sequence<Matrix<Double>> {
    Self.frequencies(torus).lazy.map { value(at: ($0, torus.height), ($1, torus.width)) }
  }
}
