import Certificates
import LinearAlgebra

/// Matrix inequalities S_j(y) = C_j + Σ F_ji y_i ⪰ 0 with the structure of a ``GainProgram``, some of whose variables may be fixed.
struct GainSystem {
  /// σ L′VR for a variable; with its mirror image, where L and R differ, the two are a term of the program.
  struct Part {
    var variable: Int
    var coefficient: Double
    var left: GainProgram.Form
    var right: GainProgram.Form
    var isSquare: Bool
  }

  struct Inequality {
    var order: Int
    var constant: Matrix<Double>
    var parts: [Part]
  }

  /// The free variables, as the program numbers them.
  let variables: [Int]
  let kinds: [GainProgram.Variable]
  /// Where each free variable's values begin in y; the last element is the number of values.
  let offsets: [Int]
  let inequalities: [Inequality]

  /// The number of values.
  var count: Int { offsets[kinds.count] }
  /// The sum of the orders: the parameter of the barrier.
  var order: Int { inequalities.reduce(0) { $0 + $1.order } }

  /// The inequalities `range` of a program in the variables `free`; the values of others are taken from `values`.
  init(_ program: GainProgram, inequalities range: Range<Int>, free: [Int], values: [[Double]]) {
    variables = free
    kinds = free.map { program.variables[$0] }
    offsets = kinds.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let places = Dictionary(uniqueKeysWithValues: free.enumerated().map { ($1, $0) })
    inequalities = program.inequalities[range].map { inequality in
      var constant = Matrix<Double>(rows: inequality.order, columns: inequality.order)
      var parts: [Part] = []
      for term in inequality.terms {
        let left = term.left.weighted(by: term.weights)
        let right = term.right ?? term.left
        let isSquare = term.right == nil && term.weights == nil
        let directed = isSquare ? [(left, left)] : [(left, right), (right, left)]
        let coefficient = isSquare ? term.coefficient : 0.5 * term.coefficient
        for (l, r) in directed {
          if let variable = term.variable, let place = places[variable] {
            parts.append(Part(variable: place, coefficient: coefficient, left: l, right: r, isSquare: isSquare))
          } else {
            let v = term.variable.map { program.variables[$0].matrix(values[$0]) } ?? .identity(l.count)
            Self.add(coefficient, l, v, r, to: &constant)
          }
        }
      }
      return Inequality(order: inequality.order, constant: constant, parts: parts)
    }
  }

  /// F += σ L′VR.
  static func add(
    _ coefficient: Double, _ left: GainProgram.Form, _ v: Matrix<Double>, _ right: GainProgram.Form, to f: inout Matrix<Double>
  ) {
    var product = right.matrix.map { Matrix.product(v, $0) } ?? v
    if let matrix = left.matrix { product = Matrix.product(matrix, product, transposingLeft: true) }
    f.add(coefficient, product, row: left.column, column: right.column)
  }

  /// S(y), or its linear part.
  func evaluate(_ y: [Double], isLinear: Bool = false) -> [Matrix<Double>] {
    let matrices = kinds.indices.map { kinds[$0].matrix(y[offsets[$0]..<offsets[$0 + 1]]) }
    return inequalities.map { inequality in
      var s = isLinear ? Matrix(rows: inequality.order, columns: inequality.order) : inequality.constant
      for part in inequality.parts { Self.add(part.coefficient, part.left, matrices[part.variable], part.right, to: &s) }
      s.symmetrise()
      return s
    }
  }

  /// ⟨F_i, X⟩ for every value i.
  func adjoint(_ x: [Matrix<Double>]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for (x, inequality) in zip(x, inequalities) {
      for part in inequality.parts {
        let g = part.left.product(x, part.right)
        let (kind, start) = (kinds[part.variable], offsets[part.variable])
        let n = kind.order
        switch kind {
        case .symmetric:
          var k = start
          for i in 0..<n {
            result[k] += part.coefficient * g[i, i]
            k += 1
            for j in i + 1..<max(n, i + 1) {
              result[k] += part.coefficient * (g[i, j] + g[j, i])
              k += 1
            }
          }
        case .diagonal: for i in 0..<n { result[start + i] += part.coefficient * g[i, i] }
        case .multiple: for i in 0..<n { result[start] += part.coefficient * g[i, i] }
        }
      }
    }
    return result
  }
}

extension GainProgram.Form {
  func weighted(by weights: [Double]?) -> GainProgram.Form {
    guard let weights else { return self }
    var own = coefficients
    for i in 0..<own.rows { for j in 0..<own.columns { own[i, j] *= weights[i] } }
    return GainProgram.Form(column: column, own)
  }

  /// L X for a symmetric matrix X.
  func rows(of x: Matrix<Double>) -> Matrix<Double> {
    let own = x.block(row: column, column: 0, rows: width, columns: x.columns)
    return matrix.map { Matrix.product($0, own) } ?? own
  }

  /// Y L′ for a matrix Y over the coordinates.
  func columns(of y: Matrix<Double>) -> Matrix<Double> {
    let own = y.block(row: 0, column: column, rows: y.rows, columns: width)
    return matrix.map { Matrix.product(own, $0, transposingRight: true) } ?? own
  }

  /// L X R′.
  func product(_ x: Matrix<Double>, _ right: GainProgram.Form) -> Matrix<Double> {
    let own = x.block(row: column, column: right.column, rows: width, columns: right.width)
    let half = matrix.map { Matrix.product($0, own) } ?? own
    return right.matrix.map { Matrix.product(half, $0, transposingRight: true) } ?? half
  }
}

extension Matrix where Element == Double {
  func block(row: Int, column: Int, rows: Int, columns: Int) -> Matrix {
    if row == 0, column == 0, rows == self.rows, columns == self.columns { return self }
    var result = Matrix(rows: rows, columns: columns)
    let width = self.columns
    elements.withUnsafeBufferPointer { source in
      result.elements.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for i in 0..<rows { (target + i * columns).update(from: source + (row + i) * width + column, count: columns) }
      }
    }
    return result
  }

  /// Adds a multiple of a smaller matrix.
  mutating func add(_ factor: Double, _ other: Matrix, row: Int = 0, column: Int = 0) {
    let width = columns
    elements.withUnsafeMutableBufferPointer { target in
      other.elements.withUnsafeBufferPointer { source in
        for i in 0..<other.rows {
          let (from, to) = (i &* other.columns, (row &+ i) &* width &+ column)
          for j in 0..<other.columns { target[to &+ j] += factor * source[from &+ j] }
        }
      }
    }
  }

  /// ½ (A + A′).
  mutating func symmetrise() {
    let n = rows
    elements.withUnsafeMutableBufferPointer { a in
      for i in 0..<n {
        for j in 0..<i {
          let mean = 0.5 * (a[i &* n &+ j] + a[j &* n &+ i])
          a[i &* n &+ j] = mean
          a[j &* n &+ i] = mean
        }
      }
    }
  }

  /// ⟨A, B⟩.
  func inner(_ other: Matrix) -> Double {
    elements.withUnsafeBufferPointer { a in
      other.elements.withUnsafeBufferPointer { b in
        var sum = 0.0
        for k in a.indices { sum += a[k] * b[k] }
        return sum
      }
    }
  }

  /// The inverse of a matrix from its Cholesky factor, which this is.
  func inverseFromFactor() throws -> Matrix {
    var z = Matrix.identity(rows)
    try solveTriangular(.lower, &z)
    return z.gram()
  }
}
