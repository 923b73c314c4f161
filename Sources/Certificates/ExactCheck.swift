import LinearAlgebra
import Networks

/// A second, slow and obviously correct checker in exact rational arithmetic.
///
/// It builds the whole linear matrix inequality of the statement (not the recursion) in the increments of the input and of all activation
/// units, with every weight, slope and multiplier as the dyadic rational it is, and decides positive definiteness exactly: by a witness whose
/// products are computed exactly, or else by fraction-free elimination (Bareiss), a symmetric matrix being positive definite exactly when all
/// its leading principal minors are positive. Units whose sector is a point are linear, with no coordinate of their own. It shares no
/// arithmetic with ``GainProof``; what both read is the lowered network, its explicit matrices and the sectors.
public enum ExactCheck {
  /// The largest number of coordinates (inputs and units together) for which the exact check is offered.
  public static let largestOrder = 200

  /// Whether diag(d) over the input minus the network's quadratic form plus the multiplier terms is positive definite, exactly.
  ///
  /// Inputs and units that do not occur at all are left out of the matrix.
  ///
  /// - Throws: ``NotProved`` when the network is too large or has weights known only up to a radius, or when sectors, multipliers (t ≥ 0) or
  ///   input weights do not fit.
  public static func isPositiveDefinite(
    _ network: LoweredNetwork, sectors: [UnitSectors], multipliers: [[Double]], inputWeights d: [Double]
  ) throws -> Bool {
    try network.requireNormalForm()
    let counts = network.activationNodes.map { network.nodes[$0].count }
    guard sectors.count == counts.count, zip(sectors, counts).allSatisfy({ $0.fits(count: $1) }) else {
      throw NotProved("the sectors do not fit the network")
    }
    guard multipliers.map(\.count) == counts, multipliers.joined().allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw NotProved("the multipliers do not fit the network, or one is negative or not finite")
    }
    guard d.count == network.inputCount, d.allSatisfy(\.isFinite) else { throw NotProved("the input weights do not fit the input") }
    let points = sectors.reduce(0) { $0 + zip($1.lower, $1.upper).count { $0 == $1 } }
    let free = network.inputCount + network.unitCount - points
    guard free <= largestOrder else {
      throw NotProved("the exact check takes networks of up to \(largestOrder) inputs and units; this one has \(free)")
    }
    // Every node's increment as rows over the free increments (input, then the units of each activation node).
    var rows: [[[Dyadic]]] = []
    var offset = 0
    var next = 0
    var form = SymmetricForm(order: free)
    for node in network.nodes {
      switch node.kind {
      case .input:
        rows.append((0..<node.count).map { unit(offset + $0, of: free) })
        for i in 0..<node.count { form.add(Dyadic(d[i]), rows[0][i], rows[0][i]) }
        offset += node.count
      case .affine(let terms, _):
        var result = [[Dyadic]](repeating: [Dyadic](repeating: .zero, count: free), count: node.count)
        for term in terms {
          guard let map = term.map else {
            for i in 0..<node.count { result[i] = sum(result[i], 1, rows[term.source][i]) }
            continue
          }
          let sparse = map.sparseRows()
          guard sparse.radii.allSatisfy({ $0 == 0 }) else { throw NotProved("'\(node.name)' has weights that are not exact doubles") }
          for i in 0..<node.count {
            for k in sparse.starts[i]..<sparse.starts[i + 1] {
              result[i] = sum(result[i], Dyadic(sparse.values[k]), rows[term.source][sparse.columns[k]])
            }
          }
        }
        rows.append(result)
      case .activation(let source, _):
        var own: [[Dyadic]] = []
        for i in 0..<node.count {
          let (alpha, beta) = (Dyadic(sectors[next].lower[i]), Dyadic(sectors[next].upper[i]))
          let p = rows[source][i]
          if sectors[next].lower[i] == sectors[next].upper[i] {
            own.append(sum([Dyadic](repeating: .zero, count: free), alpha, p))
            continue
          }
          let h = unit(offset, of: free)
          offset += 1
          // −t (h − αp)(βp − h): the quadratic form t h² − t(α + β) hp + tαβ p².
          form.add(Dyadic(multipliers[next][i]), sum(h, -alpha, p), sum(h, -beta, p))
          own.append(h)
        }
        next += 1
        rows.append(own)
      }
    }
    for row in rows[network.nodes.count - 1] { form.add(-1, row, row) }
    return form.isPositiveDefinite
  }

  private static func unit(_ i: Int, of count: Int) -> [Dyadic] {
    var row = [Dyadic](repeating: .zero, count: count)
    row[i] = 1
    return row
  }

  private static func sum(_ a: [Dyadic], _ factor: Dyadic, _ b: [Dyadic]) -> [Dyadic] {
    if factor.isZero { return a }
    return zip(a, b).map { $1.isZero ? $0 : $0 + factor * $1 }
  }
}
