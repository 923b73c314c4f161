import Certificates
import Lipschitz

extension RadiusProblem {
  /// The certificate of a radius, sealed; nothing is proved here.
  ///
  /// - Parameters:
  ///   - radius: what is claimed. Proofs by Lipschitz bounds need L · radius strictly below the margin, so a radius that was divided out exactly
  ///     must give way by a few units in the last place.
  ///   - slopes: of the lines in the bounds of inner nodes, by node; none for those that enclose least.
  ///   - proof: for every rival class why it stays behind.
  public func certificate(
    radius: Double, slopes: [Int: RelaxationSlopes] = [:], proof: (_ rival: Int) -> RobustnessCertificate.Proof
  ) -> RobustnessCertificate {
    RobustnessCertificate(
      generator: "lipcert \(Version.current)", network: classifier.lowered, digest: classifier.digest,
      statement: .init(norm: norm, center: input, radius: radius, label: label, domain: domain), slopes: slopes,
      rivals: classifier.rivals(of: label).map { .init(rival: $0, proof: proof($0)) })
  }
}
