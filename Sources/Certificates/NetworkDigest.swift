import Networks

/// The digest that ties a certificate to a network.
public enum NetworkDigest {
  /// SHA-256 over the canonical bytes of a lowered network (`feedCanonicalBytes(to:)`), as hexadecimal digits.
  ///
  /// Two networks with the same digest compute the same function in real arithmetic; names do not enter.
  public static func sha256(of network: LoweredNetwork) -> String {
    var sha = SHA256()
    withoutActuallyEscaping({ sha.update($0) }) { network.feedCanonicalBytes(to: $0) }
    return sha.finish()
  }
}
