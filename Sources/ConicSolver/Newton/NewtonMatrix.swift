import ConicPrograms
import LinearAlgebra

/// Forms the matrix A′DA of the Newton equations explicitly.
struct NewtonMatrix {
  private let program: ConicProgram
  /// The star covers of the semidefinite cones, `nil` for others.
  private let covers: [StarCover?]
  /// A_b′A_b of the semidefinite cones that needed it, for the variables of the cover.
  private var grams: [Int: Matrix<Double>] = [:]
  /// A by rows.
  private let rows: SparseColumns

  /// Elements of the stacked rows that one slice of the work holds at a time.
  private static var sliceSize: Int { 1 << 21 }
  /// Slices that run side by side; fixed, so that sums do not depend on the number of threads.
  private static var wave: Int { 4 }

  /// Prepares the patterns of a program.
  init(_ program: ConicProgram) {
    self.program = program
    covers = zip(program.cones, program.ranges).map { cone, range in
      if case .semidefinite(let order) = cone {
        StarCover(SemidefiniteColumns(program.coefficients, rows: range, order: order))
      } else {
        nil
      }
    }
    rows = program.coefficients.transposed
  }

  /// Multiply-adds of one matrix when the semidefinite cones' smaller sides have these sizes.
  func cost(of derivatives: [ProjectionDerivative]) -> Double {
    zip(derivatives, covers).reduce(0.0) { sum, pair in
      guard case .spectral(let spectrum) = pair.0, let cover = pair.1 else { return sum }
      let (m, n, r) = (Double(cover.columns.variables.count), Double(cover.columns.order), Double(spectrum.pairs.count))
      return sum + m * m * n * r / 2 + m * n * r * Double(cover.centres.count) / max(1, m)
    }
  }

  /// A′DA, both triangles, D at a value of the augmented Lagrangian.
  mutating func matrix(_ value: AugmentedLagrangian.Value) throws(LinearAlgebraError) -> Matrix<Double> {
    var result = Matrix<Double>(rows: program.variableCount, columns: program.variableCount)
    for (index, derivative) in value.derivatives.enumerated() {
      let range = program.ranges[index]
      switch derivative {
      case .identity: for row in range { addOuterProduct(of: row, weight: 1, to: &result) }
      case .selection(let active):
        for row in range where active[row - range.lowerBound] { addOuterProduct(of: row, weight: 1, to: &result) }
      case .secondOrder(let cone): add(cone, range, to: &result)
      case .spectral(let spectrum):
        guard let cover = covers[index] else { continue }
        if spectrum.pairs.count > 0 {
          let part =
            if let resolved = try Self.resolved(spectrum, cover, slack: value.slacks[range]) { resolved } else {
              try Self.stacked(spectrum, cover)
            }
          Self.scatter(part, cover.columns.variables, sign: spectrum.side == .positive ? 1 : -1, to: &result)
        }
        if spectrum.side == .nonpositive {
          let gram = grams[index] ?? Self.gram(program.coefficients, range, cover.columns.variables)
          grams[index] = gram
          Self.scatter(gram, cover.columns.variables, sign: 1, to: &result)
        }
      }
    }
    return result
  }

  /// Adds weight · aᵣ′aᵣ for row r of A.
  private func addOuterProduct(of row: Int, weight: Double, to result: inout Matrix<Double>) {
    let (m, own) = (result.columns, rows.range(row))
    result.elements.withUnsafeMutableBufferPointer { target in
      for k in own {
        let factor = weight * rows.values[k]
        for l in own { target[rows.rows[k] &* m &+ rows.rows[l]] += factor * rows.values[l] }
      }
    }
  }

  /// Adds A_b′DA_b for a second-order cone: with a₀ the first row and a_w = A_b′(0, w),
  /// β A_b′A_b + (½ − β)(a₀a₀′ + a_w a_w′) + ½ (a₀a_w′ + a_w a₀′).
  private func add(_ cone: SecondOrderDerivative, _ range: Range<Int>, to result: inout Matrix<Double>) {
    guard cone.region != .polar else { return }
    for row in range { addOuterProduct(of: row, weight: cone.β, to: &result) }
    guard cone.region == .between else { return }
    var (first, along) = ([Double](repeating: 0, count: result.columns), [Double](repeating: 0, count: result.columns))
    for row in range {
      for k in rows.range(row) {
        if row == range.lowerBound { first[rows.rows[k]] += rows.values[k] }
        along[rows.rows[k]] += rows.values[k] * cone.axis[row - range.lowerBound]
      }
    }
    let (rest, m) = (0.5 - cone.β, result.columns)
    for i in 0..<m where first[i] != 0 || along[i] != 0 {
      let (a, b) = (rest * first[i] + along[i] / 2, rest * along[i] + first[i] / 2)
      for j in 0..<m { result.elements[i * m + j] += a * first[j] + b * along[j] }
    }
  }

  /// A_b′A_b for the rows in `range` and these columns.
  private static func gram(_ a: SparseColumns, _ range: Range<Int>, _ variables: [Int]) -> Matrix<Double> {
    var result = Matrix<Double>(rows: variables.count, columns: variables.count)
    // Which of the variables touch each row.
    var touching = [[(place: Int, value: Double)]](repeating: [], count: range.count)
    for (place, variable) in variables.enumerated() {
      for k in a.range(variable) where range.contains(a.rows[k]) { touching[a.rows[k] - range.lowerBound].append((place, a.values[k])) }
    }
    for entries in touching where !entries.isEmpty {
      for (i, x) in entries { for (j, y) in entries { result.elements[i * variables.count + j] += x * y } }
    }
    return result
  }

  private static func scatter(_ part: Matrix<Double>, _ variables: [Int], sign: Double, to result: inout Matrix<Double>) {
    let (m, count) = (result.columns, variables.count)
    result.elements.withUnsafeMutableBufferPointer { target in
      part.elements.withUnsafeBufferPointer { source in
        for (i, variable) in variables.enumerated() {
          for j in 0..<count { target[variable &* m &+ variables[j]] += sign * source[i &* count &+ j] }
        }
      }
    }
  }

  /// Σ_{k∈S} Σ_l ω_kl a_ikl a_jkl with a_ikl = q_k′F_i q_l: the Gram matrix of the rows √ω_kl a_ikl of all variables, S the side of
  /// `spectrum.pairs`; pairs inside S are stacked once with weight 2.
  static func stacked(_ spectrum: SpectralDerivative, _ cover: StarCover) throws(LinearAlgebraError) -> Matrix<Double> {
    let others = try spectrum.complement()
    let (n, m, r) = (spectrum.order, cover.columns.variables.count, spectrum.pairs.count)
    let own = spectrum.pairs
    // Row p: component p of all eigenvectors, those of S first.
    let components = Matrix(rows: n, columns: n, elements: own.vectors.elements + others.vectors.elements).transposed
    let products = cover.products(with: components)
    var slices: [Range<Int>] = []
    var (start, size) = (0, 0)
    for k in 0..<r {
      if k > start, size + m * (n - k) > sliceSize {
        slices.append(start..<k)
        (start, size) = (k, 0)
      }
      size += m * (n - k)
    }
    slices.append(start..<r)
    var result = Matrix<Double>(rows: m, columns: m)
    for waveStart in stride(from: 0, to: slices.count, by: wave) {
      let members = Array(slices[waveStart..<min(waveStart + wave, slices.count)])
      var parts = [Matrix<Double>](repeating: Matrix(rows: 0, columns: 0), count: members.count)
      parts.withUnsafeMutableBufferPointer { buffer in
        guard let parts = SharedBuffer(buffer) else { return }
        ParallelFor.run(members.count) { index in
          parts.base[index] = stack(members[index], own.values, others.values, cover, components, products).gram(transposing: true)
        }
      }
      for part in parts { result.add(part) }
    }
    return result
  }

  /// Row i: √ω_kl a_ikl for k in `slice` and l ≥ k.
  private static func stack(
    _ slice: Range<Int>, _ own: [Double], _ others: [Double], _ cover: StarCover, _ components: Matrix<Double>, _ products: Matrix<Double>
  ) -> Matrix<Double> {
    let (n, m) = (components.columns, cover.columns.variables.count)
    let width = slice.reduce(0) { $0 + n - $1 }
    var weights: [Double] = []
    weights.reserveCapacity(width)
    for k in slice {
      weights.append(1)
      for _ in k + 1..<max(k + 1, own.count) { weights.append(2.0.squareRoot()) }
      for λ in others { weights.append((2 * SpectralDerivative.weight(own[k], λ)).squareRoot()) }
    }
    var result = Matrix<Double>(rows: m, columns: width)
    result.elements.withUnsafeMutableBufferPointer { target in
      components.elements.withUnsafeBufferPointer { components in
        products.elements.withUnsafeBufferPointer { products in
          weights.withUnsafeBufferPointer { weights in
            guard let target = target.baseAddress, let components = components.baseAddress, let products = products.baseAddress,
              let weights = weights.baseAddress
            else { return }
            for i in 0..<m {
              var offset = 0
              for k in slice {
                let (row, w, count) = (target + (i &* width &+ offset), weights + offset, n - k)
                for star in cover.stars(i) {
                  let (c, g) = (components + (cover.centres[star] &* n &+ k), products + (star &* n &+ k))
                  let (a, b) = (g[0], c[0])
                  for l in 0..<count { row[l] += a * c[l] + b * g[l] }
                }
                for l in 0..<count { row[l] *= w[l] }
                offset += count
              }
            }
          }
        }
      }
    }
    return result
  }
}
