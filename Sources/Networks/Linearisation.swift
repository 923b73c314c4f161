import LinearAlgebra

/// A network's Jacobians at a batch of points, as linear maps; see ``Evaluator/linearisation(at:)``.
///
/// At kinks a fixed choice is taken: 0 for ReLU and |x|, the first greatest element for maxima.
public struct Linearisation<Element: Scalar>: Sendable {
  /// What was linearised.
  public let evaluator: Evaluator<Element>
  /// The network's outputs at the points.
  public let value: Matrix<Element>
  let slopes: [Slopes<Element>]

  /// J v, row by row: row r uses the Jacobian at point r.
  ///
  /// - Precondition: `direction` is points × inputs.
  public func apply(_ direction: Matrix<Element>) -> Matrix<Element> {
    evaluator.run(direction) { index, step, input in
      switch step.kind {
      case .input(let offset):
        return step.count == direction.columns ? direction : direction.columns(offset..<offset + step.count)
      case .affine(let terms, _): return Evaluator.sum(terms, bias: nil, rows: direction.rows, count: step.count, input)
      case .activation(let source, _):
        guard case .diagonal(let slope) = slopes[index] else { return input(source) }
        return input(source).combined(slope) { $0 * $1 }
      case .windowMaximum(let source, _), .sort(let source, _):
        guard case .selection(let indices) = slopes[index] else { return input(source) }
        return input(source).picked(indices, step.count)
      case .extremum(let a, let b, _):
        guard case .diagonal(let share) = slopes[index] else { return input(a) }
        let first = input(a).combined(share) { $0 * $1 }
        return first.combined(input(b).combined(share) { $0 * (1 - $1) }) { $0 + $1 }
      }
    }
  }

  /// Jᵀ u, row by row: row r uses the Jacobian at point r.
  ///
  /// - Precondition: `cotangent` is points × outputs.
  public func adjoint(_ cotangent: Matrix<Element>) -> Matrix<Element> {
    let steps = evaluator.steps
    precondition(cotangent.columns == evaluator.outputCount, "a cotangent has \(cotangent.columns) columns")
    var gradients = [Matrix<Element>?](repeating: nil, count: steps.count)
    func add(_ gradient: Matrix<Element>, to source: Int) {
      gradients[source] = gradients[source].take()?.combined(gradient) { $0 + $1 } ?? gradient
    }
    var start = 0
    for output in evaluator.outputs {
      add(cotangent.columns(start..<start + steps[output].count), to: output)
      start += steps[output].count
    }
    var result = Matrix<Element>(rows: cotangent.rows, columns: evaluator.inputCount)
    for index in steps.indices.reversed() {
      guard let gradient = gradients[index].take() else { continue }
      switch (steps[index].kind, slopes[index]) {
      case (.input(let offset), _):
        for row in 0..<gradient.rows {
          for column in 0..<gradient.columns { result[row, offset + column] = gradient[row, column] }
        }
      case (.affine(let terms, _), _):
        for (source, chain) in terms {
          var partial = gradient
          for map in chain.dropFirst().reversed() { partial = map.adjoint(partial) }
          if let first = chain.first, var sum = gradients[source].take() {
            first.adjoint(partial, to: &sum, accumulating: true)
            gradients[source] = sum
          } else {
            add(chain.first?.adjoint(partial) ?? partial, to: source)
          }
        }
      case (.activation(let source, _), .diagonal(let slope)): add(gradient.combined(slope) { $0 * $1 }, to: source)
      case (.windowMaximum(let source, _), .selection(let indices)), (.sort(let source, _), .selection(let indices)):
        add(gradient.scattered(indices, columns: steps[source].count), to: source)
      case (.extremum(let a, let b, _), .diagonal(let share)):
        add(gradient.combined(share) { $0 * $1 }, to: a)
        add(gradient.combined(share) { $0 * (1 - $1) }, to: b)
      default: break
      }
    }
    return result
  }
}

extension Matrix {
  /// The adjoint of `picked`: adds element (r, c) to element `indices[r · columns + c]` of row r.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func scattered(_ indices: [Int], columns width: Int) -> Matrix {
    var result = Matrix(rows: rows, columns: width)
    for row in 0..<rows {
      for place in row * columns..<(row + 1) * columns { result.elements[row * width + indices[place]] += elements[place] }
    }
    return result
  }
}
