import ConicPrograms
import LinearAlgebra

extension CliqueTree {
  /// Positive semidefinite matrices on the cliques whose sum is the given matrix with the cliques' pattern.
  ///
  /// They exist for every positive semidefinite matrix with a chordal pattern: Agler, Helton, McCullough, Rodman: "Positive semidefinite
  /// matrices with a given sparsity pattern", Linear Algebra Appl. 107 (1988). Constructed by block Cholesky elimination from the leaves
  /// up: a clique takes the columns of its own vertices η and, on its separator α, W[α, η] W[η, η]⁻¹ W[η, α]. As W is often on the
  /// boundary, W + δI is split and δI taken off again in equal parts.
  ///
  /// - Parameters:
  ///   - vector: svec of the matrix; entries outside the cliques are not read.
  ///   - write: takes a clique, a place in the svec of its part, and the value there.
  /// - Returns: false when the matrix is too far from semidefinite: then every entry was divided equally among its
  ///   cliques, and the parts are not semidefinite.
  func split(_ vector: ArraySlice<Double>, write: (_ clique: Int, _ place: Int, _ value: Double) -> Void) throws(LinearAlgebraError) -> Bool
  {
    var isSplit = true
    for tree in trees {
      let vertices = tree.flatMap { residuals[$0] }
      var position = [Int](repeating: -1, count: order)
      for (k, vertex) in vertices.enumerated() { position[vertex] = k }
      let largest = vertices.reduce(0.0) { max($0, vector[vector.startIndex + SymmetricVector.index($1, $1)].magnitude) }
      guard largest > 0 else {
        isSplit = splitEqually(vector, tree: tree, write: write) && isSplit
        continue
      }
      var found: [Matrix<Double>]?
      for relativeShift in [1e-13, 1e-10, 1e-7] where found == nil {
        do throws(LinearAlgebraError) {
          found = try parts(vector, tree: tree, position: position, shift: relativeShift * largest)
        } catch {
          guard case .notPositiveDefinite = error else { throw error }
        }
      }
      guard let found else {
        _ = splitEqually(vector, tree: tree, write: write)
        isSplit = false
        continue
      }
      for (clique, part) in zip(tree, found) {
        for (place, value) in SymmetricVector.vector(part).enumerated() { write(clique, place, value) }
      }
    }
    return isSplit
  }

  /// Divides every entry equally; true when all are zero.
  private func splitEqually(_ vector: ArraySlice<Double>, tree: Range<Int>, write: (Int, Int, Double) -> Void) -> Bool {
    var copies: [Int: Double] = [:]
    for clique in tree { forEachEntry(of: clique) { _, entry in copies[entry, default: 0] += 1 } }
    var isZero = true
    for clique in tree {
      forEachEntry(of: clique) { place, entry in
        let value = vector[vector.startIndex + entry]
        isZero = isZero && value == 0
        write(clique, place, value / (copies[entry] ?? 1))
      }
    }
    return isZero
  }

  /// Calls `body` with each place in the svec of a clique's part and the place of the same entry in the svec of the whole matrix.
  func forEachEntry(of clique: Int, _ body: (_ place: Int, _ entry: Int) -> Void) {
    var place = 0
    for (j, b) in cliques[clique].enumerated() {
      for a in cliques[clique][...j] {
        body(place, SymmetricVector.index(a, b))
        place += 1
      }
    }
  }

  private func parts(
    _ vector: ArraySlice<Double>, tree: Range<Int>, position: [Int], shift: Double
  ) throws(LinearAlgebraError) -> [Matrix<Double>] {
    let count = tree.reduce(0) { $0 + residuals[$1].count }
    var w = Matrix<Double>(rows: count, columns: count)
    var copies = [Double](repeating: 0, count: count)
    let scale = 0.5.squareRoot()
    for clique in tree {
      for (j, b) in cliques[clique].enumerated() {
        for a in cliques[clique][..<j] {
          let value = vector[vector.startIndex + SymmetricVector.index(a, b)] * scale
          w[position[a], position[b]] = value
          w[position[b], position[a]] = value
        }
        w[position[b], position[b]] = vector[vector.startIndex + SymmetricVector.index(b, b)] + shift
        copies[position[b]] += 1
      }
    }
    var result = [Matrix<Double>](repeating: Matrix(rows: 0, columns: 0), count: tree.count)
    for clique in tree.reversed() {
      let places = cliques[clique].map { position[$0] }
      let (alpha, eta) = (separators[clique].map { position[$0] }, residuals[clique].map { position[$0] })
      let factor = try w.submatrix(eta, eta).cholesky()
      var columns = w.submatrix(eta, alpha)
      try factor.solveTriangular(.lower, &columns)
      let update = columns.gram()
      var part = w.submatrix(places, places)
      let local = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
      let shared = alpha.compactMap { local[$0] }
      for (i, k) in alpha.enumerated() {
        for (j, l) in alpha.enumerated() {
          part[shared[i], shared[j]] = update[i, j]
          w[k, l] -= update[i, j]
        }
      }
      for (i, k) in places.enumerated() { part[i, i] -= shift / copies[k] }
      result[clique - tree.lowerBound] = part
    }
    return result
  }
}
