/// Choices that belong to single methods; each method reads its own.
public struct RadiusMethodSettings: Sendable {
  /// `global`: where the certificates of constants are kept between runs, or `nil`.
  public var certificates: CertificateFolder?
  /// `global`: the relative gap of constants.
  public var constantTolerance = 1e-2

  /// The default choices.
  public init() {}
}
