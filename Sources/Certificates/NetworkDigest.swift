import LinearAlgebra
import Networks

/// The digest that ties a certificate to a network.
public enum NetworkDigest {
  /// tmp
  public static func sha256(of network: LoweredNetwork) -> String { "" }
}
