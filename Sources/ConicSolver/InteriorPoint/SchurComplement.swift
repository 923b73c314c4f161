import LinearAlgebra

/// Builds the matrix M with M_ij = ⟨Aᵢ, Z Aⱼ S⁻¹⟩ of the HKM direction, cone by cone.
///
/// Each column j is formed in the cheapest of three ways, after Fujisawa, Kojima and Nakata (Exploiting sparsity in primal-dual
/// interior-point methods for semidefinite programming, Math. Programming 79, 1997): the whole product Z Aⱼ S⁻¹; only the elements of it that
/// the remaining Aᵢ ask for, from Z Aⱼ; or these straight from the entries of Aⱼ. Sums of few stars need none of this among
/// themselves (``StarCover``).
struct SchurComplement {
  /// First the matrices that are not sums of few stars, those with most entries first; then the others.
  private let columns: SemidefiniteColumns
  /// The sums of few stars.
  private let stars: StarCover
  /// The rows and columns that each of the first matrices touches, ascending.
  private let supports: [[Int]]

  /// The share of one semidefinite cone.
  init(_ columns: SemidefiniteColumns) {
    let cover = StarCover(columns)
    let places = columns.variables.indices.sorted { (columns.range($1).count, $0) < (columns.range($0).count, $1) }
    let (star, general) = (places.filter(cover.isSumOfFewStars), places.filter { !cover.isSumOfFewStars($0) })
    self.columns = columns.selecting(general + star)
    stars = StarCover(columns.selecting(star))
    supports = general.map { Array(Set(columns.entries[columns.range($0)].flatMap { [Int($0.row), Int($0.column)] })).sorted() }
  }

  private enum Way { case product, elements, entries }

  /// The estimated nanoseconds of each way for column `index`, when the columns from `index` on hold `remaining` entries.
  private func cheapestWay(_ index: Int, remaining: Int) -> Way {
    let n = Double(columns.order)
    let support = Double(supports[index].count)
    let own = Double(columns.range(index).count)
    let rest = Double(remaining)
    let sparse = own * n * 2
    let product = 0.1 * n * n * support + sparse + 4 * rest
    let elements = sparse + rest * (8 + support)
    let entries = 8 * rest * own
    if entries <= product && entries <= elements { return .entries }
    return elements <= product ? .elements : .product
  }

  /// Adds the cone's share to the lower triangle of M.
  ///
  /// - Parameters:
  ///   - z: Z, symmetric, both triangles.
  ///   - inverse: S⁻¹, symmetric, both triangles.
  ///   - m: M, of the program's number of variables.
  /// - Complexity: for each column about min(2n²k, entries · k, entries²) operations, k the number of rows its matrix touches.
  func add(z: Matrix<Double>, inverse: Matrix<Double>, to m: inout Matrix<Double>) {
    stars.addSchurComplement(z: z, inverse: inverse, to: &m)
    let (n, order, count) = (columns.order, m.columns, columns.variables.count)
    let total = columns.entries.count
    m.elements.withUnsafeMutableBufferPointer { target in
      z.elements.withUnsafeBufferPointer { z in
        inverse.elements.withUnsafeBufferPointer { inverse in
          columns.entries.withUnsafeBufferPointer { entries in
            guard let target = SharedBuffer(target), let z = SharedInput(z), let inverse = SharedInput(inverse),
              let entries = SharedInput(entries)
            else { return }
            // Sums of few stars come last: all their pairs are done.
            ParallelFor.runRanges(supports.count, minimumChunk: n > 40 ? 1 : 16) { range in
              var work = Workspace()
              for j in range {
                let way = cheapestWay(j, remaining: total - columns.starts[j])
                let columnJ = columns.variables[j]
                func store(_ i: Int, _ value: Double) {
                  let columnI = columns.variables[i]
                  target.base[max(columnI, columnJ) * order + min(columnI, columnJ)] += value
                }
                switch way {
                case .entries:
                  let own = columns.range(j)
                  for i in j..<count {
                    var sum = 0.0
                    for k in columns.range(i) {
                      let e = entries.base[k]
                      let (zp, zq) = (z.base + Int(e.row) * n, z.base + Int(e.column) * n)
                      let (vp, vq) = (inverse.base + Int(e.row) * n, inverse.base + Int(e.column) * n)
                      var part = 0.0
                      for l in own {
                        let f = entries.base[l]
                        let (r, s) = (Int(f.row), Int(f.column))
                        var term = zp[r] * vq[s]
                        if e.row != e.column { term += zq[r] * vp[s] }
                        if r != s {
                          term += zp[s] * vq[r]
                          if e.row != e.column { term += zq[s] * vp[r] }
                        }
                        part += f.value * term
                      }
                      sum += e.value * part
                    }
                    store(i, sum)
                  }
                case .elements, .product:
                  let support = supports[j]
                  let width = support.count
                  work.prepare(n: n, width: width, withProduct: way == .product)
                  formProducts(j, support, z.base, inverse.base, entries.base, &work)
                  if way == .product {
                    Matrix.multiply(work.left, work.right, transposingRight: true, into: &work.product)
                    work.product.elements.withUnsafeBufferPointer { u in
                      guard let u = u.baseAddress else { return }
                      for i in j..<count {
                        var sum = 0.0
                        for k in columns.range(i) {
                          let e = entries.base[k]
                          let (p, q) = (Int(e.row), Int(e.column))
                          sum += e.value * (p == q ? u[p * n + p] : u[p * n + q] + u[q * n + p])
                        }
                        store(i, sum)
                      }
                    }
                  } else {
                    work.left.elements.withUnsafeBufferPointer { left in
                      work.right.elements.withUnsafeBufferPointer { right in
                        guard let left = left.baseAddress, let right = right.baseAddress else { return }
                        for i in j..<count {
                          var sum = 0.0
                          for k in columns.range(i) {
                            let e = entries.base[k]
                            let (p, q) = (Int(e.row) * width, Int(e.column) * width)
                            var u = 0.0
                            for t in 0..<width { u += left[p + t] * right[q + t] }
                            if p != q { for t in 0..<width { u += left[q + t] * right[p + t] } }
                            sum += e.value * u
                          }
                          store(i, sum)
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Z Aⱼ and S⁻¹, both restricted to the columns that Aⱼ touches.
  private func formProducts(
    _ j: Int, _ support: [Int], _ z: UnsafePointer<Double>, _ inverse: UnsafePointer<Double>,
    _ entries: UnsafePointer<SemidefiniteColumns.Entry>, _ work: inout Workspace
  ) {
    let (n, width) = (columns.order, support.count)
    for (t, p) in support.enumerated() { work.place[p] = t }
    work.left.elements.withUnsafeMutableBufferPointer { left in
      work.right.elements.withUnsafeMutableBufferPointer { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        for row in 0..<n {
          for (t, p) in support.enumerated() { right[row * width + t] = inverse[row * n + p] }
          let (target, source) = (left + row * width, z + row * n)
          for t in 0..<width { target[t] = 0 }
          for k in columns.range(j) {
            let e = entries[k]
            let (p, q) = (Int(e.row), Int(e.column))
            target[work.place[q]] += source[p] * e.value
            if p != q { target[work.place[p]] += source[q] * e.value }
          }
        }
      }
    }
  }

  /// Scratch memory of one thread.
  private struct Workspace {
    var left = Matrix<Double>(rows: 0, columns: 0)
    var right = Matrix<Double>(rows: 0, columns: 0)
    var product = Matrix<Double>(rows: 0, columns: 0)
    var place: [Int] = []

    mutating func prepare(n: Int, width: Int, withProduct: Bool) {
      if place.count != n { place = [Int](repeating: 0, count: n) }
      if left.rows != n || left.columns != width {
        left = Matrix(rows: n, columns: width)
        right = left
      }
      if withProduct, product.rows != n { product = Matrix(rows: n, columns: n) }
    }
  }
}
