import Certificates
import Foundation
import LinearAlgebra
import Networks

/// The least product of norms over positive diagonal changes of scale between the layers: min over D of Π ‖D_k W_k D_{k−1}⁻¹‖.
///
/// Units with φ(ds) = dφ(s) for d > 0 commute with positive diagonals, so every D gives a bound. The logarithm of each norm is convex in the
/// logarithms of D (three lines theorem), with the squared entries of the singular vectors as its gradient. At the minimum the two gradients
/// at every unit balance; the iteration multiplies D by a power of their quotient, as the balancing of matrices by Osborne (1960) and
/// Sinkhorn's iteration do, for Schatten norms of growing order. For non-negative weights the minimum is the norm of the product of all
/// layers, which is the exact constant.
struct DiagonalRescaling {
  /// The weights of a chain of dense layers with positively homogeneous units.
  private let weights: [Matrix<Double>]
  /// The same, perhaps with a reduced input, for the search.
  private let searched: [Matrix<Double>]
  /// Multiplications the search may take.
  private static let budget = 3e9

  /// A chain, or `nil` when the network is no chain of dense layers, some unit is not positively homogeneous with slopes in [−1, 1], or the
  /// search would take too long.
  init?(_ problem: LipschitzProblem) {
    guard let weights = Self.chain(problem.selected), weights.count > 1,
      let reduced = try? problem.selected.simplified().reducedInput(), let searched = Self.chain(reduced), searched.count == weights.count
    else { return nil }
    let cost = searched.reduce(0.0) { $0 + 20 * Double($1.rows * $1.columns * min($1.rows, $1.columns)) }
    guard cost * 10 * Double(Self.orders.count) < Self.budget else { return nil }
    self.weights = weights
    self.searched = searched
  }

  private static func chain(_ network: LoweredNetwork) -> [Matrix<Double>]? {
    var weights: [Matrix<Double>] = []
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input: continue
      case .affine(let terms, _):
        guard terms.count == 1, terms[0].source == index - 1 else { return nil }
        // The identity at the end of a lowered network.
        if terms[0].map == nil { continue }
        guard let dense = terms[0].map as? DenseMap<Double>, dense.repetitions == 1 else { return nil }
        if index > 1, case .affine = network.nodes[index - 1].kind { return nil }
        weights.append(dense.weight)
      case .activation(let source, let units):
        guard source == index - 1, index > 1 else { return nil }
        switch units {
        case .uniform(.relu), .uniform(.absoluteValue): continue
        case .uniform(.leakyReLU(let slope)) where slope.magnitude <= 1: continue
        case .leakyReLU(let slopes) where slopes.allSatisfy({ $0.magnitude <= 1 }): continue
        default: return nil
        }
      }
    }
    return weights
  }

  /// Orders of the Schatten norms.
  private static let orders = [2.0, 4, 8, 16, 32, 64]

  /// The proved product of the rescaled norms, rounded up; `nil` when the search fails.
  func upperBound() -> Double? {
    guard let scales = try? search() else { return nil }
    var product = 1.0
    for (layer, weight) in weights.enumerated() {
      let scaled = Self.scaled(weight, layer < scales.count ? scales[layer] : nil, layer > 0 ? scales[layer - 1] : nil)
      // Every entry was rounded twice, or underflowed.
      let frobenius = ErrorBounds.sqrtUp(scaled.elements.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
      let norm = ErrorBounds.addUp(
        VerifiedNorm.upperBound(of: DenseMap(weight: scaled)), ErrorBounds.multiplyUp(0x1p-51, frobenius) + 0x1p-800)
      product = ErrorBounds.multiplyUp(product, norm)
    }
    return product.isFinite ? product : nil
  }

  /// D W E⁻¹.
  private static func scaled(_ weight: Matrix<Double>, _ left: [Double]?, _ right: [Double]?) -> Matrix<Double> {
    var result = weight
    for i in 0..<weight.rows {
      for j in 0..<weight.columns { result[i, j] = (left?[i] ?? 1) * weight[i, j] / (right?[j] ?? 1) }
    }
    return result
  }

  /// The diagonals with the least product found.
  private func search() throws -> [[Double]] {
    var scales = searched.dropLast().map { [Double](repeating: 1, count: $0.rows) }
    var (best, least) = (scales, Double.infinity)
    for order in Self.orders {
      for _ in 0..<10 {
        var (rows, columns, logarithm) = ([[Double]](), [[Double]](), 0.0)
        for (layer, weight) in searched.enumerated() {
          let scaled = Self.scaled(weight, layer < scales.count ? scales[layer] : nil, layer > 0 ? scales[layer - 1] : nil)
          let (norm, left, right) = try Self.gradients(scaled, order: order)
          logarithm += log(norm)
          rows.append(left)
          columns.append(right)
        }
        if logarithm < least { (best, least) = (scales, logarithm) }
        for layer in scales.indices {
          // A little of both keeps units that one side does not use from running away.
          let floor = 1e-3 / Double(scales[layer].count)
          for i in scales[layer].indices {
            let scale = scales[layer][i] * pow((columns[layer + 1][i] + floor) / (rows[layer][i] + floor), 1 / order)
            scales[layer][i] = min(max(scale, 0x1p-100), 0x1p+100)
          }
        }
      }
    }
    return best
  }

  /// The norm, and the gradients of the logarithm of the Schatten norm in the logarithms of left and right scales.
  private static func gradients(_ a: Matrix<Double>, order: Double) throws -> (norm: Double, left: [Double], right: [Double]) {
    let parts = try a.svd()
    guard let largest = parts.values.first, largest > 0 else { throw NotProved("a layer vanishes") }
    let powers = parts.values.map { pow($0 / largest, order) }
    let total = powers.reduce(0, +)
    var (left, right) = ([Double](repeating: 0, count: a.rows), [Double](repeating: 0, count: a.columns))
    for (k, power) in powers.enumerated() {
      for i in 0..<a.rows { left[i] += power / total * parts.u[i, k] * parts.u[i, k] }
      for j in 0..<a.columns { right[j] += power / total * parts.vt[k, j] * parts.vt[k, j] }
    }
    return (largest, left, right)
  }
}
