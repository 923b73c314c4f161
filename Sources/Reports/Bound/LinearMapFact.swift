import LinearAlgebra
import Networks

/// One linear map of a lowered network, with an estimate of its spectral norm.
public struct LinearMapFact: Sendable, Equatable {
  /// The affine node it belongs to, and the node it reads where there are several.
  public var label: String
  /// `dense`, `convolution`, `diagonal`, `index` or `sparse`.
  public var kind: String
  /// Length of the vectors it takes.
  public var inputs: Int
  /// Length of the vectors it gives.
  public var outputs: Int
  /// Lanczos' estimate from below, or `nil` when it was not computed.
  public var norm: Double?

  /// Collects the parts.
  public init(label: String, kind: String, inputs: Int, outputs: Int, norm: Double?) {
    (self.label, self.kind, self.inputs, self.outputs, self.norm) = (label, kind, inputs, outputs, norm)
  }

  /// Every linear map of a network; the identity is left out.
  ///
  /// - Parameters:
  ///   - network: the network in normal form.
  ///   - seconds: norms are estimated until this much time has passed, the rest stays unknown.
  ///   - isCancelled: asked between maps.
  public static func facts(of network: LoweredNetwork, seconds: Double = 10, isCancelled: () -> Bool = { false }) -> [LinearMapFact] {
    let began = ContinuousClock.now
    let lanczos = Lanczos(tolerance: 1e-5, maximumIterations: 100)
    var facts: [LinearMapFact] = []
    for node in network.nodes {
      guard case .affine(let terms, _) = node.kind else { continue }
      for term in terms {
        guard let map = term.map else { continue }
        let isAffordable = began.duration(to: .now) < .seconds(seconds) && !isCancelled()
        facts.append(
          LinearMapFact(
            label: node.name + (terms.count > 1 ? " from \(network.nodes[term.source].name)" : ""), kind: map.description.kind,
            inputs: map.inputCount, outputs: map.outputCount, norm: isAffordable ? try? lanczos.spectralNorm(of: map) : nil))
      }
    }
    return facts
  }
}
