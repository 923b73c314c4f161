import Certificates

extension StatementWords {
  /// A radius in words, with all its digits.
  public static func robustness(_ statement: RobustnessCertificate.Statement) -> String {
    let norm =
      switch statement.norm {
      case .l2: "|x - c|_2"
      case .lInfinity: "|x - c|_inf"
      case .l1: "|x - c|_1"
      }
    let domain = statement.domain.map { " and inputs in \($0.map { "\($0)" }.joined(separator: "..."))" } ?? ""
    // The centre is in the certificate in full; a short one fits here, too.
    let center = statement.center.count <= 8 ? ", c = (\(statement.center.map { "\($0)" }.joined(separator: ", ")))" : ""
    return "the answer is \(statement.label) for all inputs with \(norm) <= \(statement.radius)\(domain)\(center)"
  }
}
