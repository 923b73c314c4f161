import Networks

/// What stands between the layers of a fully connected network.
public enum NPZNonlinearity: Sendable, Hashable {
  /// An activation function of every element.
  case activation(Activation)
  /// Consecutive groups of the given size sorted in ascending order; MaxMin is size 2.
  case groupSort(size: Int)
}
