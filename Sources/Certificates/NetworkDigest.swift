import LinearAlgebra
import Networks

/// The digest that ties a certificate to a network.
public enum NetworkDigest {
  /// SHA-256 over the canonical description of a lowered network, as hexadecimal digits.
  ///
  /// The description lists every node in order: its kind, its length, the nodes it takes, its maps' kinds, integers and coefficients (bit
  /// patterns of doubles, little-endian), biases, activation kinds and parameters. Names do not enter. Two networks with the same digest
  /// compute the same function in real arithmetic.
  public static func sha256(of network: LoweredNetwork) -> String {
    var sha = SHA256()
    func add(_ text: String) {
      sha.update(UInt64(text.utf8.count))
      sha.update(text.utf8)
    }
    func add(_ count: Int) { sha.update(UInt64(bitPattern: Int64(count))) }
    func add(_ values: [Double]) {
      add(values.count)
      sha.update(values)
    }
    add("lipcert-network 1")
    add(network.nodes.count)
    for node in network.nodes {
      add(node.count)
      switch node.kind {
      case .input:
        add("input")
      case .affine(let terms, let bias):
        add("affine")
        add(terms.count)
        for term in terms {
          add(term.source)
          guard let map = term.map else {
            add("identity")
            continue
          }
          let description = map.description
          add(description.kind)
          add(description.integers.count)
          for value in description.integers { add(value) }
          add(description.reals)
        }
        add(bias ?? [])
      case .activation(let source, let units):
        add("activation")
        add(source)
        switch units {
        case .uniform(let activation):
          add(activation.canonicalName)
          add(activation.canonicalParameters)
        case .leakyReLU(let slopes):
          add("leaky relu by unit")
          add(slopes)
        }
      }
    }
    return sha.finish()
  }
}

extension Activation {
  /// A fixed name for digests and certificates.
  var canonicalName: String {
    switch self {
    case .relu: "relu"
    case .leakyReLU: "leaky relu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .elu: "elu"
    case .softplus: "softplus"
    case .clip: "clip"
    case .hardSigmoid: "hard sigmoid"
    case .gelu: "gelu"
    case .geluTanh: "gelu tanh"
    case .silu: "silu"
    case .mish: "mish"
    case .hardSwish: "hard swish"
    case .absoluteValue: "absolute value"
    }
  }

  /// The function's parameters in a fixed order.
  var canonicalParameters: [Double] {
    switch self {
    case .leakyReLU(let slope): [slope]
    case .elu(let alpha): [alpha]
    case .clip(let lower, let upper): [lower, upper]
    case .hardSigmoid(let slope, let offset): [slope, offset]
    default: []
    }
  }
}
