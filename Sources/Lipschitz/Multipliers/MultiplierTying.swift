import Certificates
import LinearAlgebra
import Networks

/// Which activation units share one multiplier.
///
/// Sharing restricts the semidefinite program, so the optimum can only grow from `neuron` to `channel` to `layer`. With a shared multiplier
/// only the sum of the group's slope constraints is used.
public enum MultiplierTying: String, Sendable, CaseIterable, Codable {
  /// Every unit has its own multiplier: LipSDP-Neuron.
  case neuron
  /// The pixels of a channel share one; units that do not come from a convolution have their own.
  case channel
  /// The units of an activation node share one: LipSDP-Layer.
  case layer

  /// The groups of every activation node, or `nil` when every unit has its own multiplier.
  ///
  /// Units that say nothing stay alone: linear ones, those that cannot move, and those that do not reach the output. Their constraints could
  /// only make a shared multiplier's bound larger.
  func groups(of problem: LipschitzProblem) throws -> [UnitGroups]? {
    guard self != .neuron else { return nil }
    let network = problem.selected
    let isCoordinate = CoordinateUnits.find(network, sectors: problem.sectors)
    return zip(network.activationNodes, isCoordinate).map { index, isCoordinate in
      let count = network.nodes[index].count
      let shared: Int? =
        switch self {
        case .neuron: nil
        case .layer: count
        case .channel: network.channelCount(of: index).map { count / $0 }
        }
      return UnitGroups(
        labels: (0..<count).map { i in
          guard let shared, isCoordinate[i] else { return -1 - i }
          return i / shared
        })
    }
  }
}

/// Units about whose increments a multiplier says something.
private enum CoordinateUnits {
  /// For every activation node, which of its units are neither linear nor constant and reach the output.
  ///
  /// One pass with random numbers decides: what is structurally zero is zero exactly, anything else with probability zero.
  static func find(_ network: LoweredNetwork, sectors: [UnitSectors]) -> [[Bool]] {
    var random = SplitMix64(seed: 0x7e57)
    let steepest = sectors.map { zip($0.lower, $0.upper).map { abs($0) > abs($1) ? $0 : $1 } }
    var values: [Matrix<Double>] = []
    var position = 0
    for node in network.nodes {
      var value = Matrix<Double>(rows: 1, columns: node.count)
      switch node.kind {
      case .input: value = random.gaussianMatrix(rows: 1, columns: node.count)
      case .affine(let terms, _):
        for term in terms {
          if let map = term.map {
            map.apply(values[term.source], to: &value, accumulating: true)
          } else {
            add(values[term.source], to: &value)
          }
        }
      case .activation(let source, _):
        value = values[source]
        for i in 0..<node.count { value.elements[i] *= steepest[position][i] }
        position += 1
      }
      // Only zeros matter; unit sizes keep deep networks within range.
      for i in value.elements.indices where value.elements[i] != 0 { value.elements[i] = 0.5 + random.nextUniform() }
      values.append(value)
    }
    var adjoints = network.nodes.map { Matrix<Double>(rows: 1, columns: $0.count) }
    adjoints[network.nodes.count - 1] = random.gaussianMatrix(rows: 1, columns: network.outputCount)
    var result = sectors.map { zip($0.lower, $0.upper).map { $0 < $1 } }
    for (index, node) in network.nodes.enumerated().reversed() {
      var adjoint = adjoints[index]
      for i in adjoint.elements.indices where adjoint.elements[i] != 0 { adjoint.elements[i] = 0.5 + random.nextUniform() }
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        for term in terms {
          if let map = term.map {
            map.adjoint(adjoint, to: &adjoints[term.source], accumulating: true)
          } else {
            add(adjoint, to: &adjoints[term.source])
          }
        }
      case .activation(let source, _):
        position -= 1
        for i in 0..<node.count {
          if adjoint.elements[i] == 0 || values[source].elements[i] == 0 { result[position][i] = false }
          adjoint.elements[i] *= steepest[position][i]
        }
        add(adjoint, to: &adjoints[source])
      }
    }
    return result
  }

  private static func add(_ x: Matrix<Double>, to y: inout Matrix<Double>) {
    for i in x.elements.indices { y.elements[i] += x.elements[i] }
  }
}

extension LoweredNetwork {
  /// The number of channels of a node's tensor, or `nil` when it does not come from convolutions by maps that keep channels apart.
  fileprivate func channelCount(of index: Int) -> Int? {
    switch nodes[index].kind {
    case .input: return nil
    case .activation(let source, _): return channelCount(of: source)
    case .affine(let terms, _):
      let counts = terms.map { term -> Int? in
        switch term.map {
        case let convolution as ConvolutionMap<Double>: convolution.geometry.outputChannels
        case nil, is DiagonalMap<Double>: channelCount(of: term.source)
        default: nil
        }
      }
      guard let first = counts.first ?? nil, counts.allSatisfy({ $0 == first }), nodes[index].count % first == 0 else { return nil }
      return first
    }
  }
}
