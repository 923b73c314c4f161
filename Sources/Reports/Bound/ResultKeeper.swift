import Certificates
import Lipschitz

/// Writes what a comparison of methods is to leave behind: the certificate, and the report's folder. One failure does not keep the other from
/// being written.
public struct ResultKeeper {
  /// Where the certificate goes, or `nil`.
  public var certificate: String?
  /// Where the report goes, or `nil`.
  public var folder: ReportFolder?
  /// Whether written certificates are read back and checked.
  public var isChecked: Bool
  /// Whether the report names its certificate by the file's name alone, so that it is the same wherever its folder is.
  public var isMovable: Bool
  /// Where checks keep their state, and who is told of their progress.
  public var journal: ProofJournal
  /// Asked between the steps of what a report adds to the results; when it says true, the rest is left out.
  public var isCancelled: () -> Bool

  /// A keeper.
  public init(
    certificate: String?, folder: ReportFolder?, isChecked: Bool = true, isMovable: Bool = false,
    journal: ProofJournal = ProofJournal(), isCancelled: @escaping () -> Bool = { false }
  ) {
    (self.certificate, self.folder, self.isChecked) = (certificate, folder, isChecked)
    (self.isMovable, self.journal, self.isCancelled) = (isMovable, journal, isCancelled)
  }

  /// Writes everything and completes the report; what failed is returned.
  public func keep(_ report: inout BoundReport, problem: LipschitzProblem) -> [any Error] {
    var failures: [any Error] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failures.append(error) }
    }
    if let certificate {
      attempt {
        report.certificate = try CertificateWriter(path: certificate, isChecked: isChecked, journal: journal).write(
          report, problem: problem)
      }
    }
    if let folder {
      if !isCancelled() { report.activity = ActivityFact.facts(of: problem.lowered, seed: report.seed) }
      report.linearMaps = LinearMapFact.facts(of: problem.selected, isCancelled: isCancelled)
      attempt {
        try folder.prepare()
        if report.bestWithCertificate != nil {
          // The same bytes as the first file, if there is one; what was checked once needs no second proof.
          let isFirst = report.certificate?.isChecked != true
          let copy = try CertificateWriter(path: folder.certificate, isChecked: isChecked && isFirst, journal: journal).write(
            report, problem: problem)
          report.certificate = report.certificate ?? copy
          if isMovable { report.certificate?.path = BoundReport.certificateName }
        }
        try folder.write(report)
      }
    }
    return failures
  }
}
