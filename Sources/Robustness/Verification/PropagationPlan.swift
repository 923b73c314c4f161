import Certificates
import LinearAlgebra
import Networks

/// A lowered network prepared for bounds on many boxes: with its maps, the maps of their magnitudes, and constants of rounding errors.
struct PropagationPlan: Sendable {
  /// A term A h with |A|, the radii of A's entries where it has some, and the greatest number of products in a sum over a row or a column.
  struct Term: Sendable {
    let source: Int
    let map: (any LinearMap<Double>)?
    let magnitude: (any LinearMap<Double>)?
    let radius: (any LinearMap<Double>)?
    let termCount: Int
  }

  enum Kind: Sendable {
    case input
    /// γ covers every sum over a row or column of all terms together, and the additions between them.
    case affine(terms: [Term], bias: [Double]?, gamma: Double)
    case activation(source: Int, units: LoweredNetwork.Units)
  }

  struct Node: Sendable {
    let kind: Kind
    let count: Int
  }

  let network: LoweredNetwork
  let nodes: [Node]
  /// The sources of activation nodes whose intervals are worth tightening by lines back to the input.
  let refined: [Bool]

  var inputCount: Int { nodes[0].count }
  var outputCount: Int { nodes[nodes.count - 1].count }

  /// Greatest magnitudes for which underflow cannot matter: see ``BoxPropagation``.
  static let largestValue = 0x1p300

  /// Prepares a network.
  ///
  /// - Throws: ``NotProved`` when a coefficient or a bias is no usable number.
  init(_ network: LoweredNetwork) throws {
    guard ErrorBounds.isArithmeticStandard else { throw NotProved("this thread does not round to nearest") }
    self.network = network
    let uses = network.nodes.reduce(into: [Int](repeating: 0, count: network.nodes.count)) { uses, node in
      switch node.kind {
      case .input: break
      case .affine(let terms, _): for term in terms { uses[term.source] += 1 }
      case .activation(let source, _): uses[source] += 1
      }
    }
    nodes = try network.nodes.map { node in
      switch node.kind {
      case .input: return Node(kind: .input, count: node.count)
      case .activation(let source, let units): return Node(kind: .activation(source: source, units: units), count: node.count)
      case .affine(let terms, let bias):
        let prepared = try terms.map { term in
          guard let map = term.map else { return Term(source: term.source, map: nil, magnitude: nil, radius: nil, termCount: 1) }
          let parts = try Self.parts(of: map, name: node.name)
          return Term(source: term.source, map: map, magnitude: parts.magnitude, radius: parts.radius, termCount: parts.termCount)
        }
        guard Self.areUsable(bias ?? []) else { throw NotProved("at '\(node.name)': a bias is no usable number") }
        let count = prepared.reduce(0) { $0 + $1.termCount } + prepared.reduce(0) { $0 + uses[$1.source] } + 8
        return Node(kind: .affine(terms: prepared, bias: bias, gamma: ErrorBounds.gamma(count)), count: node.count)
      }
    }
    var refined = [Bool](repeating: false, count: network.nodes.count)
    var isAfterActivation = [Bool](repeating: false, count: network.nodes.count)
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input: break
      case .affine(let terms, _): isAfterActivation[index] = terms.contains { isAfterActivation[$0.source] }
      case .activation(let source, _):
        isAfterActivation[index] = true
        // Interval arithmetic loses nothing when one affine map reads the input.
        if case .affine(let terms, _) = network.nodes[source].kind {
          refined[source] = isAfterActivation[source] || terms.count > 1 || terms.contains { $0.source != 0 }
        }
      }
    }
    self.refined = refined
  }

  private static func areUsable(_ values: [Double]) -> Bool { values.allSatisfy { $0.magnitude <= 0x1p150 } }

  private static func parts(
    of map: any LinearMap<Double>, name: String
  ) throws -> (magnitude: any LinearMap<Double>, radius: (any LinearMap<Double>)?, termCount: Int) {
    func check(_ values: [Double]) throws -> [Double] {
      guard areUsable(values) else { throw NotProved("at '\(name)': a coefficient is no usable number") }
      return values.map(\.magnitude)
    }
    switch map {
    case let map as DenseMap<Double>:
      let weight = Matrix(rows: map.weight.rows, columns: map.weight.columns, elements: try check(map.weight.elements))
      return (DenseMap(weight: weight, repetitions: map.repetitions), nil, max(weight.rows, weight.columns))
    case let map as ConvolutionMap<Double>:
      let weight = Matrix(rows: map.weight.rows, columns: map.weight.columns, elements: try check(map.weight.elements))
      let taps = map.geometry.kernelHeight * map.geometry.kernelWidth
      return (ConvolutionMap(geometry: map.geometry, weight: weight), nil, max(weight.columns, weight.rows * taps))
    case let map as DiagonalMap<Double>:
      let radius = try map.radius.map { DiagonalMap(scale: try check($0)) }
      return (DiagonalMap(scale: try check(map.scale)), radius, 1)
    case let map as IndexMap<Double>: return (map, nil, longestColumn(map.indices.filter { $0 >= 0 }))
    default:
      let rows = map.sparseRows()
      func sparse(_ values: [Double]) -> SparseMap<Double> {
        SparseMap(SparseRows(columnCount: rows.columnCount, starts: rows.starts, columns: rows.columns, values: values))
      }
      let longestRow = zip(rows.starts, rows.starts.dropFirst()).reduce(1) { max($0, $1.1 - $1.0) }
      return (
        sparse(try check(rows.values)), rows.radii.isEmpty ? nil : sparse(try check(rows.radii)),
        max(longestRow, longestColumn(rows.columns))
      )
    }
  }

  private static func longestColumn(_ columns: [Int]) -> Int {
    columns.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }.values.max() ?? 1
  }
}
