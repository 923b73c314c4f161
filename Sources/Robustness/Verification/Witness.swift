/// An input that, with the network's output, lies in a property's unsafe set.
public struct Witness: Sendable {
  /// The input. Every coordinate is a single-precision number where the property's bounds allow one; where they pin a decimal that is no
  /// double, it is the double nearest to the bounds.
  public var input: [Double]
  /// The network's output there in single precision.
  public var output: [Double]
  /// The disjunct that it satisfies.
  public var disjunct: Int
}
