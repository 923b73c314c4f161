import LinearAlgebra
import Networks

/// What the units of one activation node did on a sample of inputs.
public struct ActivityFact: Sendable, Equatable {
  /// How many inputs are drawn.
  public static let samples = 256

  /// The node.
  public var name: String
  /// Its units.
  public var count: Int
  /// Units whose slope was 0 at every input: nothing passed through them.
  public var inactive: Int
  /// Units whose slope was the same, and not 0, at every input: they acted as linear ones.
  public var linear: Int

  /// Units whose slope changed from input to input.
  public var switching: Int { count - inactive - linear }

  /// Collects the parts.
  public init(name: String, count: Int, inactive: Int, linear: Int) {
    (self.name, self.count, self.inactive, self.linear) = (name, count, inactive, linear)
  }

  /// Evaluates a network at ``samples`` standard normal inputs and looks at the slopes of its units.
  ///
  /// This is an observation, no proof: a unit that was inactive on the sample may be active elsewhere.
  ///
  /// - Parameters:
  ///   - network: the network in normal form.
  ///   - seed: of the inputs.
  ///   - limit: networks whose slopes would need more numbers than this are left out.
  public static func facts(of network: LoweredNetwork, seed: UInt64, limit: Int = 1 << 25) -> [ActivityFact] {
    let widest = network.nodes.map(\.count).max() ?? 0
    guard samples * max(widest, network.unitCount) <= limit else { return [] }
    var random = SplitMix64(seed: seed)
    let points: Matrix<Double> = random.gaussianMatrix(rows: samples, columns: network.inputCount)
    let linearisation = Evaluator<Double>(network).linearisation(at: points)
    return network.activationNodes.compactMap { node in
      guard let slopes = linearisation.activationSlopes(step: node) else { return nil }
      var fact = ActivityFact(name: network.nodes[node].name, count: slopes.columns, inactive: 0, linear: 0)
      for unit in 0..<slopes.columns {
        let first = slopes[0, unit]
        guard (1..<slopes.rows).allSatisfy({ slopes[$0, unit] == first }) else { continue }
        if first == 0 { fact.inactive += 1 } else { fact.linear += 1 }
      }
      return fact
    }
  }
}
