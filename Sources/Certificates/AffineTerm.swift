import LinearAlgebra
import Networks

/// A term of an affine node as the recursion substitutes it: a chain of maps from a node that is live on its own.
///
/// Affine nodes that only scale, select or move the coordinates of another one, such as batch normalisations after convolutions and
/// residual sums, are not made live: in a residual block they would be another node of full size beside the trunk.
struct AffineTerm {
  /// The node the term takes.
  let source: Int
  /// The maps, outermost first; their product is the term's. None is the identity.
  let maps: [any LinearMap<Double>]
  /// The length of the source's vector.
  let inputCount: Int

  /// The explicit matrix.
  var map: CertifiedMap {
    guard let innermost = maps.last else { return CertifiedMap(nil, count: inputCount) }
    guard maps.count > 1 else { return CertifiedMap(innermost, count: inputCount) }
    return CertifiedMap(sparse: maps.dropLast().reversed().reduce(innermost.sparseRows()) { $1.sparseRows().selecting($0) })
  }

  /// At least the number of entries of the explicit matrix.
  var entryBound: Double {
    guard let innermost = maps.last else { return Double(inputCount) }
    guard maps.count > 1 else { return innermost.entryBound }
    // A row of the product is a row of the innermost map, which an outer one may repeat.
    let rows = Double(maps.map(\.outputCount).max() ?? 0) / Double(max(1, innermost.outputCount))
    return innermost.entryBound * max(1, rows.rounded(.up))
  }

  /// Whether the proof holds the matrix as a dense one.
  var isDense: Bool { maps.count == 1 && maps[0].isHeldDense }
}

extension LoweredNetwork {
  /// The terms of every affine node that is made live; `nil` for the other nodes and for those that are absorbed.
  func affineTerms() -> [[AffineTerm]?] {
    var uses = [Int](repeating: 0, count: nodes.count)
    for node in nodes {
      switch node.kind {
      case .input: break
      case .affine(let terms, _): for term in terms { uses[term.source] += 1 }
      case .activation(let source, _): uses[source] += 1
      }
    }
    var result = [[AffineTerm]?](repeating: nil, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard case .affine(let terms, _) = node.kind else { continue }
      var own: [AffineTerm] = []
      for term in terms {
        let outer = term.map.map { [$0] } ?? []
        if let inner = result[term.source], uses[term.source] == 1, outer.allSatisfy(\.isSelection), !inner.contains(where: \.isDense) {
          own += inner.map { AffineTerm(source: $0.source, maps: outer + $0.maps, inputCount: $0.inputCount) }
          result[term.source] = nil
        } else {
          own.append(AffineTerm(source: term.source, maps: outer, inputCount: nodes[term.source].count))
        }
      }
      result[index] = own
    }
    return result
  }
}

extension LinearMap<Double> {
  /// Whether each row of the matrix has one entry at most.
  fileprivate var isSelection: Bool { self is DiagonalMap<Double> || self is IndexMap<Double> }

  fileprivate var isHeldDense: Bool { (self as? DenseMap<Double>)?.repetitions == 1 }
}

extension SparseRows<Double> {
  /// The product of this matrix, whose rows have one entry at most, with another: |fl(da) − da| ≤ u|fl(da)| + 2⁻¹⁰⁷⁴ joins the radii.
  fileprivate func selecting(_ other: SparseRows<Double>) -> SparseRows<Double> {
    var result = SparseRows<Double>(columnCount: other.columnCount, starts: [0], columns: [], values: [])
    var radii: [Double] = []
    for row in 0..<starts.count - 1 {
      for k in starts[row]..<starts[row + 1] {
        let (factor, radius) = (values[k], self.radii.isEmpty ? 0 : self.radii[k])
        for j in other.starts[columns[k]]..<other.starts[columns[k] + 1] {
          let (a, own) = (other.values[j], other.radii.isEmpty ? 0 : other.radii[j])
          let value = factor * a
          result.columns.append(other.columns[j])
          result.values.append(value)
          if radius == 0 && factor.magnitude == 1 {
            radii.append(own)
          } else {
            let inherited = factor.magnitude * own + radius * a.magnitude + radius * own
            radii.append(((inherited + 0x1p-53 * value.magnitude) * (1 + 0x1p-48) + 0x1p-1070).nextUp)
          }
        }
      }
      result.starts.append(result.columns.count)
    }
    result.radii = radii.contains { $0 != 0 } ? radii : []
    return result
  }
}
