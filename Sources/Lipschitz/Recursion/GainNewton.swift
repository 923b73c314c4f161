import CKernels
import Certificates
import LinearAlgebra

/// The matrix ⟨F_i, X F_j Y⟩ of a step, factored: first each stage's own variables, then the chain of gains between stages.
///
/// With symmetric X and Y the derivative of X S Y in matrix variables is a sum of Kronecker products of small matrices L X R′ and R Y L′, so
/// that it costs a few multiplications an entry.
struct GainNewton {
  private let system: GainSystem
  private let layout: GainLayout
  /// 1/√ of the diagonal.
  private var scale: [Double]
  private var factors: [Matrix<Double>] = []
  private var couplings: [Matrix<Double>] = []
  private var linkFactors: [Matrix<Double>] = []
  private var linkCouplings: [Matrix<Double>] = []
  /// For each stage and link the places of its values in y.
  private let interiors: [[Int]]
  private let links: [[Int]]

  /// Forms and factors the matrix.
  ///
  /// - Throws: ``LinearAlgebraError`` when it is not positive definite even with a slight shift.
  init(_ system: GainSystem, _ layout: GainLayout, x: [Matrix<Double>], y: [Matrix<Double>]) throws {
    self.system = system
    self.layout = layout
    func places(_ variables: [Int]) -> [Int] { variables.flatMap { Array(system.offsets[$0]..<system.offsets[$0 + 1]) } }
    let interiors = layout.stages.map { places($0.interior) }
    let links = layout.links.map(places)
    (self.interiors, self.links) = (interiors, links)
    let stages = layout.stages
    let matrices = ParallelFor.map(stages.count) { Self.matrix(system, stages[$0], layout.links, x: x, y: y) }
    var diagonal = [Double](repeating: 0, count: system.count)
    for (k, stage) in stages.enumerated() {
      for (i, place) in Self.stagePlaces(interiors[k], links, stage).enumerated() { diagonal[place] += matrices[k][i, i] }
    }
    scale = diagonal.map { $0 > 0 && $0.isFinite ? 1 / $0.squareRoot() : 1 }
    var failure: (any Error)?
    for shift in [1e-14, 1e-12, 1e-10, 1e-8] {
      do {
        try factor(matrices, shift: shift)
        return
      } catch { failure = error }
    }
    throw failure ?? LinearAlgebraError.notPositiveDefinite(order: 1)
  }

  private static func stagePlaces(_ interior: [Int], _ links: [[Int]], _ stage: GainLayout.Stage) -> [Int] {
    interior + links[stage.before] + (stage.after.map { links[$0] } ?? [])
  }

  /// A stage's part of the matrix; the lower triangle is meant.
  private static func matrix(
    _ system: GainSystem, _ stage: GainLayout.Stage, _ links: [[Int]], x: [Matrix<Double>], y: [Matrix<Double>]
  ) -> Matrix<Double> {
    let variables = stage.interior + links[stage.before] + (stage.after.map { links[$0] } ?? [])
    var starts: [Int: Int] = [:]
    var total = 0
    for variable in variables {
      starts[variable] = total
      total += system.kinds[variable].count
    }
    var result = Matrix<Double>(rows: total, columns: total)
    for index in stage.inequalities {
      let parts = system.inequalities[index].parts
      let right = parts.map { $0.right.rows(of: x[index]) }
      let left = parts.map { $0.left.rows(of: y[index]) }
      for (d, first) in parts.enumerated() {
        let p = system.kinds[first.variable]
        guard let row = starts[first.variable] else { continue }
        for second in parts {
          guard let column = starts[second.variable], column <= row else { continue }
          let q = system.kinds[second.variable]
          // ⟨σE, X σG Y⟩ = Σ E_ij A_jk G_kl B_li with A = R X L′ and B′ = L Y R′.
          let a = second.left.columns(of: right[d])
          let b = second.right.columns(of: left[d])
          let factor = first.coefficient * second.coefficient
          result.elements.withUnsafeMutableBufferPointer { target in
            guard let base = target.baseAddress else { return }
            lipcert_add_kronecker(
              p.code, p.order, q.code, q.order, factor, a.elements, b.elements, base + row * total + column, total)
          }
        }
      }
    }
    return result
  }

  private mutating func factor(_ matrices: [Matrix<Double>], shift: Double) throws {
    var diagonals = links.map { Matrix<Double>(rows: $0.count, columns: $0.count) }
    var lower = links.indices.dropFirst().map { Matrix<Double>(rows: links[$0].count, columns: links[$0 - 1].count) }
    let (stages, scale) = (layout.stages, scale)
    let places = stages.indices.map { Self.stagePlaces(interiors[$0], links, stages[$0]) }
    let counts = interiors.map(\.count)
    let eliminated = try ParallelFor.map(stages.count) { index in
      try Self.eliminate(matrices[index], places[index].map { scale[$0] }, counts[index], shift)
    }
    factors = eliminated.map(\.factor)
    couplings = eliminated.map(\.coupling)
    for (part, stage) in zip(eliminated, stages) {
      let n = links[stage.before].count
      diagonals[stage.before].add(1, part.rest.block(row: 0, column: 0, rows: n, columns: n))
      if let after = stage.after {
        let m = links[after].count
        diagonals[after].add(1, part.rest.block(row: n, column: n, rows: m, columns: m))
        lower[after - 1].add(1, part.rest.block(row: n, column: 0, rows: m, columns: n))
      }
    }
    linkFactors = []
    linkCouplings = []
    for index in links.indices {
      for i in 0..<links[index].count { diagonals[index][i, i] += shift }
      if index > 0 {
        var w = lower[index - 1]
        try linkFactors[index - 1].solveTriangular(.lower, transposing: true, fromRight: true, &w)
        Matrix.multiply(w, w, transposingRight: true, scale: -1, into: &diagonals[index], accumulating: true)
        linkCouplings.append(w)
      }
      linkFactors.append(try diagonals[index].cholesky())
    }
  }

  /// Cholesky factor of a stage's own variables, the coupling of its links to them, and what is left on the links.
  private static func eliminate(
    _ matrix: Matrix<Double>, _ scale: [Double], _ own: Int, _ shift: Double
  ) throws -> (factor: Matrix<Double>, coupling: Matrix<Double>, rest: Matrix<Double>) {
    var scaled = matrix
    let n = matrix.rows
    scaled.elements.withUnsafeMutableBufferPointer { a in
      for i in 0..<n { for j in 0..<n { a[i &* n &+ j] *= scale[i] * scale[j] } }
    }
    var pivots = scaled.block(row: 0, column: 0, rows: own, columns: own)
    for i in 0..<own { pivots[i, i] += shift }
    let factor = try pivots.cholesky()
    var coupling = scaled.block(row: own, column: 0, rows: n - own, columns: own)
    var rest = scaled.block(row: own, column: own, rows: n - own, columns: n - own)
    for i in 0..<n - own { for j in 0..<i { rest[j, i] = rest[i, j] } }
    if own > 0, n > own {
      try factor.solveTriangular(.lower, transposing: true, fromRight: true, &coupling)
      Matrix.multiply(coupling, coupling, transposingRight: true, scale: -1, into: &rest, accumulating: true)
    }
    return (factor, coupling, rest)
  }

  /// The solution of M d = r.
  func solve(_ r: [Double]) throws -> [Double] {
    var result = [Double](repeating: 0, count: r.count)
    var halves: [[Double]] = []
    var linkSides = links.map { $0.map { r[$0] * scale[$0] } }
    for (k, stage) in layout.stages.enumerated() {
      let half = try factors[k].solvedTriangular(.lower, interiors[k].map { r[$0] * scale[$0] })
      halves.append(half)
      guard couplings[k].rows > 0 else { continue }
      let moved = half.isEmpty ? [Double](repeating: 0, count: couplings[k].rows) : couplings[k].multiplied(by: half)
      let n = links[stage.before].count
      for i in 0..<n { linkSides[stage.before][i] -= moved[i] }
      if let after = stage.after { for i in 0..<links[after].count { linkSides[after][i] -= moved[n + i] } }
    }
    for index in links.indices {
      if index > 0, !links[index].isEmpty {
        let moved = linkCouplings[index - 1].multiplied(by: linkSides[index - 1])
        for i in moved.indices { linkSides[index][i] -= moved[i] }
      }
      linkSides[index] = try linkFactors[index].solvedTriangular(.lower, linkSides[index])
    }
    for index in links.indices.reversed() {
      if index + 1 < links.count, !links[index].isEmpty {
        let moved = linkCouplings[index].multiplied(by: linkSides[index + 1], transposing: true)
        for i in moved.indices { linkSides[index][i] -= moved[i] }
      }
      linkSides[index] = try linkFactors[index].solvedTriangular(.lower, transposing: true, linkSides[index])
    }
    for (k, stage) in layout.stages.enumerated() {
      let side = linkSides[stage.before] + (stage.after.map { linkSides[$0] } ?? [])
      var own = halves[k]
      if couplings[k].rows > 0, !own.isEmpty {
        let moved = couplings[k].multiplied(by: side, transposing: true)
        for i in moved.indices { own[i] -= moved[i] }
      }
      own = try factors[k].solvedTriangular(.lower, transposing: true, own)
      for (i, place) in interiors[k].enumerated() { result[place] = own[i] * scale[place] }
    }
    for (index, side) in linkSides.enumerated() { for (i, place) in links[index].enumerated() { result[place] = side[i] * scale[place] } }
    return result
  }
}

extension GainProgram.Variable {
  /// The kind, as the kernel numbers them.
  fileprivate var code: Int32 {
    switch self {
    case .symmetric: 0
    case .diagonal: 1
    case .multiple: 2
    }
  }
}
