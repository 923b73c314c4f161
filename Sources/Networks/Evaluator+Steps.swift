import LinearAlgebra

extension Evaluator {
  /// A step's vectors from those of its sources.
  func values(of step: Step, _ input: (Int) -> Matrix<Element>, _ batch: Matrix<Element>) -> Matrix<Element> {
    switch step.kind {
    case .input(let offset):
      return step.count == batch.columns ? batch : batch.columns(offset..<offset + step.count)
    case .affine(let terms, let bias):
      return Self.sum(terms, bias: bias, rows: batch.rows, count: step.count, input)
    case .activation(let source, let units): return units.values(input(source))
    case .windowMaximum(let source, let windows): return input(source).picked(Self.maximalElements(input(source), windows), step.count)
    case .extremum(let a, let b, let isMaximum): return input(a).combined(input(b)) { isMaximum == ($0 >= $1) ? $0 : $1 }
    case .sort(let source, let groups): return input(source).picked(Self.ascendingElements(input(source), groups), step.count)
    }
  }

  /// The slopes of a step at its sources' vectors.
  func slopes(of step: Step, _ input: (Int) -> Matrix<Element>) -> Slopes<Element> {
    switch step.kind {
    case .input, .affine: .none
    case .activation(let source, let units): .diagonal(units.derivatives(input(source)))
    case .windowMaximum(let source, let windows): .selection(Self.maximalElements(input(source), windows))
    // The first operand's share; the second has the rest.
    case .extremum(let a, let b, let isMaximum): .diagonal(input(a).combined(input(b)) { isMaximum == ($0 >= $1) ? 1 : 0 })
    case .sort(let source, let groups): .selection(Self.ascendingElements(input(source), groups))
    }
  }

  static func sum(
    _ terms: [(source: Int, chain: [any LinearMap<Element>])], bias: [Element]?, rows: Int, count: Int,
    _ input: (Int) -> Matrix<Element>
  ) -> Matrix<Element> {
    var result: Matrix<Element>?
    for (source, chain) in terms {
      var x = input(source)
      for map in chain.dropLast() { x = map.apply(x) }
      if let last = chain.last, var partial = result.take() {
        last.apply(x, to: &partial, accumulating: true)
        result = partial
      } else {
        if let last = chain.last { x = last.apply(x) }
        result = result?.combined(x) { $0 + $1 } ?? x
      }
    }
    let sum = result ?? Matrix(rows: rows, columns: count)
    return bias.map { sum.addingToRows($0) } ?? sum
  }

  /// For every row, the index of the first greatest element of each set.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  static func maximalElements(_ x: Matrix<Element>, _ windows: IndexSets) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(x.rows * windows.count)
    for row in 0..<x.rows {
      let base = row * x.columns
      for set in 0..<windows.count {
        var best = windows.indices[windows.starts[set]]
        for place in windows.starts[set]..<windows.starts[set + 1] {
          let index = windows.indices[place]
          if x.elements[base + index] > x.elements[base + best] { best = index }
        }
        result.append(best)
      }
    }
    return result
  }

  /// For every row, which element moves to each place when each set is sorted (stably, ascending).
  static func ascendingElements(_ x: Matrix<Element>, _ groups: IndexSets) -> [Int] {
    var result = Array(repeating: 0, count: x.rows * x.columns)
    for row in 0..<x.rows {
      let base = row * x.columns
      for set in 0..<groups.count {
        let places = groups[set]
        let order = places.sorted { x.elements[base + $0] < x.elements[base + $1] }
        for (place, source) in zip(places, order) { result[base + place] = source }
      }
    }
    return result
  }
}
