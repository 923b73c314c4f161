import CKernels
import LinearAlgebra

/// The data of a proof by directional gains: the values of a ``GainProgram``'s variables, ρ first.
///
/// The proof evaluates every inequality from the network's own weights with bounds of the rounding errors and verifies that it is positive
/// semidefinite; nothing else is believed. See the article on gains of layers.
public struct LayerGains: Codable, Sendable, Equatable {
  /// For each variable its values: the upper triangle row by row, the diagonal, or the factor.
  public var values: [[Double]]

  /// Collects the values.
  public init(values: [[Double]]) { self.values = values }

  /// Proves a bound on the chain's gain and returns it, rounded up.
  ///
  /// - Parameters:
  ///   - program: the inequalities of the chain.
  ///   - memoryLimit: bytes; a proof that needs more is refused.
  ///   - isCancelled: asked now and then; a cancelled proof throws.
  /// - Throws: ``NotProved``.
  /// - Complexity: Σ n³/6 multiplications over the inequalities and the products that evaluate them.
  public func prove(_ program: GainProgram, memoryLimit: Int = .max, isCancelled: () -> Bool = { false }) throws -> Double {
    try FloatingPointEnvironment.requireStandard()
    let needed = program.proofBytes
    guard needed <= memoryLimit else { throw NotProved("the proof needs \(needed >> 20) MiB of memory") }
    guard values.count == program.variables.count, let rho = values.first?.first else { throw NotProved("the number of gains differs") }
    for (own, variable) in zip(values, program.variables) {
      guard own.count == variable.count, NumberRange.holds(own, limit: NumberRange.largestGain) else {
        throw NotProved("a gain has the wrong size or is not a number")
      }
    }
    guard rho >= 0 else { throw NotProved("ρ is negative") }
    for inequality in program.sideConditions + program.inequalities {
      try Interruptible.check(isCancelled)
      do {
        try enclosure(of: inequality, program).prove(isCancelled: isCancelled)
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("the inequality of a layer (\(inequality.name)) is not proved: \(error.description)")
      }
    }
    return ErrorBounds.sqrtUp(rho)
  }

  /// F(V) with a bound on the error of each entry.
  ///
  /// An entry is a sum over the terms of c Σ_ab l_a v_ab r_b: every product goes through at most twice the rows' roundings in sums, three for
  /// the weights of sectors and one for each factor and addition. So the error is at most γ_K Σ |c| |L|′|V||R|, which is computed alongside.
  private func enclosure(of inequality: GainProgram.Inequality, _ program: GainProgram) throws -> SymmetricEnclosure {
    let n = inequality.order
    guard n < 1 << 15 else { throw NotProved("an inequality has the order \(n)") }
    let longest = inequality.terms.reduce(0) { max($0, $1.left.count) }
    let gamma = ErrorBounds.gamma(2 * longest + 2 * inequality.terms.count + 16)
    var (middle, magnitude) = (Matrix<Double>(rows: n, columns: n), Matrix<Double>(rows: n, columns: n))
    for term in inequality.terms {
      let right = term.right ?? term.left
      guard
        term.coefficient.magnitude <= NumberRange.largestCoefficient, term.left.count == right.count,
        term.left.column + term.left.width <= n, right.column + right.width <= n,
        NumberRange.holds(term.left.matrix?.elements ?? [], limit: NumberRange.largestCoefficient),
        NumberRange.holds(right.matrix?.elements ?? [], limit: NumberRange.largestCoefficient),
        NumberRange.holds(term.weights ?? [], limit: NumberRange.largestCoefficient)
      else { throw NotProved("a weight is out of range") }
      var v = term.variable.map { program.variables[$0].matrix(values[$0]) } ?? .identity(term.left.count)
      guard v.rows == term.left.count else { throw NotProved("a gain does not fit its layer") }
      if let weights = term.weights { for i in 0..<v.rows { v[i, i] *= weights[i] } }
      Self.add(term.coefficient, term.left, v, right, to: &middle)
      Self.add(term.coefficient.magnitude, term.left.magnitudes, v.magnitudes, right.magnitudes, to: &magnitude)
    }
    // ½ (F + F′); halving is exact.
    var radius = Matrix<Double>(rows: n, columns: n)
    for i in 0..<n {
      for j in 0...i {
        let value = 0.5 * middle[i, j] + 0.5 * middle[j, i]
        middle[i, j] = value
        middle[j, i] = value
        let bound = (gamma * (magnitude[i, j] + magnitude[j, i]) * (1 + 0x1p-30) + NumberRange.underflow).nextUp
        radius[i, j] = bound
        radius[j, i] = bound
      }
    }
    return SymmetricEnclosure(middle, radius: radius)
  }

  /// F += c L′VR; V symmetric.
  private static func add(
    _ coefficient: Double, _ left: GainProgram.Form, _ v: Matrix<Double>, _ right: GainProgram.Form, to f: inout Matrix<Double>
  ) {
    // R′V, then F += L′ (R′V)′.
    let rows = v.rows
    var product = v
    if let matrix = right.matrix {
      product = Matrix(rows: right.width, columns: rows)
      multiply(matrix.transposed, v, into: &product)
    }
    for k in product.elements.indices { product.elements[k] *= coefficient }
    guard let matrix = left.matrix else {
      for i in 0..<rows { for j in 0..<product.rows { f[left.column + i, right.column + j] += product[j, i] } }
      return
    }
    let transposed = matrix.transposed
    let stride = f.columns
    f.elements.withUnsafeMutableBufferPointer { target in
      transposed.elements.withUnsafeBufferPointer { a in
        product.elements.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let target = target.baseAddress else { return }
          lipcert_dots(
            transposed.rows, product.rows, rows, 1, a, rows, b, rows, target + left.column * stride + right.column, stride)
        }
      }
    }
  }

  /// C = A B′.
  private static func multiply(_ a: Matrix<Double>, _ b: Matrix<Double>, into c: inout Matrix<Double>) {
    c.elements.withUnsafeMutableBufferPointer { target in
      a.elements.withUnsafeBufferPointer { a0 in
        b.elements.withUnsafeBufferPointer { b0 in
          guard let target = target.baseAddress, let a0 = a0.baseAddress, let b0 = b0.baseAddress else { return }
          lipcert_dots(a.rows, b.rows, a.columns, 1, a0, a.columns, b0, b.columns, target, b.rows)
        }
      }
    }
  }
}

extension Matrix where Element == Double {
  fileprivate var magnitudes: Matrix { Matrix(rows: rows, columns: columns, elements: elements.map(\.magnitude)) }
}

extension GainProgram.Form {
  fileprivate var magnitudes: GainProgram.Form { matrix.map { .init(column: column, $0.magnitudes) } ?? self }
}

extension GainProgram {
  /// Bytes that the proof of the greatest inequality takes for its matrices, at least.
  var proofBytes: Int {
    let largest = (sideConditions + inequalities).reduce(0.0) { largest, inequality in
      let order = Double(inequality.order)
      let term = inequality.terms.reduce(0.0) { most, term in
        let (rows, width) = (Double(term.left.count), Double(max(term.left.width, term.right?.width ?? 0)))
        // The variable and its magnitudes, and for either side the coefficients, their magnitudes and transposes and the product.
        return max(most, 2 * rows * rows + 7 * rows * width)
      }
      // Midpoint, magnitudes and radii, then the pivots with their panels.
      return max(largest, 5 * order * order + 64 * order + term)
    }
    return Int(exactly: (8 * largest).rounded(.up)) ?? .max
  }
}
