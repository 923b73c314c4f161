import Certificates
import CommandLineSupport
import Lipschitz
import Networks
import Reports

/// A step that gives the certificates of earlier steps to the independent checker.
struct CheckStep: StudyStep {
  /// A step whose certificates are checked, and the network that they are about.
  struct Subject: Sendable {
    let step: String
    let model: ModelReference
  }

  let id: String
  let folder: String
  let title: String
  let subjects: [Subject]

  var needs: [StepNeed] {
    subjects.flatMap { [StepNeed(step: $0.step, files: .certificates)] + $0.model.needs }
  }
  var actions: [String] { ["check the certificates of \(subjects.map(\.step).joined(separator: ", "))"] }

  func identity(_ context: StepContext) throws -> [String] { try ["check"] + subjects.map { try $0.model.identity() } }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let files = subjects.map { context.files(StepNeed(step: $0.step, files: .certificates)) }
    let total = files.reduce(0) { $0 + $1.count }
    guard total > 0 else { throw StudyError("there is no certificate of \(subjects.map(\.step).joined(separator: ", "))") }
    var verdicts: [CheckReport.Verdict] = []
    for (subject, names) in zip(subjects, files) {
      let model = try subject.model.load(context)
      let network = try model.naming { try model.network.lowered() }
      for name in names {
        guard !context.isCancelled() else { return false }
        context.tell(.checking(done: verdicts.count, total: total))
        let path = context.path(name, of: subject.step)
        verdicts.append(try verdict(path, place: context.place(name, of: subject.step), model, network))
      }
    }
    let report = CheckReport(title: title, verdicts: verdicts)
    try folder.write(report)
    try folder.write(report.stepSummary)
    if let first = report.refuted.first {
      throw StudyError("\(first.certificate) is not proved: \(first.refutation ?? "")", isContradiction: true)
    }
    return true
  }

  private func verdict(_ path: String, place: String, _ model: ComparedModel, _ network: LoweredNetwork) throws -> CheckReport.Verdict {
    let began = ContinuousClock.now
    var (statement, refutation): (String, String?) = ("-", nil)
    do {
      let certificate = try CertificateFile.read(path: path)
      statement =
        switch certificate {
        case .bound(let certificate): StatementWords.inequality(certificate.statement)
        case .radius(let certificate): StatementWords.robustness(certificate.statement)
        }
      try model.naming { try certificate.check(of: network, memoryLimit: Budget().memoryLimit) }
    } catch let error as NotProved {
      refutation = error.description
    }
    return CheckReport.Verdict(
      certificate: place, model: model.sha256, statement: statement, refutation: refutation,
      seconds: began.duration(to: .now) / .seconds(1))
  }
}
