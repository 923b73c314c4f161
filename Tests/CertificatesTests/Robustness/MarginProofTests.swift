import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// What is proved of margins is decided again in exact arithmetic, where cancellation makes rounding as large as it can be.
@Suite("Margin proofs")
struct MarginProofTests {
  /// How forms of two units are made to cancel.
  enum Cancellation: CaseIterable {
    case none, squares, products, lines, all
  }

  /// A network of one input and few units, all of them undecided, reduced around a point.
  private func form(units: Int, targets: Int, isDeep: Bool, margin: Double, using random: inout SplitMix64) throws
    -> (form: LocalForm, input: InputFactor)
  {
    func number() -> Double { Double.random(in: 0.25...2, using: &random) * (Bool.random(using: &random) ? 1 : -1) }
    let center = Double.random(in: -0.01...0.01, using: &random)
    var nodes: [LoweredNetwork.Node] = [.init(name: "x", kind: .input, count: 1)]
    func add(_ name: String, _ count: Int, _ kind: LoweredNetwork.Kind) -> Int {
      nodes.append(.init(name: name, kind: kind, count: count))
      return nodes.count - 1
    }
    func dense(_ source: Int, _ rows: Int, _ columns: Int) -> (source: Int, map: DenseMap<Double>) {
      (source, DenseMap(weight: Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in number() })))
    }
    func affine(_ terms: [(source: Int, map: DenseMap<Double>)], bias: [Double]) -> LoweredNetwork.Kind {
      .affine(terms: terms.map { .init(source: $0.source, map: $0.map) }, bias: bias)
    }
    var sources: [Int] = []
    if isDeep {
      for _ in 0..<units {
        let p = add("p", 1, affine([dense(0, 1, 1)] + sources.map { dense($0, 1, 1) }, bias: [0]))
        sources.append(add("h", 1, .activation(source: p, units: .uniform(.relu))))
      }
    } else {
      let p = add("p", units, affine([dense(0, units, 1)], bias: Array(repeating: 0, count: units)))
      sources = [add("h", units, .activation(source: p, units: .uniform(.absoluteValue)))]
    }
    let terms = [dense(0, targets, 1)] + sources.map { dense($0, targets, isDeep ? 1 : units) }
    _ = add("y", targets, affine(terms, bias: (0..<targets).map { _ in margin * Double.random(in: 0.5...1, using: &random) }))
    let network = LoweredNetwork(nodes: nodes)
    let region = Region.ball(center: [center], radius: 1)
    let form = try LocalForm(
      IncrementNetwork(network), center: [center], region: region, intervals: try BoundPropagation(network, region: region).intervals,
      rows: Matrix<Double>.identity(targets))
    return (form, try InputFactor(form.inputRows))
  }

  /// Forms around sectors; with `size` times parts that cancel but for a share of some 10⁻⁵.
  private func forms(
    _ form: LocalForm, _ input: InputFactor, _ cancellation: Cancellation, size: Double, using random: inout SplitMix64
  ) -> [UnitForm] {
    func number() -> Double { Double.random(in: -1...1, using: &random) }
    var result = form.units.map { _ in UnitForm(hh: -1 + 0.2 * number(), hp: number(), pp: 0.1 * number(), h: number(), p: number()) }
    let last = result.count - 1
    guard last > 0 else { return result }
    // p of the last unit is about a p + b h of the first.
    let (a, b) = (input.factor[last, 0] / input.factor[0, 0], form.coupling[last, 0])
    let sign = Bool.random(using: &random) ? size : -size
    if cancellation == .squares || cancellation == .all {
      result[last].pp -= sign
      result[0].add(sign, UnitForm(hh: b * b, hp: 2 * a * b, pp: a * a))
    }
    if cancellation == .products {
      // h of the last with p of the last against p and h of the first cannot cancel in squares; hp of the first does with pp of the last.
      result[last].pp -= size
      result[0].add(size, UnitForm(hh: b * b, hp: 2 * a * b, pp: a * a))
      result[last].hp += 1e-5 * sign
      for i in [0, last] { result[i].hh -= 1e-4 * size }
    }
    if cancellation == .lines || cancellation == .all {
      result[last].p += sign
      result[0].add(-sign, UnitForm(h: b, p: a))
    }
    return result
  }

  /// Whether for some t > 0 and all w 2 (m t + k) + 2 (t c − g)′w + w′2Pw > 0, in exact arithmetic.
  private func isTrue(_ form: LocalForm, _ input: InputFactor, _ forms: [UnitForm], _ rho: Double, target: Int) -> Bool {
    let (count, inputs) = (form.units.count, input.factor.columns)
    let order = inputs + count
    var matrix = SymmetricForm(order: order + 2)
    func unit(_ k: Int) -> [Dyadic] { (0..<order + 2).map { $0 == k ? 1 : 0 } }
    // (w, o) ↦ w′2Pw + 2 w′(g, c)o + o′To with T = [[2k, −m], [−m, 0]], which is what is asked for o = (−1, t).
    for k in 0..<inputs { matrix.add(2 * Dyadic(rho), unit(k), unit(k)) }
    var constant = -(Dyadic(rho) * Dyadic(form.radius) * Dyadic(form.radius))
    for (i, q) in forms.enumerated() {
      var p = [Dyadic](repeating: .zero, count: order + 2)
      for k in 0...i { p[k] = Dyadic(input.factor[i, k]) }
      for j in 0..<i { p[inputs + j] = Dyadic(form.coupling[i, j]) }
      let h = unit(inputs + i)
      matrix.add(-2 * Dyadic(q.hh), h, h)
      matrix.add(-2 * Dyadic(q.hp), h, p)
      matrix.add(-2 * Dyadic(q.pp), p, p)
      matrix.add(2 * Dyadic(q.h), h, unit(order))
      matrix.add(2 * Dyadic(q.p), p, unit(order))
      constant = constant + Dyadic(q.minimum(over: form.units[i]))
    }
    for k in 0...count + target { matrix.add(2 * Dyadic(input.factor[count + target, k]), unit(k), unit(order + 1)) }
    for i in 0..<count { matrix.add(2 * Dyadic(form.targets[target].units[i]), unit(inputs + i), unit(order + 1)) }
    matrix.add(2 * constant, unit(order), unit(order))
    matrix.add(-2 * Dyadic(form.targets[target].margin), unit(order), unit(order + 1))
    // Elimination without divisions multiplies the Schur complement by a positive number.
    var m = matrix.entries
    for k in 0..<order {
      if m[k][k].isNegative || m[k][k].isZero { return false }
      for i in k + 1..<order + 2 {
        for j in k + 1...i {
          m[i][j] = m[i][j] * m[k][k] + -(m[i][k] * m[j][k])
          m[j][i] = m[i][j]
        }
      }
    }
    return isPositiveSomewhere(m[order][order], -m[order + 1][order], -m[order + 1][order + 1])
  }

  /// Whether k + 2 b t − a t² > 0 for some t > 0.
  private func isPositiveSomewhere(_ k: Dyadic, _ b: Dyadic, _ a: Dyadic) -> Bool {
    func isPositive(_ x: Dyadic) -> Bool { !x.isNegative && !x.isZero }
    if isPositive(k) || a.isNegative { return true }
    return isPositive(b) && (a.isZero || isPositive(b * b + a * k))
  }

  @Test("What is proved at the ends of the weights that prove it is true", arguments: Cancellation.allCases, [false, true])
  func exact(cancellation: Cancellation, isDeep: Bool) throws {
    var random = SplitMix64(seed: 11)
    var edges = 0
    for round in 0..<10 {
      let (units, targets) = (cancellation == .none ? 1 + round % 2 : 2, 1 + round / 2 % 2)
      let size = Double.random(in: 1e3...1e9, using: &random)
      // Small ones are lost to large weights, others are not.
      let margin = pow(10, Double.random(in: 0.3...(cancellation == .none ? 1.5 : 3 + 0.5 * log10(size)), using: &random))
      let (form, input) = try form(units: units, targets: targets, isDeep: isDeep, margin: margin, using: &random)
      #expect(form.units.count == units)
      let forms = forms(form, input, cancellation, size: size, using: &random)
      for target in 0..<targets {
        func isProved(_ rho: Double) -> Bool {
          (try? MarginProof.prove(form, input: input, forms: forms, weight: rho)[target]) ?? false
        }
        let grid = (-4...40).map { Double(sign: .plus, exponent: $0, significand: 1) }
        for (one, two) in zip(grid, grid.dropFirst()) where isProved(one) != isProved(two) {
          var (good, bad) = isProved(one) ? (one, two) : (two, one)
          while true {
            let middle = 0.5 * (good + bad)
            if middle == good || middle == bad { break }
            if isProved(middle) { good = middle } else { bad = middle }
          }
          edges += 1
          #expect(isTrue(form, input, forms, good, target: target), "ρ = \(good), size \(size)")
        }
      }
    }
    #expect(edges > 2)
  }

  @Test("The vertex of a parabola is decided as in exact arithmetic, or on the safe side")
  func vertices() {
    var random = SplitMix64(seed: 12)
    var count = 0
    for _ in 0..<4000 {
      let (m, g) = (Double.random(in: -1...2, using: &random), Double.random(in: -1...1, using: &random))
      let a = Double.random(in: 0.1...4, using: &random)
      // Next to where the greatest value is zero.
      let k = -(m + g) * (m + g) / a * (1 + Double(Int.random(in: -3...3, using: &random)) * 0x1p-53)
      guard MarginProof.isPositive(margin: m, square: a, mixed: g, constant: k) else { continue }
      count += 1
      #expect(isPositiveSomewhere(Dyadic(k), Dyadic(m) + Dyadic(g), Dyadic(a)))
    }
    for _ in 0..<100 {
      let (m, a) = (Double.random(in: 0.1...2, using: &random), Double.random(in: 0.1...4, using: &random))
      #expect(MarginProof.isPositive(margin: m, square: a, mixed: 0, constant: -m * m / a * (1 - 1e-14)))
      #expect(!MarginProof.isPositive(margin: -m, square: a, mixed: 0, constant: -m * m / a * (1 - 1e-14)))
    }
    #expect(!MarginProof.isPositive(margin: 1, square: -1, mixed: 0, constant: -1))
    for bad in [Double.nan, .infinity, -.infinity, 0x1p+401] {
      #expect(!MarginProof.isPositive(margin: bad, square: 1, mixed: 0, constant: -1e-9))
      #expect(!MarginProof.isPositive(margin: 1, square: bad, mixed: 0, constant: -1e-9))
      #expect(!MarginProof.isPositive(margin: 1, square: 1, mixed: bad, constant: -1e-9))
      #expect(!MarginProof.isPositive(margin: 1, square: 1, mixed: 0, constant: bad))
    }
  }

  /// For every target the greatest value of 2 (m t + k) − (t c − g)′(2P)⁻¹(t c − g), from the definition and in floating point; `nil` unless P > 0.
  private func estimate(_ form: LocalForm, _ input: InputFactor, _ forms: [UnitForm], _ rho: Double) throws -> [Double]? {
    let (count, inputs) = (form.units.count, input.factor.columns)
    let order = inputs + count
    var (matrix, linear) = (Matrix<Double>(rows: order, columns: order), [Double](repeating: 0, count: order))
    var constant = -rho * form.radius * form.radius
    for k in 0..<inputs { matrix[k, k] = 2 * rho }
    for (i, q) in forms.enumerated() {
      let p = (0..<order).map { $0 < inputs ? input.factor[i, $0] : form.coupling[i, $0 - inputs] }
      let row = inputs + i
      for j in 0..<order {
        for k in 0..<order { matrix[j, k] -= 2 * q.pp * p[j] * p[k] }
        linear[j] += q.p * p[j]
        matrix[row, j] -= q.hp * p[j]
        matrix[j, row] -= q.hp * p[j]
      }
      matrix[row, row] -= 2 * q.hh
      linear[row] += q.h
      constant += q.minimum(over: form.units[i])
    }
    guard let factor = try? matrix.cholesky() else { return nil }
    let x = try factor.solvedTriangular(.lower, linear)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return try form.targets.enumerated().map { j, target in
      let c = (0..<order).map { $0 < inputs ? input.factor[count + j, $0] : target.units[$0 - inputs] }
      let y = try factor.solvedTriangular(.lower, c)
      let slope = target.margin + dot(x, y)
      return 2 * constant - dot(x, x) + (slope > 0 ? slope * slope / dot(y, y) : 0)
    }
  }

  @Test("With more units than a block holds the bound is that of the definition", arguments: [(70, false), (5, true), (12, true)])
  func blocks(units: Int, isDeep: Bool) throws {
    var random = SplitMix64(seed: 13)
    let targets = 3
    let (form, input) = try form(units: units, targets: targets, isDeep: isDeep, margin: 400, using: &random)
    #expect(form.units.count == units)
    var verdicts: Set<Bool> = []
    for _ in 0..<(units > 64 ? 1 : 12) {
      let forms = forms(form, input, .none, size: 0, using: &random)
      for exponent in stride(from: 0.0, to: 14, by: units > 64 ? 4 : 0.5) {
        let rho = pow(2, exponent)
        let proved = (try? MarginProof.prove(form, input: input, forms: forms, weight: rho)) ?? Array(repeating: false, count: targets)
        verdicts.formUnion(proved)
        guard let values = try estimate(form, input, forms, rho) else {
          #expect(!proved.contains(true))
          continue
        }
        for (isProved, value) in zip(proved, values) where value.magnitude > 1e-6 * rho { #expect(isProved == (value > 0), "\(value)") }
      }
    }
    #expect(verdicts.count == 2)
  }

  /// |E| ≤ γ N implies E ≤ diag D as soon as γ N ≤ diag D: for non-negative N all signs + are the worst.
  @Test("The slacks dominate every rounding of the matrix and of its linear part", arguments: [(1, 1), (3, 2), (9, 4)])
  func slacks(count: Int, inputs: Int) throws {
    var random = SplitMix64(seed: 17)
    func number() -> Double { random.nextGaussian() * pow(2, Double(Int.random(in: -6...6, using: &random))) }
    for round in 0..<20 {
      let order = inputs + count
      var s = Matrix<Double>(rows: order, columns: count)
      for k in 0..<order { for i in max(0, k - inputs)..<count { s[k, i] = number() } }
      // All coefficients, or one kind of them alone.
      let forms = (0..<count).map { _ in
        let c = (0..<5).map { $0 == round % 6 || round % 6 == 5 ? number() : 0 }
        return UnitForm(hh: c[0], hp: c[1], pp: c[2], h: c[3], p: c[4])
      }
      let (diagonal, constant, rho) = ((0..<order).map { _ in number() }, number(), round % 2 == 0 ? number().magnitude : 0)
      let slack = MarginProof.slack(s, diagonal: diagonal, constant: constant, rho: rho, forms: forms)
      let gamma = ErrorBounds.gamma(count + 5)
      var difference = Matrix<Double>(rows: order + 1, columns: order + 1)
      for (i, q) in forms.enumerated() {
        for j in 0..<order {
          for k in 0..<order { difference[j, k] -= 2 * gamma * (q.pp * s[j, i] * s[k, i]).magnitude }
          difference[order, j] -= gamma * (q.p * s[j, i]).magnitude
          difference[inputs + i, j] -= gamma * (q.hp * s[j, i]).magnitude
          difference[j, inputs + i] -= gamma * (q.hp * s[j, i]).magnitude
        }
        difference[inputs + i, inputs + i] -= 2 * gamma * q.hh.magnitude
        difference[order, inputs + i] -= gamma * q.h.magnitude
      }
      for k in 0..<inputs { difference[k, k] -= 2 * gamma * rho }
      for k in 0..<order { difference[k, order] = difference[order, k] }
      for (k, own) in (slack.matrix + [slack.linear]).enumerated() { difference[k, k] += own }
      let scales = (0...order).map { 1 / difference[$0, $0].magnitude.squareRoot() }
      for j in 0...order { for k in 0...order { difference[j, k] *= scales[j] * scales[k] } }
      #expect((try? difference.cholesky()) != nil)
    }
  }

  @Test("Products of rows that begin with zeros", arguments: [(3, 5), (64, 64), (65, 130), (150, 70), (1, 600)])
  func products(rows: Int, columns: Int) {
    var random = SplitMix64(seed: 14)
    let starts = (0..<rows).map { _ in Int.random(in: 0...columns, using: &random) }
    func matrix() -> Matrix<Double> {
      var result = Matrix<Double>(rows: rows, columns: columns)
      for i in 0..<rows { for j in starts[i]..<columns { result[i, j] = Double(Int.random(in: -9...9, using: &random)) } }
      return result
    }
    let (a, b) = (matrix(), matrix())
    let (with, without) = (SymmetricProduct.product(a, b, starts: starts, isTriangle: true), SymmetricProduct.product(a, b))
    let gram = SymmetricProduct.gram(a)
    for i in 0..<rows {
      for j in 0..<rows {
        let exact = (0..<columns).reduce(0) { $0 + a[i, $1] * b[j, $1] }
        #expect(without[i, j] == exact)
        if j <= i { #expect(with[i, j] == exact) }
        #expect(gram[i, j] == (0..<columns).reduce(0) { $0 + a[i, $1] * a[j, $1] })
      }
    }
  }

  @Test("AA′ ≤ LL′ in exact arithmetic, for rows that depend on each other, are zero, tiny or large")
  func inputs() throws {
    var random = SplitMix64(seed: 15)
    for round in 0..<24 {
      let n = 1 + round % 4
      let scales = (0..<n).map { _ in
        Double(sign: .plus, exponent: Int.random(in: round.isMultiple(of: 3) ? -140...140 : -2...2, using: &random), significand: 1)
      }
      var a: Matrix<Double> = random.gaussianMatrix(rows: n, columns: 1 + round % 3)
      for i in 0..<n { for j in 0..<a.columns { a[i, j] *= round % 5 == 4 && i == 0 ? 0 : scales[i] } }
      let factor = try InputFactor(a).factor
      let isLarger = SymmetricForm(order: n) { i, j in
        (0..<n).reduce(.zero) { $0 + Dyadic(factor[i, $1]) * Dyadic(factor[j, $1]) }
          + -(0..<a.columns).reduce(.zero) { $0 + Dyadic(a[i, $1]) * Dyadic(a[j, $1]) }
      }.isPositiveDefiniteByElimination
      #expect(isLarger)
      for i in 0..<n { for j in i + 1..<max(n, i + 1) { #expect(factor[i, j] == 0) } }
    }
  }

  @Test("Forms and weights that are not numbers, too large or negative, and lists that do not fit")
  func refusals() throws {
    var random = SplitMix64(seed: 16)
    let (form, input) = try form(units: 2, targets: 1, isDeep: true, margin: 50, using: &random)
    let good = forms(form, input, .none, size: 0, using: &random)
    let weight = try #require(
      (-4...12).map { pow(2, Double($0)) }.first { (try? MarginProof.prove(form, input: input, forms: good, weight: $0)[0]) == true })
    for bad in [Double.nan, .infinity, -.infinity, -weight, -1e-300, 0x1p+201] {
      #expect(throws: NotProved.self) { try MarginProof.prove(form, input: input, forms: good, weight: bad) }
    }
    for bad in [Double.nan, .infinity, -.infinity, 0x1p+201, -0x1p+201] {
      for k in 0..<5 {
        var forms = good
        var c = forms[1].coefficients
        c[k] = bad
        forms[1] = UnitForm(hh: c[0], hp: c[1], pp: c[2], h: c[3], p: c[4])
        #expect(throws: NotProved.self) { try MarginProof.prove(form, input: input, forms: forms, weight: weight) }
      }
    }
    #expect(throws: NotProved.self) { try MarginProof.prove(form, input: input, forms: Array(good.dropLast()), weight: weight) }
    #expect(throws: NotProved.self) { try MarginProof.prove(form, input: input, target: 1, forms: good, weight: weight) }
    #expect(throws: NotProved.self) { try MarginProof.prove(form, input: input, target: -1, forms: good, weight: weight) }
    let other = try InputFactor(Matrix(rows: 2, columns: 1, elements: [1, 1]))
    #expect(throws: NotProved.self) { try MarginProof.prove(form, input: other, forms: good, weight: weight) }
    #expect(throws: Interruptible.cancelled) {
      try MarginProof.prove(form, input: input, forms: good, weight: weight, isCancelled: { true })
    }
  }
}
