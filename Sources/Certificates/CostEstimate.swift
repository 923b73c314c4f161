import LinearAlgebra
import Networks

/// What a ``GainProof`` of a network will cost, found by walking its live sets without computing anything.
///
/// It counts the matrices as `ValueFunction` and `Substitution` hold them and the products as `VerifiedElimination` takes them, all units
/// being nonlinear and none dead. Vectors and the 256 bytes for each coordinate and thread of a packed panel are left out.
public struct CostEstimate: Sendable, Equatable {
  /// The greatest order among the gains, and among the stages of an elimination: the units of a node and what is live after it.
  public private(set) var largestOrder = 0
  /// Peak memory of the matrices and of the explicit map in hand, in bytes: never less than a proof takes for them.
  public private(set) var bytes = 0
  /// Multiplications, about; the products of triangles count as the sixths and thirds they are.
  public private(set) var multiplications = 0.0

  /// Estimates the cost for a network.
  ///
  /// - Parameter hasLocalSectors: whether any unit may be linear, as inside a region.
  public init(of network: LoweredNetwork, hasLocalSectors: Bool = false) {
    var live = [network.nodes.count - 1: network.outputCount]
    func order() -> Int { live.values.reduce(0, +) }
    for index in stride(from: network.nodes.count - 1, through: 0, by: -1) {
      guard let count = live[index] else { continue }
      let before = order()
      switch network.nodes[index].kind {
      case .input:
        break
      case .affine(let terms, _):
        live[index] = nil
        for term in terms { live[term.source] = network.nodes[term.source].count }
        let after = order()
        let entries = terms.map { $0.map?.entryBound ?? Double(network.nodes[$0.source].count) }
        // A dense map is transposed; a sparse one is held by rows and by columns, with indices, row boundaries and perhaps radii.
        let maps = zip(terms, entries).reduce(0.0) { sum, pair in
          let starts = Double(count) + Double(network.nodes[pair.0.source].count) + 2
          return sum + (pair.0.map?.isDense == true ? 8 * pair.1 : 40 * pair.1 + 8 * starts)
        }
        substitute(before: before, after: after, maps: maps)
        for (term, entries) in zip(terms, entries) {
          multiplications += entries * (Double(before) + Double(after) - Double(network.nodes[term.source].count) / 2)
        }
      case .activation(let source, let units):
        live[index] = nil
        var others = before - count
        let isTriangular = live[source] == nil
        if isTriangular && (hasLocalSectors || units.mayBeLinear) {
          // Linear units make their pre-activations live first, beside the units.
          substitute(before: before, after: others + count + count, maps: 80 * Double(count))
          others += count
        } else {
          // Dead units are left out of Q first.
          substitute(before: before, after: before, maps: 80 * Double(count))
        }
        live[source] = network.nodes[source].count
        let after = order()
        let (units, coupling) = ((count, count), (after, count))
        if others == 0 {
          record(order: count + after, cells: [units, coupling])
          record(order: count + after, cells: [coupling, (after, after)])
        } else {
          record(order: count + after, cells: [(others + count, others + count), units, coupling, (after, after)])
        }
        // Rows of pre-activations that occur nowhere else begin with zeros: n³/6 for their solution, as for the factor, and for their product.
        let (e, o) = (Double(count), Double(isTriangular ? before - count : after))
        multiplications += e * e * e / 6 + e * e * o / 2 + e * o * o / 2
        if isTriangular { multiplications += e * e * e / 3 + e * e * o / 2 }
      }
    }
    let inputs = network.inputCount
    record(order: inputs, cells: [(inputs, inputs), (inputs, inputs)])
  }

  private mutating func substitute(before: Int, after: Int, maps: Double) {
    // Q and P′Q, then P′Q and P′QP.
    record(order: 0, cells: [(before, before), (after, before)], more: maps)
    record(order: 0, cells: [(after, before), (after, after)], more: maps)
    largestOrder = max(largestOrder, before)
  }

  /// Notes the matrices (rows, columns) that exist at one time; a sum beyond `Int` counts as the largest.
  private mutating func record(order: Int, cells: [(rows: Int, columns: Int)], more: Double = 0) {
    largestOrder = max(largestOrder, order)
    let total = cells.reduce(more) { $0 + 8 * Double($1.rows) * Double($1.columns) }
    bytes = max(bytes, Int(exactly: total.rounded(.up)) ?? .max)
  }
}

extension LinearMap<Double> {
  /// At least the number of entries of the explicit matrix.
  fileprivate var entryBound: Double {
    switch self {
    case let map as DenseMap<Double>: Double(map.weight.elements.count) * Double(map.repetitions)
    case let map as ConvolutionMap<Double>: Double(map.outputCount) * Double(map.weight.columns)
    case let map as SparseMap<Double>: Double(map.matrix.values.count)
    case is IndexMap<Double>, is DiagonalMap<Double>: Double(outputCount)
    default: Double(outputCount) * Double(inputCount)
    }
  }

  /// Whether the proof holds the matrix as a dense one.
  fileprivate var isDense: Bool { (self as? DenseMap<Double>)?.repetitions == 1 }
}

extension LoweredNetwork.Units {
  /// Whether some unit's sector is a point.
  fileprivate var mayBeLinear: Bool {
    let sectors =
      switch self {
      case .uniform: globalSectors(count: 1)
      case .leakyReLU(let slopes): globalSectors(count: slopes.count)
      }
    return sectors.contains { $0.lower == $0.upper }
  }
}
