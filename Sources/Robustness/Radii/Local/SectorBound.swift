import Certificates
import Foundation
import LinearAlgebra

/// How far targets can move on a ball when every unit is known by its anchored sector only: the symmetric lifted problem of a local form.
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
/// Multipliers that serve several targets, each in units of its margin, come from f = Σ w |a z + b h|², with weights w that grow where a target
/// moves more than the others.
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
    /// The greatest (L / margin)² of the targets, from below.
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
  private let margins: [Double]
  /// Of all targets, in units of their margins: rows over the input, and over the units of each group.
  private let targetInput: Matrix<Float>
  private let targetUnits: [Matrix<Float>]

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
    let (sectors, groupRanges) = (sectors, ranges)
    func block(_ matrix: Matrix<Double>, _ rows: Range<Int>, _ columns: Range<Int>) -> Matrix<Float> {
      var result = Matrix<Float>(rows: rows.count, columns: columns.count)
      for (i, row) in rows.enumerated() { for (j, column) in columns.enumerated() { result[i, j] = Float(matrix[row, column]) } }
      return result
    }
    groups = ranges.enumerated().map { g, range in
      Group(
        range: range, input: block(form.inputRows, range, 0..<form.inputRows.columns),
        coupling: groupRanges[..<g].map { block(form.coupling, range, $0) }, centers: range.map { Float(0.5 * sectors[$0].hp) },
        // (β − α)²/4 from the form; for a unit that is nearly straight rounding may leave any number near zero.
        reaches: range.map { Float(max(0x1p-35, 0.25 * sectors[$0].hp * sectors[$0].hp + sectors[$0].pp).squareRoot()) })
    }
    let last = form.units.last?.position ?? 0
    depths = form.units.map { last - $0.position }
    places = form.units.map { [$0.position, $0.index] }
    radius = form.radius
    let margins = form.targets.map(\.margin)
    self.margins = margins
    var targetInput = block(form.inputRows, count..<count + margins.count, 0..<form.inputRows.columns)
    for j in margins.indices { for k in 0..<targetInput.columns { targetInput[j, k] /= Float(margins[j]) } }
    self.targetInput = targetInput
    targetUnits = ranges.map { range in
      Matrix(
        rows: margins.count, columns: range.count,
        elements: form.targets.flatMap { target in target.units[range].map { Float($0 / target.margin) } })
    }
  }

  /// The least margin / (L r) of the targets of a run.
  func ratio(_ result: Result) -> Double { 1 / max(1e-30, result.square.squareRoot() * radius) }

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
      guard share > 0 else { return }
      func move(_ x: inout Matrix<Float>, _ y: Matrix<Float>) {
        for k in x.elements.indices { x.elements[k] += share * (x.elements[k] - y.elements[k]) }
      }
      move(&input, other.input)
      for g in spheres.indices { move(&spheres[g], other.spheres[g]) }
      normalise()
    }
  }

  private func start(_ other: Start?) -> Vectors {
    let inputs = targetInput.columns
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
  ///   - chosen: which of the form's targets.
  ///   - other: where to begin, or `nil`.
  ///   - iterations: the most steps.
  ///   - precision: where to stop: when f grows by less than this share in a step,
  ///   - patience: in so many steps one after the other.
  func run(targets chosen: [Int], from other: Start?, iterations: Int, precision: Float, patience: Int = 2, isCancelled: () -> Bool)
    -> Result
  {
    var rows = Targets(
      input: targetInput.selecting(chosen), units: targetUnits.map { $0.selecting(chosen) },
      weights: Array(repeating: 1 / Float(chosen.count), count: chosen.count))
    var current = start(other)
    var proposed = current
    var (square, best): (Float, Float) = (0, 0)
    var multipliers = [Double](repeating: 0, count: sectors.count)
    var (momentum, still): (Float, Int) = (0, 0)
    for iteration in 0..<max(1, iterations) {
      let pass = pass(proposed, rows, multipliers: &multipliers)
      let sum = zip(rows.weights, pass.squares).reduce(0) { $0 + $1.0 * $1.1 }
      // What was extrapolated too far is taken back.
      if sum < square, momentum > 0 {
        (momentum, proposed, square) = (0, current, 0)
        continue
      }
      still = sum < square * (1 + precision) ? still + 1 : 0
      (square, best) = (sum, pass.squares.max() ?? 0)
      if still >= patience && (chosen.count == 1 || iteration > 30) || isCancelled() { break }
      if chosen.count > 1, iteration % 4 == 3, rows.balance(pass.squares) { square = 0 }
      proposed = pass.next
      proposed.extrapolate(from: current, by: momentum / (momentum + 3))
      current = pass.next
      momentum += 1
    }
    var start = Start(input: current.input, spheres: [:])
    for (g, group) in groups.enumerated() {
      for (i, unit) in group.range.enumerated() { start.spheres[places[unit]] = current.spheres[g].row(i) }
    }
    return Result(square: Double(best), multipliers: multipliers, start: start)
  }

  /// The targets of a run.
  private struct Targets {
    let input: Matrix<Float>
    let units: [Matrix<Float>]
    /// w, 1 in all.
    var weights: [Float]

    /// Gives more weight to targets that move more; whether any weight changed much.
    mutating func balance(_ squares: [Float]) -> Bool {
      let old = weights
      let largest = squares.max() ?? 1
      guard largest > 0 else { return false }
      for j in weights.indices { weights[j] *= squares[j] / largest }
      let sum = weights.reduce(0, +)
      let floor = 0.8 / Float(weights.count)
      for j in weights.indices { weights[j] = max(floor, weights[j] / sum) }
      return zip(old, weights).contains { ($0 - $1).magnitude > 0.01 }
    }
  }

  /// Goes forward with the vectors given and back again; also tells |a z + b h|² of every target.
  private func pass(_ x: Vectors, _ targets: Targets, multipliers: inout [Double]) -> (squares: [Float], next: Vectors) {
    var arguments: [Matrix<Float>] = []
    var values: [Matrix<Float>] = []
    var y = Matrix.product(targets.input, x.input)
    for (g, group) in groups.enumerated() {
      var p = Matrix.product(group.input, x.input)
      for (other, map) in group.coupling.enumerated() { Matrix.multiply(map, values[other], into: &p, accumulating: true) }
      var h = p
      for i in 0..<group.range.count { h.setRow(i, group.centers[i], p, group.reaches[i] * p.length(i), x.spheres[g]) }
      Matrix.multiply(targets.units[g], h, into: &y, accumulating: true)
      arguments.append(p)
      values.append(h)
    }
    let squares = (0..<y.rows).map { y.length($0) * y.length($0) }
    for j in 0..<y.rows { for k in 0..<y.columns { y[j, k] *= targets.weights[j] } }
    var next = x
    next.input = Matrix.product(targets.input, y, transposingLeft: true)
    var slopes = targets.units.map { Matrix.product($0, y, transposingLeft: true) }
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
    return (squares, next)
  }

  /// Forms and the input's weight for ``MarginProof``, the multipliers raised from the output to the input by all that the margins leave.
  func forms(_ result: Result) -> (forms: [UnitForm], weight: Double) {
    let room = ratio(result) * ratio(result)
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
  /// Some rows, in the order given.
  fileprivate func selecting(_ rows: [Int]) -> Matrix {
    Matrix(rows: rows.count, columns: columns, elements: rows.flatMap { row($0) })
  }

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
