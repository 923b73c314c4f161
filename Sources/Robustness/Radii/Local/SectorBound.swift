import Certificates
import Foundation
import LinearAlgebra

/// How far a target can move on a ball when every unit is known by its anchored sector only: the symmetric lifted problem of a local form.
///
/// Of all increments with |dx| ≤ 1 and (h − αp)(βp − h) ≥ 0 the relaxation keeps Gram matrices: coordinates become vectors of ``rank`` numbers, a
/// unit's vector lies on the sphere of diameter [αp, βp], h = c p + d |p| s with |s| = 1, c = (α + β)/2, d = (β − α)/2. Whatever the unit
/// vectors s are, f = |a z + b h|² is below the optimum L² of the semidefinite program. f is convex in the vectors, so that each pass maximises
/// its linearisation, going back from the target with A = ∂f/∂h / 2:
///
///     s = A/|A|,    ∂f/∂p / 2 = c A + d |A| p/|p|,    μ = |A| / (d |p|),
///
/// with momentum on the s. μ are multipliers of the sectors: at the optimum L²|dx|² − Σ μ (h − αp)(βp − h) ≥ (a z + b h)².
///
/// Everything is in single precision and nothing is trusted: `MarginProof` decides.
struct SectorBound {
  /// Unit vectors to begin with, by place of the unit in the network; for the same target on another ball.
  struct Start {
    fileprivate var input: Matrix<Float>
    fileprivate var spheres: [[Int]: [Float]]
  }

  /// What a run found.
  struct Result {
    /// L², from below.
    var square: Double
    /// μ, one for each unit.
    var multipliers: [Double]
    /// For a run on another ball.
    var start: Start
  }

  /// Units of one node.
  private struct Group {
    let range: Range<Int>
    /// Rows of p over the input.
    let input: Matrix<Float>
    /// Rows of p over the units of each group before.
    let coupling: [Matrix<Float>]
    /// c and d of the sectors.
    let centers: [Float]
    let reaches: [Float]
  }

  /// The length of the vectors.
  static let rank = 8

  private let groups: [Group]
  private let places: [[Int]]
  /// The anchored sectors as forms.
  private let sectors: [UnitForm]
  /// For every unit by how many nodes with units it is away from the output.
  private let depths: [Int]
  private let radius: Double
  private let targets: [(margin: Double, input: Matrix<Float>, units: [Matrix<Float>])]

  /// Prepares the targets of a form.
  init(_ form: LocalForm) {
    let count = form.units.count
    var ranges: [Range<Int>] = []
    for i in 0..<count {
      if let last = ranges.last, form.units[i].position == form.units[last.lowerBound].position {
        ranges[ranges.count - 1] = last.lowerBound..<i + 1
      } else {
        ranges.append(i..<i + 1)
      }
    }
    sectors = form.units.map { $0.atoms(simple: true)[0].form }
    let (sectors, ranges_) = (sectors, ranges)
    func block(_ matrix: Matrix<Double>, _ rows: Range<Int>, _ columns: Range<Int>) -> Matrix<Float> {
      var result = Matrix<Float>(rows: rows.count, columns: columns.count)
      for (i, row) in rows.enumerated() { for (j, column) in columns.enumerated() { result[i, j] = Float(matrix[row, column]) } }
      return result
    }
    groups = ranges.enumerated().map { g, range in
      Group(
        range: range, input: block(form.inputRows, range, 0..<form.inputRows.columns),
        coupling: ranges_[..<g].map { block(form.coupling, range, $0) }, centers: range.map { Float(0.5 * sectors[$0].hp) },
        reaches: range.map { Float((0.25 * sectors[$0].hp * sectors[$0].hp + sectors[$0].pp).squareRoot()) })
    }
    let last = form.units.last?.position ?? 0
    depths = form.units.map { last - $0.position }
    places = form.units.map { [$0.position, $0.index] }
    radius = form.radius
    targets = form.targets.enumerated().map { j, target in
      (
        target.margin, block(form.inputRows, count + j..<count + j + 1, 0..<form.inputRows.columns),
        ranges_.map { Matrix(rows: 1, columns: $0.count, elements: target.units[$0].map { Float($0) }) }
      )
    }
  }

  /// The share of the margin that is left when the target has moved by L r.
  func share(_ result: Result, target: Int) -> Double { 1 - result.square.squareRoot() * radius / targets[target].margin }

  // MARK: - Passes

  /// The vectors of an iterate: of the input, together of length 1, and of the units, each of length 1.
  private struct Vectors {
    var input: Matrix<Float>
    var spheres: [Matrix<Float>]

    mutating func normaliseInput() {
      let length = input.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { return }
      for k in input.elements.indices { input.elements[k] /= length }
    }

    mutating func normalise() {
      normaliseInput()
      for g in spheres.indices {
        for i in 0..<spheres[g].rows {
          let length = spheres[g].length(i)
          if length > 0 { for k in 0..<spheres[g].columns { spheres[g][i, k] /= length } }
        }
      }
    }

    /// Moves on by a share of the way from another iterate.
    mutating func extrapolate(from other: Vectors, by share: Float) {
      func move(_ x: inout Matrix<Float>, _ y: Matrix<Float>) {
        for k in x.elements.indices { x.elements[k] += share * (x.elements[k] - y.elements[k]) }
      }
      move(&input, other.input)
      for g in spheres.indices { move(&spheres[g], other.spheres[g]) }
      normalise()
    }
  }

  private func start(_ other: Start?) -> Vectors {
    let inputs = groups.first?.input.columns ?? targets.first?.input.columns ?? 0
    var random = SplitMix64(seed: 1)
    func fresh(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextGaussian()) } }
    var result = Vectors(
      input: other?.input ?? Matrix(rows: inputs, columns: Self.rank, elements: fresh(inputs * Self.rank)), spheres: [])
    for group in groups {
      var spheres = Matrix<Float>(rows: group.range.count, columns: Self.rank)
      for (i, unit) in group.range.enumerated() {
        for (k, value) in (other?.spheres[places[unit]] ?? fresh(Self.rank)).enumerated() { spheres[i, k] = value }
      }
      result.spheres.append(spheres)
    }
    result.normalise()
    return result
  }

  /// Maximises f.
  ///
  /// - Parameters:
  ///   - target: which of the form's targets.
  ///   - other: where to begin, or `nil`.
  ///   - iterations: the most steps.
  ///   - precision: where to stop: the relative growth of f in a step.
  func run(target index: Int, from other: Start?, iterations: Int, precision: Float, isCancelled: () -> Bool) -> Result {
    var current = start(other)
    var proposed = current
    var (square, best): (Float, Float) = (0, 0)
    var multipliers = [Double](repeating: 0, count: sectors.count)
    var momentum: Float = 0
    var still = 0
    for _ in 0..<max(1, iterations) {
      let pass = pass(proposed, target: index, multipliers: &multipliers)
      // What was extrapolated too far is taken back.
      if pass.square < square, momentum > 0 {
        (momentum, proposed) = (0, current)
        square = 0
        continue
      }
      still = pass.square < square * (1 + precision) ? still + 1 : 0
      (square, best) = (pass.square, max(best, pass.square))
      if still >= 2 || isCancelled() { break }
      let share = momentum / (momentum + 3)
      proposed = pass.next
      if share > 0 { proposed.extrapolate(from: current, by: share) }
      current = pass.next
      momentum += 1
    }
    var start = Start(input: current.input, spheres: [:])
    for (g, group) in groups.enumerated() {
      for (i, unit) in group.range.enumerated() { start.spheres[places[unit]] = current.spheres[g].row(i) }
    }
    return Result(square: Double(best), multipliers: multipliers, start: start)
  }

  /// Goes forward with the vectors given and back again.
  private func pass(_ x: Vectors, target index: Int, multipliers: inout [Double]) -> (square: Float, next: Vectors) {
    let target = targets[index]
    var arguments: [Matrix<Float>] = []
    var values: [Matrix<Float>] = []
    var y = Matrix.product(target.input, x.input)
    for (g, group) in groups.enumerated() {
      var p = Matrix.product(group.input, x.input)
      for (other, map) in group.coupling.enumerated() { Matrix.multiply(map, values[other], into: &p, accumulating: true) }
      var h = p
      for i in 0..<group.range.count { h.setRow(i, group.centers[i], p, group.reaches[i] * p.length(i), x.spheres[g]) }
      Matrix.multiply(target.units[g], h, into: &y, accumulating: true)
      arguments.append(p)
      values.append(h)
    }
    let square = y.elements.reduce(0) { $0 + $1 * $1 }
    var next = x
    next.input = Matrix.product(target.input, y, transposingLeft: true)
    var slopes = target.units.map { Matrix.product($0, y, transposingLeft: true) }
    for (g, group) in groups.enumerated().reversed() {
      var slope = slopes[g]
      let p = arguments[g]
      for i in 0..<group.range.count {
        let (a, length) = (slopes[g].length(i), p.length(i))
        if a > 0 { next.spheres[g].setRow(i, 1 / a, slopes[g], 0, p) }
        slope.setRow(i, group.centers[i], slopes[g], length > 0 ? group.reaches[i] * a / length : 0, p)
        multipliers[group.range.lowerBound + i] = Double(a) / max(Double(group.reaches[i]) * Double(length), 1e-30)
      }
      Matrix.multiply(group.input, slope, transposingLeft: true, into: &next.input, accumulating: true)
      for (other, map) in group.coupling.enumerated() {
        Matrix.multiply(map, slope, transposingLeft: true, into: &slopes[other], accumulating: true)
      }
    }
    next.normaliseInput()
    return (square, next)
  }

  /// Forms and the input's weight for ``MarginProof``, the multipliers raised from the output to the input by all that the margin leaves.
  func forms(_ result: Result, target: Int) -> (forms: [UnitForm], weight: Double) {
    let reach = targets[target].margin / radius
    let room = reach * reach / max(result.square, 1e-300)
    let levels = Double((depths.max() ?? 0) + 2)
    let factor = pow(max(1, room), 0.9 / levels)
    let forms = zip(sectors, zip(result.multipliers, depths)).map { sector, unit in
      var form = UnitForm()
      form.add(unit.0 * pow(factor, Double(unit.1 + 1)), sector)
      return form
    }
    return (forms, result.square * pow(factor, levels))
  }
}

extension Matrix<Float> {
  /// The length of a row.
  fileprivate func length(_ row: Int) -> Float {
    elements.withUnsafeBufferPointer { x in
      var sum: Float = 0
      for k in row * columns..<(row + 1) * columns { sum += x[k] * x[k] }
      return sum.squareRoot()
    }
  }

  /// A row becomes a combination of the same rows of two matrices.
  fileprivate mutating func setRow(_ row: Int, _ a: Float, _ x: Matrix, _ b: Float, _ y: Matrix) {
    let range = row * columns..<(row + 1) * columns
    x.elements.withUnsafeBufferPointer { x in
      y.elements.withUnsafeBufferPointer { y in
        elements.withUnsafeMutableBufferPointer { target in for k in range { target[k] = a * x[k] + b * y[k] } }
      }
    }
  }
}
