import ConicPrograms
import LinearAlgebra

extension CliqueTree {
  /// Completes a partial matrix, known on the cliques, by W[η, ν] = W[η, α] W[α, α]⁻¹ W[α, ν] from each tree's root down: α the separator
  /// of a clique, η its other vertices, ν all vertices before it.
  ///
  /// When the known cliques are positive semidefinite, so is the result: it is the completion of greatest determinant (Grone, Johnson, Sá,
  /// Wolkowicz: "Positive definite completions of partial Hermitian matrices", Linear Algebra Appl. 58 (1984); Vandenberghe, Andersen,
  /// section 10.2). W[α, α] may be singular, and the cliques may be slightly indefinite, as averages of inconsistent overlaps are: what is
  /// completed is W + δI, with the least δ for which all cliques are definite in floating point. W + δI has a completion Z ⪰ 0, so that the
  /// result Z − δI violates the cone by δ at most.
  ///
  /// - Parameter vector: svec of the matrix; only entries outside the cliques and within a tree's vertices are written; those
  ///   between trees should be zero.
  /// - Throws: `LinearAlgebraError` when an element is not finite.
  /// - Complexity: O(order² · largest separator + Σ clique³).
  func complete(_ vector: inout ArraySlice<Double>) throws(LinearAlgebraError) {
    let start = vector.startIndex
    for tree in trees {
      let vertices = tree.flatMap { residuals[$0] }
      guard tree.count > 1 else { continue }
      try complete(&vector, start: start, tree: tree, vertices: vertices)
    }
  }

  private func complete(
    _ vector: inout ArraySlice<Double>, start: Int, tree: Range<Int>, vertices: [Int]
  ) throws(LinearAlgebraError) {
    var position = [Int](repeating: -1, count: order)
    for (k, vertex) in vertices.enumerated() { position[vertex] = k }
    let count = vertices.count
    var w = Matrix<Double>(rows: count, columns: count)
    let scale = 0.5.squareRoot()
    for clique in tree {
      for (j, b) in cliques[clique].enumerated() {
        for a in cliques[clique][..<j] {
          let value = vector[start + SymmetricVector.index(a, b)] * scale
          w[position[a], position[b]] = value
          w[position[b], position[a]] = value
        }
        w[position[b], position[b]] = vector[start + SymmetricVector.index(b, b)]
      }
    }
    let shift = try definiteShift(w, tree: tree, position: position)
    for k in 0..<count { w[k, k] += shift }
    var known = residuals[tree.lowerBound].count
    for clique in tree.dropFirst() {
      let (alpha, eta) = (separators[clique].map { position[$0] }, known..<known + residuals[clique].count)
      let factor = try w.submatrix(alpha, alpha).cholesky()
      // Both sides by the factor: W[η, α] W[α, α]⁻¹ alone can be large where W[α, α] is nearly singular.
      var left = w.submatrix(alpha, Array(eta))
      var right = w.submatrix(alpha, 0..<known)
      try factor.solveTriangular(.lower, &left)
      try factor.solveTriangular(.lower, &right)
      let fill = Matrix.product(left, right, transposingLeft: true)
      var isKnown = [Bool](repeating: false, count: known)
      for k in alpha { isKnown[k] = true }
      for (row, k) in eta.enumerated() {
        for l in 0..<known where !isKnown[l] {
          let value = fill[row, l]
          w[k, l] = value
          w[l, k] = value
          vector[start + SymmetricVector.index(vertices[k], vertices[l])] = value / scale
        }
      }
      known = eta.upperBound
    }
  }

  /// The least shift (up to rounding) that makes every clique of the matrix positive definite in floating point.
  private func definiteShift(_ w: Matrix<Double>, tree: Range<Int>, position: [Int]) throws(LinearAlgebraError) -> Double {
    let largest = (0..<w.rows).reduce(0.0) { max($0, w[$1, $1].magnitude) }
    let floor = max(largest, .leastNormalMagnitude) * 1e-12
    var shift = floor
    for clique in tree {
      let places = cliques[clique].map { position[$0] }
      let block = w.submatrix(places, places)
      var shifted = block
      for k in places.indices { shifted[k, k] += shift }
      if (try? shifted.cholesky()) != nil { continue }
      shift = max(shift, floor - (try block.symmetricEigenvalues()[0]))
    }
    return shift
  }
}

extension Matrix<Double> {
  /// The entries in these rows and columns.
  func submatrix(_ rows: [Int], _ columns: [Int]) -> Matrix {
    var result = Matrix(rows: rows.count, columns: columns.count)
    for (i, row) in rows.enumerated() {
      for (j, column) in columns.enumerated() { result[i, j] = self[row, column] }
    }
    return result
  }

  /// The entries in these rows and consecutive columns.
  func submatrix(_ rows: [Int], _ columns: Range<Int>) -> Matrix {
    var elements: [Double] = []
    elements.reserveCapacity(rows.count * columns.count)
    for row in rows { elements += self.elements[row * self.columns + columns.lowerBound..<row * self.columns + columns.upperBound] }
    return Matrix(rows: rows.count, columns: columns.count, elements: elements)
  }
}
