import Certificates
import LinearAlgebra
import Networks

/// The lifted iteration of a convolutional part on a finite set of frequencies, with one multiplier for each channel.
///
/// It is ``LiftedIteration`` after a Fourier transform: a channel's vector is the concatenation of its
/// components over all frequencies, phases and parts, and lies on the sphere whose diameter its pre-activations span. So each channel has one
/// direction on one sphere, and each frequency its own small matrices. The value is a lower bound on the optimum of the semidefinite program
/// for these frequencies, hence for all of them.
struct FrequencyIteration {
  let part: ConvolutionalPart
  /// Columns for each frequency.
  let rank: Int
  /// The frequencies, in the order in which they entered.
  private(set) var frequencies: [Frequency] = []
  /// f = |Y|² at the current point: a lower bound on the least ρ.
  private(set) var value = 0.0
  /// t for each activation's channels.
  private(set) var multipliers: [[Double]] = []
  /// What follows the boundary.
  private(set) var tail: TailIteration?

  private let activations: [Int]
  private let sectors: [UnitSectors]
  /// By frequency, node and term.
  private var responses: [[[Matrix<Double>]]] = []
  /// V₀ by frequency, and where it was before extrapolation.
  private var input: [Matrix<Double>] = []
  private var inputBefore: [Matrix<Double>] = []
  /// The unit vectors s by activation and frequency, and before extrapolation.
  private var directions: [[Matrix<Double>]]
  private var directionsBefore: [[Matrix<Double>]]
  private var sinceRestart = 0
  private var generator: SplitMix64

  /// An iteration without frequencies yet.
  ///
  /// - Parameter startingAtZero: whether slope sectors are widened to begin at zero.
  init(_ part: ConvolutionalPart, rank: Int, startingAtZero: Bool, seed: UInt64) {
    self.part = part
    self.rank = rank
    activations = part.activationNodes
    sectors = activations.map { index in
      let own = part.sectors(of: index)
      return startingAtZero ? UnitSectors(lower: own.lower.map { min($0, 0) }, upper: own.upper) : own
    }
    directions = activations.map { _ in [] }
    directionsBefore = directions
    generator = SplitMix64(seed: seed)
    tail = TailIteration(part, generator: &generator)
  }

  /// Adds frequencies with small random vectors; the first ones fill the sphere. One that hardly differs from one in the set replaces it.
  ///
  /// - Parameter mergingDistance: the turns along each axis below which two frequencies hardly differ.
  mutating func add(_ new: [Frequency], mergingDistance: Double = 0) {
    let isFirst = frequencies.isEmpty
    for frequency in new where !frequencies.contains(frequency) {
      let response = part.nodes.indices.map { index -> [Matrix<Double>] in
        guard case .affine(let terms) = part.nodes[index].kind else { return [] }
        return terms.map { SparseMap(part.response(of: $0.map, to: index, at: frequency)).denseMatrix() }
      }
      if !isFirst, let place = frequencies.firstIndex(where: { $0.isNear(frequency, turns: mergingDistance) }) {
        frequencies[place] = frequency
        responses[place] = response
        continue
      }
      frequencies.append(frequency)
      responses.append(response)
      let size = isFirst ? 1 : 0.05 / Double(frequencies.count).squareRoot()
      input.append(random(part.order(of: 0), size: size / Double(part.order(of: 0) * rank).squareRoot()))
      for (position, index) in activations.enumerated() {
        let order = part.order(of: index)
        directions[position].append(
          random(order, size: size * (Double(part.nodes[index].map.channels) / Double(order * rank)).squareRoot()))
      }
    }
    Self.normalise(&input, channels: nil)
    for (position, index) in activations.enumerated() {
      Self.normalise(&directions[position], channels: part.nodes[index].map.channels)
    }
    restart()
  }

  /// Drops the frequencies whose vectors have all but vanished; those that turn out to bind come back.
  mutating func prune() {
    let weights = input.map { $0.dot($0) }
    let kept = frequencies.indices.filter { weights[$0] > 1e-7 }
    guard !kept.isEmpty, kept.count < frequencies.count else { return }
    frequencies = kept.map { frequencies[$0] }
    responses = kept.map { responses[$0] }
    input = kept.map { input[$0] }
    Self.normalise(&input, channels: nil)
    for (position, index) in activations.enumerated() {
      directions[position] = kept.map { [own = directions[position]] in own[$0] }
      Self.normalise(&directions[position], channels: part.nodes[index].map.channels)
    }
    restart()
  }

  /// Forgets the momentum.
  private mutating func restart() {
    sinceRestart = 0
    inputBefore = input
    directionsBefore = directions
    value = 0
    tail?.restart()
  }

  private mutating func random(_ rows: Int, size: Double) -> Matrix<Double> {
    generator.gaussianMatrix(rows: rows, columns: rank, deviation: size)
  }

  // MARK: - One step

  /// One pass forwards and one backwards; updates ``value`` and ``multipliers``.
  mutating func step() {
    let count = frequencies.count
    var values = [[Matrix<Double>]](repeating: [], count: part.nodes.count)
    var lengths = [[Double]](repeating: [], count: activations.count)
    var position = 0
    for (index, node) in part.nodes.enumerated() {
      switch node.kind {
      case .input: values[index] = input
      case .affine(let terms):
        values[index] = Self.parallel(count) { [values, responses] f in
          Self.sum(terms.indices.map { (responses[f][index][$0], values[terms[$0].source][f]) }, transposing: false)
        }
      case .activation(let source, _):
        lengths[position] = Self.squares(values[source], channels: node.map.channels).map { $0.squareRoot() }
        let (c, d) = centres(position)
        values[index] = Self.combine(values[source], c, directions[position], zip(d, lengths[position]).map { $0 * $1 })
        position += 1
      }
    }
    let last = part.nodes.count - 1
    var adjoints = [[Matrix<Double>]](repeating: [], count: part.nodes.count)
    let new: Double
    if tail == nil {
      new = values[last].reduce(0) { $0 + $1.dot($1) }
      adjoints[last] = values[last]
    } else {
      (new, adjoints[last]) = tail?.pass(values[last], channels: part.nodes[last].map.channels) ?? (0, [])
    }
    if new < value * (1 - 1e-13) { sinceRestart = 0 }
    let momentum = Double(sinceRestart) / Double(sinceRestart + 3)
    sinceRestart += 1
    value = new
    tail?.update(momentum: momentum)
    multipliers = Array(repeating: [], count: activations.count)
    for index in stride(from: last, through: 1, by: -1) {
      let node = part.nodes[index]
      if case .activation = node.kind { position -= 1 }
      guard !adjoints[index].isEmpty else {
        if case .activation = node.kind { multipliers[position] = [Double](repeating: 0, count: node.map.channels) }
        continue
      }
      let own = adjoints[index]
      adjoints[index] = []
      switch node.kind {
      case .input: break
      case .affine(let terms):
        for (term, (source, _)) in terms.enumerated() {
          let share = Self.parallel(count) { [responses] f in
            Matrix.product(responses[f][index][term], own[f], transposingLeft: true)
          }
          Self.accumulate(share, into: &adjoints[source])
        }
      case .activation(let source, _):
        let channels = node.map.channels
        let sizes = Self.squares(own, channels: channels).map { $0.squareRoot() }
        let (c, d) = centres(position)
        let p = lengths[position]
        multipliers[position] = LiftedMultipliers.values(effects: sizes, reaches: zip(d, p).map { $0 * $1 })
        Self.accumulate(
          Self.combine(own, c, values[source], p.indices.map { p[$0] > 0 ? d[$0] * sizes[$0] / p[$0] : 0 }), into: &adjoints[source])
        Self.move(&directions[position], &directionsBefore[position], to: own, sizes: sizes, channels: channels, momentum: momentum)
      }
    }
    if !adjoints[0].isEmpty {
      let size = adjoints[0].reduce(0) { $0 + $1.dot($1) }.squareRoot()
      Self.move(&input, &inputBefore, to: adjoints[0], sizes: [size], channels: nil, momentum: momentum)
    }
  }

  private func centres(_ position: Int) -> (c: [Double], d: [Double]) {
    let own = sectors[position]
    return (zip(own.lower, own.upper).map { ($0 + $1) / 2 }, zip(own.lower, own.upper).map { ($1 - $0) / 2 })
  }

  // MARK: - Lists of matrices, one for each frequency

  /// `body` of every index, in parallel.
  private static func parallel(_ count: Int, _ body: @Sendable (Int) -> Matrix<Double>) -> [Matrix<Double>] {
    var results = [Matrix<Double>](repeating: Matrix(rows: 0, columns: 0), count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.runRanges(count, minimumChunk: 4) { range in for index in range { shared.base[index] = body(index) } }
    }
    return results
  }

  private static func sum(_ products: [(Matrix<Double>, Matrix<Double>)], transposing: Bool) -> Matrix<Double> {
    guard let first = products.first else { return Matrix(rows: 0, columns: 0) }
    var result = Matrix.product(first.0, first.1, transposingLeft: transposing)
    for (a, b) in products.dropFirst() { Matrix.multiply(a, b, transposingLeft: transposing, into: &result, accumulating: true) }
    return result
  }

  private static func accumulate(_ share: [Matrix<Double>], into target: inout [Matrix<Double>]) {
    if target.isEmpty {
      target = share
    } else {
      for f in share.indices { target[f].add(share[f]) }
    }
  }

  /// The sums of squares over each channel (row i belongs to channel i mod `channels`), or of everything.
  private static func squares(_ list: [Matrix<Double>], channels: Int?) -> [Double] {
    let channels = channels ?? 1
    var result = [Double](repeating: 0, count: channels)
    for matrix in list {
      let columns = matrix.columns
      matrix.elements.withUnsafeBufferPointer { x in
        for i in 0..<matrix.rows {
          var sum = 0.0
          for j in 0..<columns { sum += x[i &* columns &+ j] * x[i &* columns &+ j] }
          result[i % channels] += sum
        }
      }
    }
    return result
  }

  /// a · A + b · B, with one factor for each channel.
  private static func combine(_ first: [Matrix<Double>], _ a: [Double], _ second: [Matrix<Double>], _ b: [Double]) -> [Matrix<Double>] {
    zip(first, second).map { first, second in
      var result = first
      let columns = first.columns
      result.elements.withUnsafeMutableBufferPointer { x in
        second.elements.withUnsafeBufferPointer { y in
          for i in 0..<first.rows {
            let (s, t) = (a[i % a.count], b[i % b.count])
            for j in i &* columns..<(i &+ 1) &* columns { x[j] = s * x[j] + t * y[j] }
          }
        }
      }
      return result
    }
  }

  private static func normalise(_ list: inout [Matrix<Double>], channels: Int?) {
    let scale = squares(list, channels: channels).map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    list = combine(list, scale, list, [Double](repeating: 0, count: scale.count))
  }

  /// x ← normalise(target + momentum (target − before)), before ← target, target normalised first.
  private static func move(
    _ x: inout [Matrix<Double>], _ before: inout [Matrix<Double>], to target: [Matrix<Double>], sizes: [Double], channels: Int?,
    momentum: Double
  ) {
    // A channel without a gradient stays where it is.
    let isFree = sizes.map { $0 > 0 }
    let fresh = combine(target, sizes.map { $0 > 0 ? 1 / $0 : 0 }, before, isFree.map { $0 ? 0 : 1 })
    x = combine(
      fresh, [Double](repeating: 1 + momentum, count: sizes.count), before, [Double](repeating: -momentum, count: sizes.count))
    normalise(&x, channels: channels)
    before = fresh
  }
}

extension Frequency {
  /// Whether two frequencies differ by less than so many turns along both axes.
  fileprivate func isNear(_ other: Frequency, turns: Double) -> Bool {
    func distance(_ a: Int, _ m: Int, _ b: Int, _ n: Int) -> Double {
      let difference = (Double(a) / Double(m) - Double(b) / Double(n)).magnitude
      return min(difference, 1 - difference)
    }
    return distance(row, rowCount, other.row, other.rowCount) < turns
      && distance(column, columnCount, other.column, other.columnCount) < turns
  }
}
