import Certificates
import LinearAlgebra
import Networks

/// Multipliers rebuilt, from a point of the dual, out of the value function of the proof itself.
///
/// A point of the dual is a vector of increments for every node, each unit's on its sphere (<doc:LiftedSolver>); it comes from the
/// lifted iteration or from a semidefinite solver's dual matrix. The multipliers |A| / (d|P|) of a lifted iterate use the adjoint A of the
/// *linearised* output; at the optimum A = Q_hh H + Q_ho V_o, the gain applied to the increments. Away from it the gain of the proof under
/// way is the better A: at each activation node, going backwards, H = cP + d|P| A/|A| and A = Q_hh H + Q_ho V_o are iterated a few times with
/// that Q, and t = (1 + e)|A| / (d|P|). Small random columns are added to the increments of every node, so that directions which the iterate
/// does not excite get multipliers too. Units that share a multiplier also share the lengths, t = (1 + e)|A|_g / |dP|_g. Measured on deep
/// chains this needs a tenth of the gap that uniformly inflated multipliers leave.
struct SelfConsistentMultipliers {
  private static let noiseColumns = 8
  private static let rounds = 8

  private let sectors: [UnitSectors]
  private let groups: [UnitGroups]?
  private let inflation: Double
  private let preactivations: [Int]
  private let activations: [Int]
  private let batches: [Matrix<Double>]

  /// Prepares the rule.
  ///
  /// - Parameters:
  ///   - values: every node's increments, one row for each direction, such as ``LiftedIteration/snapshot()``.
  ///   - groups: for each activation node the units that share a multiplier, or `nil` when each has its own.
  ///   - inflation: e ≥ 0; about 0.15 σ is good.
  ///   - noise: the energy of the random columns relative to the iterate's, or `nil` for 10 e. Too much of it, and multipliers serve the
  ///     noise: then bounds grow by factors from one e to the next.
  ///   - seed: of the random columns; the same in every call, so that bounds for different e compare.
  init(
    _ network: LoweredNetwork, sectors: [UnitSectors], groups: [UnitGroups]? = nil, values: [Matrix<Double>], inflation: Double,
    noise energy: Double? = nil, seed: UInt64
  ) {
    self.sectors = sectors
    self.groups = groups
    self.inflation = max(inflation, 1e-13)
    activations = network.activationNodes
    var randomness = SplitMix64(seed: seed)
    let size = ((energy ?? 10 * self.inflation) / Double(Self.noiseColumns)).squareRoot()
    var noise: [Matrix<Double>] = []
    var sources: [Int] = []
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input, .activation:
        if case .activation(let source, _) = node.kind { sources.append(source) }
        let squares = values[index].elements.reduce(0) { $0 + $1 * $1 }
        let deviation = size * (squares / Double(max(1, node.count))).squareRoot()
        noise.append(randomness.gaussianMatrix(rows: Self.noiseColumns, columns: node.count, deviation: deviation))
      case .affine(let terms, _):
        var result = Matrix<Double>(rows: Self.noiseColumns, columns: node.count)
        for term in terms {
          if let map = term.map {
            map.apply(noise[term.source], to: &result, accumulating: true)
          } else {
            for i in result.elements.indices { result.elements[i] += noise[term.source].elements[i] }
          }
        }
        noise.append(result)
      }
    }
    preactivations = sources
    batches = zip(values, noise).map { v, n in
      Matrix(rows: v.rows + n.rows, columns: v.columns, elements: v.elements + n.elements)
    }
    iterateRows = values.first?.rows ?? 0
  }

  private let iterateRows: Int

  /// The multipliers of one activation node; see `GainProof.init(network:sectors:isCancelled:choosing:)`.
  func callAsFunction(_ position: Int, _ stage: StageGain) throws -> [Double] {
    let p = batches[preactivations[position]]
    let sector = sectors[position]
    let c = zip(sector.lower, sector.upper).map { 0.5 * ($0 + $1) }
    let d = zip(sector.lower, sector.upper).map { 0.5 * ($1 - $0) }
    let diagonal = stage.unitDiagonal
    let own = groups?[position]
    func lengths(_ norms: [Double]) -> [Double] { own?.lengths(norms.map { $0 * $0 }) ?? norms }
    let radii = lengths(zip(d, p.columnNorms()).map { $0 * $1 })
    let fixed = stage.couplingProduct(rows: p.rows) { batches[$0] }
    // The iterate's own h where there is one, c·noise below it.
    var h = batches[activations[position]]
    for k in iterateRows..<h.rows { for i in 0..<h.columns { h[k, i] = c[i] * p[k, i] } }
    var a = Self.sum(fixed, stage.unitProduct(h))
    var normsOfA = lengths(a.columnNorms())
    for _ in 0..<Self.rounds {
      for i in 0..<h.columns {
        let scale = normsOfA[i] > 0 ? radii[i] / normsOfA[i] : 0
        for k in 0..<h.rows { h[k, i] = c[i] * p[k, i] + scale * a[k, i] }
      }
      a = Self.sum(fixed, stage.unitProduct(h))
      normsOfA = lengths(a.columnNorms())
    }
    let typical = zip(normsOfA, radii).reduce(0) { max($0, $1.1 > 0 ? $1.0 / $1.1 : 0) }
    var t = d.indices.map { i -> Double in
      guard d[i] > 0, diagonal[i] > 0 else { return 0 }
      // A unit that nothing reaches (p = 0 always) costs nothing, so its multiplier is as good as infinite.
      let ratio = radii[i] > 0 ? normsOfA[i] / radii[i] : 1e8 * max(typical, diagonal[i] / d[i])
      return (1 + inflation) * max(ratio, 1e-300)
    }
    try rescue(&t, stage, isInverted: c.contains { $0 != 0 } || !stage.otherNodes.isEmpty)
    return t
  }

  /// For the l_∞ norm, input weights in the direction |Q V₀|, iterated in the same way.
  func inputWeights(gain: Matrix<Double>) -> [Double] {
    guard var v = batches.first else { return [] }
    var norms: [Double] = []
    for round in 0..<Self.rounds {
      var a = Matrix<Double>(rows: v.rows, columns: v.columns)
      Matrix.multiply(v, gain, into: &a, accumulating: false)
      norms = a.columnNorms()
      if round == Self.rounds - 1 { break }
      for i in 0..<a.columns where norms[i] > 0 { for k in 0..<a.rows { v[k, i] = a[k, i] / norms[i] } }
    }
    return norms
  }

  /// Scales multipliers up where diag(t) − Q_hh is not positive definite.
  private func rescue(_ t: inout [Double], _ stage: StageGain, isInverted: Bool) throws {
    let free = t.indices.filter { t[$0] > 0 }
    guard !free.isEmpty else { return }
    guard t.count <= Self.largestFactored else { return try rescueByProducts(&t, stage) }
    let gain = stage.units
    var scaled = Matrix<Double>(rows: free.count, columns: free.count)
    let q = free.map { 1 / t[$0].squareRoot() }
    for (i, fi) in free.enumerated() { for (j, fj) in free.enumerated() { scaled[i, j] = -gain[fi, fj] * q[i] * q[j] } }
    var trial = scaled
    let margin = 1e-11
    for i in free.indices { trial[i, i] += 1 - margin }
    if (try? trial.cholesky()) != nil { return }
    for i in scaled.elements.indices { scaled.elements[i] = -scaled.elements[i] }
    let largest = try scaled.largestEigenvalueEstimate()
    let factor = max(1, largest) * (1 + (isInverted ? max(inflation, 1e-10) : 1e-10))
    for i in free { t[i] *= factor }
  }

  /// Above this order, eigenvalues come from products with Q_hh alone: a trial factorisation would take as much memory and time as the proof.
  private static let largestFactored = 3000

  private func rescueByProducts(_ t: inout [Double], _ stage: StageGain) throws {
    let scale = t.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    let pair = try Lanczos(tolerance: 1e-3, maximumIterations: 80).largestEigenpairs(1, order: t.count) { (x: [Double]) in
      let product = stage.unitProduct(Matrix(rows: 1, columns: x.count, elements: zip(x, scale).map { $0 * $1 }))
      return zip(product.elements, scale).map { $0 * $1 }
    }.first
    guard let pair else { return }
    // The largest eigenvalue may lie a little above what was found.
    let largest = pair.value + pair.residual
    let margin = 0.1 * inflation
    guard largest > 1 - margin else { return }
    for i in t.indices { t[i] *= largest / (1 - margin) * (1 + 1e-6) }
  }

  private static func sum(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    var result = a
    VectorKernels.add(1, b.elements, to: &result.elements)
    return result
  }
}
