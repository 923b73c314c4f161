import LinearAlgebra

/// How a step's output moves with its input at given points.
enum Slopes<Element: Scalar>: Sendable {
  /// The step is linear.
  case none
  /// One slope for each element: batch × count.
  case diagonal(Matrix<Element>)
  /// Which source element each output element equals: batch × count indices into the source row.
  case selection([Int])
}

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

extension LoweredNetwork.Units {
  /// φ of every element; column i is unit i.
  public func values<Element: Scalar>(_ p: Matrix<Element>) -> Matrix<Element> {
    switch self {
    case .uniform(let activation): activation.values(p)
    case .leakyReLU(let slopes): p.mappedColumns(slopes.map { Element($0) }) { $0 < 0 ? $1 * $0 : $0 }
    }
  }

  /// φ′ of every element; column i is unit i.
  public func derivatives<Element: Scalar>(_ p: Matrix<Element>) -> Matrix<Element> {
    switch self {
    case .uniform(let activation): activation.derivatives(p)
    case .leakyReLU(let slopes): p.mappedColumns(slopes.map { Element($0) }) { $0 > 0 ? 1 : $1 }
    }
  }

  /// The activation function of unit `index`.
  public func activation(of index: Int) -> Activation {
    switch self {
    case .uniform(let activation): activation
    case .leakyReLU(let slopes): .leakyReLU(slope: slopes[index])
    }
  }

  /// The global sectors of `count` units.
  public func globalSectors(count: Int) -> [Sector] {
    switch self {
    case .uniform(let activation): Array(repeating: activation.globalSector, count: count)
    case .leakyReLU(let slopes): slopes.map { Activation.leakyReLU(slope: $0).globalSector }
    }
  }
}

extension Matrix {
  /// Columns `range` of every row.
  func columns(_ range: Range<Int>) -> Matrix {
    var result: [Element] = []
    result.reserveCapacity(rows * range.count)
    for row in 0..<rows { result += elements[row * columns + range.lowerBound..<row * columns + range.upperBound] }
    return Matrix(rows: rows, columns: range.count, elements: result)
  }

  /// Matrices with equally many rows, side by side.
  static func concatenated(_ parts: [Matrix]) -> Matrix {
    let rows = parts.first?.rows ?? 0
    var result: [Element] = []
    result.reserveCapacity(parts.reduce(0) { $0 + $1.elements.count })
    for row in 0..<rows {
      for part in parts { result += part.elements[row * part.columns..<(row + 1) * part.columns] }
    }
    return Matrix(rows: rows, columns: parts.reduce(0) { $0 + $1.columns }, elements: result)
  }

  /// Row r, column c of the result is element `indices[r · count + c]` of row r.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func picked(_ indices: [Int], _ count: Int) -> Matrix {
    var result: [Element] = []
    result.reserveCapacity(rows * count)
    for row in 0..<rows { for place in row * count..<(row + 1) * count { result.append(elements[row * columns + indices[place]]) } }
    return Matrix(rows: rows, columns: count, elements: result)
  }

  /// `operation` of every pair of elements.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func combined(_ other: Matrix, _ operation: (Element, Element) -> Element) -> Matrix {
    var result = self
    for index in result.elements.indices { result.elements[index] = operation(elements[index], other.elements[index]) }
    return result
  }

  /// Every row plus `vector`.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func addingToRows(_ vector: [Element]) -> Matrix {
    var result = self
    for row in 0..<rows { for column in 0..<columns { result.elements[row * columns + column] += vector[column] } }
    return result
  }

  /// `operation` of every element and the parameter of its column.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func mappedColumns(_ parameters: [Element], _ operation: (Element, Element) -> Element) -> Matrix {
    var result = self
    for row in 0..<rows {
      for column in 0..<columns {
        result.elements[row * columns + column] = operation(elements[row * columns + column], parameters[column])
      }
    }
    return result
  }
}
