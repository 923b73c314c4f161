import Certificates
import Foundation
import LinearAlgebra
import Networks

/// A chain as explicit matrices between its activation nodes: W₀, units, W₁, units, …, W_l.
struct ChainLayers {
  /// One matrix more than there are activation nodes; maps between two nodes are multiplied.
  let maps: [Matrix<Double>]

  /// The layers of a network.
  ///
  /// - Parameter largestElementCount: the most elements that a matrix may have.
  /// - Throws: ``NotApplicable`` when the network is no chain, or a layer is too wide for explicit matrices.
  init(_ network: LoweredNetwork, largestElementCount: Int = 1 << 26) throws {
    guard network.isChain else {
      throw NotApplicable("the network has residual or parallel branches, and layers are taken one after the other")
    }
    var maps: [Matrix<Double>] = []
    var pending: Matrix<Double>?
    for node in network.nodes {
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        guard let map = terms[0].map else { continue }
        let (size, overflow) = map.outputCount.multipliedReportingOverflow(by: pending?.columns ?? map.inputCount)
        guard !overflow, size <= largestElementCount, map.inputCount * map.outputCount <= largestElementCount else {
          throw NotApplicable("'\(node.name)' is too large for an explicit matrix, which every layer's program needs")
        }
        let own = map.denseMatrix()
        pending = pending.map { Matrix.product(own, $0) } ?? own
      case .activation:
        maps.append(pending ?? .identity(node.count))
        pending = nil
      }
    }
    maps.append(pending ?? .identity(network.outputCount))
    self.maps = maps
  }

  /// The multiplications of a barrier method's pass, about: forty steps of 16 n³ for each layer.
  var cost: Double { maps.dropFirst().reduce(0) { $0 + 640 * pow(Double($1.columns), 3) } }
}
