import Certificates
import LinearAlgebra

/// A strictly feasible point of a ``GainProgram``, found backwards without an optimiser.
///
/// For every inequality, last to first: multipliers a little above twice a diagonal majorant of the gain behind the units, storage functions
/// that sum up as |Σ_{j≤N} a_j|² ≤ N Σ |a_j|² does, and for the input what the Schur complement then asks for.
struct GainStart {
  private let program: GainProgram
  private(set) var values: [[Double]]
  private var known: [Bool]
  private static let slack = 1.05

  /// - Parameter improve: may change the values of a stage's own variables and its input gain, keeping the stage's inequalities strict.
  init(_ program: GainProgram, improve: (GainProgram.Stage, inout [[Double]]) -> Void) throws {
    self.program = program
    values = program.variables.map { Array(repeating: 0, count: $0.count) }
    known = program.variables.map { _ in false }
    for stage in program.stages.reversed() {
      for index in stage.inequalities.reversed() { try solve(program.inequalities[index]) }
      improve(stage, &values)
    }
  }

  /// Chooses the inequality's own variables and its input's gain.
  private mutating func solve(_ inequality: GainProgram.Inequality) throws {
    var f = Matrix<Double>(rows: inequality.order, columns: inequality.order)
    for term in inequality.terms where term.variable.map({ known[$0] }) ?? true { add(term, to: &f) }
    f.symmetrise()
    var alive = Array(0..<inequality.order)
    for elimination in inequality.eliminations {
      let variable: Int
      var columns: [Int]
      switch elimination {
      case .units(let own, let range, let sectors):
        (variable, columns) = (own, Array(range))
        let need = negated(f, columns)
        let majorant = try DiagonalMajorant.scaledSpectral.diagonal(for: need)
        let floor = 1e-6 * (majorant.reduce(0, +) / Double(majorant.count))
        guard floor > 0 else { throw NotProved("a layer is zero") }
        values[own] = majorant.indices.map { i in
          let (c, d) = (0.5 * (sectors.lower[i] + sectors.upper[i]), 0.5 * (sectors.upper[i] - sectors.lower[i]))
          return max(2, d > 1e-3 * c.magnitude ? 1 + c.magnitude / d : 1e3) * max(majorant[i], floor) * Self.slack
        }
      case .partialSums(let own, let blocks, let channels):
        (variable, columns) = (own, Array(0..<blocks * channels))
        let last = Array((blocks - 1) * channels..<blocks * channels)
        let need = padded(negated(f, last))
        var storage = Matrix<Double>(rows: blocks * channels, columns: blocks * channels)
        var weight = Self.slack
        for j in stride(from: blocks, through: 1, by: -1) {
          weight *= (1 + 1 / Double(j)) * Self.slack
          storage.add(weight, need, row: (j - 1) * channels, column: (j - 1) * channels)
        }
        store(own, storage)
      case .pastInputs(let own, let range, let blocks):
        (variable, columns) = (own, Array(range))
        let present = Array(range.upperBound..<range.upperBound + (blocks.last?.count ?? 0))
        let pixel = max(present.count, blocks.flatMap { $0 }.max().map { $0 + 1 } ?? 0)
        var sum = Matrix<Double>(rows: pixel, columns: pixel)
        var storage = Matrix<Double>(rows: range.count, columns: range.count)
        var offset = 0
        for block in blocks {
          let need = padded(negated(f, Array(range.lowerBound + offset..<range.lowerBound + offset + block.count)))
          for (i, a) in block.enumerated() {
            for (j, b) in block.enumerated() { sum[a, b] += Double(blocks.count + 1) * Self.slack * need[i, j] }
          }
          for (i, a) in block.enumerated() { for (j, b) in block.enumerated() { storage[offset + i, offset + j] = sum[a, b] } }
          for k in sum.elements.indices { sum.elements[k] *= Self.slack }
          offset += block.count
        }
        store(own, storage)
      case .state(let own, let a):
        (variable, columns) = (own, Array(0..<a.rows))
        var term = padded(negated(f, columns))
        for k in term.elements.indices { term.elements[k] *= 2 * Self.slack }
        // Σ A′ᵏ M Aᵏ by doubling.
        var power = a
        var storage = term
        for _ in 0..<40 {
          let next = Matrix.product(Matrix.product(power, storage, transposingLeft: true), power)
          storage.add(1, next)
          power = Matrix.product(power, power)
          if next.elements.allSatisfy({ $0.magnitude <= 1e-16 * (storage.elements.map(\.magnitude).max() ?? 0) }) { break }
        }
        storage.symmetrise()
        guard storage.elements.allSatisfy(\.isFinite), power.elements.allSatisfy({ $0.magnitude < 1e-3 }) else {
          throw NotProved("a state-space layer is not stable")
        }
        store(own, storage)
      }
      known[variable] = true
      for term in inequality.terms where term.variable == variable { add(term, to: &f) }
      f.symmetrise()
      // The Schur complement on what is left.
      columns = columns.filter { alive.contains($0) }
      let removed = Set(columns)
      alive.removeAll { removed.contains($0) }
      let factor = try f.picked(columns, columns).cholesky()
      var coupling = f.picked(columns, alive)
      try factor.solveTriangular(.lower, &coupling)
      let update = coupling.gram()
      for (i, a) in alive.enumerated() { for (j, b) in alive.enumerated() { f[a, b] -= update[i, j] } }
    }
    try chooseInputs(inequality, f, alive)
  }

  /// Gains of the inputs above what the rest of an inequality asks for.
  private mutating func chooseInputs(_ inequality: GainProgram.Inequality, _ f: Matrix<Double>, _ alive: [Int]) throws {
    let open = inequality.terms.filter { term in term.variable.map { !known[$0] } ?? false }
    let squares = open.filter { $0.right == nil && $0.coefficient > 0 }
    let spans = Set(open.map { $0.left.column..<$0.left.column + $0.left.width })
    let isPlain = open.allSatisfy { $0.right == nil && $0.left.matrix == nil } && squares.count == open.count
    let need = negated(f, alive)
    let trace = (0..<need.rows).reduce(0) { $0 + max(0, need[$1, $1]) } / Double(max(1, need.rows))
    guard trace > 0, trace.isFinite else { throw NotProved("a layer is zero") }
    let copies = Dictionary(grouping: squares) { $0.variable ?? -1 }
    guard !isPlain || spans.count > 1 && copies.values.contains(where: { $0.count > 1 }) else {
      // Every variable has one span of coordinates: blocks of the need, times their number.
      for term in squares {
        guard let variable = term.variable, !known[variable] else { continue }
        let columns = Array(term.left.column..<term.left.column + term.left.count)
        var block = padded(negated(f, columns))
        let factor = Double(squares.count) * Self.slack / term.coefficient
        for k in block.elements.indices { block.elements[k] *= factor }
        try store(variable, above: block)
      }
      return
    }
    // Several pixels, or groups of channels, share a variable: a multiple of the identity.
    let largest = try need.largestEigenvalueEstimate() * Self.slack + 1e-3 * trace
    for term in squares {
      guard let variable = term.variable, !known[variable] else { continue }
      let isOnes = open.contains { $0.variable == variable && $0.right != nil }
      if isOnes {
        known[variable] = true
        continue
      }
      var block = Matrix<Double>.identity(program.variables[variable].order)
      for k in block.elements.indices { block.elements[k] *= largest / term.coefficient }
      try store(variable, above: block)
    }
  }

  private mutating func store(_ variable: Int, _ matrix: Matrix<Double>) {
    let n = matrix.rows
    values[variable] = (0..<n).flatMap { i in (i..<n).map { matrix[i, $0] } }
    known[variable] = true
  }

  /// A variable above a matrix, of the variable's kind.
  private mutating func store(_ variable: Int, above matrix: Matrix<Double>) throws {
    switch program.variables[variable] {
    case .symmetric: store(variable, matrix)
    case .diagonal: values[variable] = try DiagonalMajorant.scaledSpectral.diagonal(for: matrix).map { $0 * Self.slack }
    case .multiple: values[variable] = [try matrix.largestEigenvalueEstimate() * Self.slack]
    }
    known[variable] = true
  }

  private func add(_ term: GainProgram.Term, to f: inout Matrix<Double>) {
    let left = term.left.weighted(by: term.weights)
    let v = term.variable.map { program.variables[$0].matrix(values[$0]) } ?? .identity(left.count)
    GainSystem.add(term.coefficient, left, v, term.right ?? term.left, to: &f)
  }

  private func negated(_ f: Matrix<Double>, _ columns: [Int]) -> Matrix<Double> {
    var result = f.picked(columns, columns)
    for k in result.elements.indices { result.elements[k] = -result.elements[k] }
    result.symmetrise()
    return result
  }

  /// A matrix plus a small part of its mean diagonal.
  private func padded(_ matrix: Matrix<Double>) -> Matrix<Double> {
    var result = matrix
    let n = matrix.rows
    let trace = (0..<n).reduce(0) { $0 + max(0, matrix[$1, $1]) }
    for i in 0..<n { result[i, i] += max(1e-3 * trace / Double(n), 1e-290) }
    return result
  }
}

extension Matrix where Element == Double {
  fileprivate func picked(_ rows: [Int], _ columns: [Int]) -> Matrix {
    var result = Matrix(rows: rows.count, columns: columns.count)
    for (i, a) in rows.enumerated() { for (j, b) in columns.enumerated() { result[i, j] = self[a, b] } }
    return result
  }
}
