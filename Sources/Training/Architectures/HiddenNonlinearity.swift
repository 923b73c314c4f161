import LinearAlgebra
import Networks

/// What stands between the linear layers of an architecture.
public enum HiddenNonlinearity: Hashable, Sendable {
  /// A scalar function of every element.
  case scalar(Activation)
  /// Neighbouring channels in groups of `size`, sorted; 2 is MaxMin.
  case groupSort(size: Int)

  /// The layer.
  func layer<Element: Scalar>(_ name: String) -> any Layer<Element> {
    switch self {
    case .scalar(let activation): ActivationLayer<Element>(name, activation)
    case .groupSort(let size): GroupSortLayer<Element>(name, size: size)
    }
  }

  /// How weights before it begin: He's numbers for half-linear functions; orthogonal for those that keep the norm of gradients.
  func initialiser(fan: Int) -> Initialiser {
    switch self {
    case .scalar(.relu), .scalar(.leakyReLU): .he(fan: fan)
    case .scalar(.absoluteValue), .groupSort: .orthogonal(gain: 1)
    case .scalar: .normal(deviation: (1 / Double(max(1, fan))).squareRoot())
    }
  }
}
