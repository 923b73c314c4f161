import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Reports
import Robustness
import Training

/// A step that certifies for the first test samples how far each can move before its answer changes.
struct RadiusStep: StudyStep {
  let id: String
  let folder: String
  let model: ModelReference
  let data: DataDescription
  /// How many samples get a radius.
  let count: Int
  /// What is computed; methods, cancellation and certificates are filled in when it runs.
  let settings: RadiusRun.Settings
  /// The methods, by id.
  let methods: [String]
  /// Radii at which the accuracy is stated; round numbers when empty.
  let radii: [Double]

  private static let certificates = "certificates"

  var needs: [StepNeed] { model.needs }
  var seed: UInt64? { settings.seed }
  var actions: [String] {
    [
      "certify radii of \(Quantity.counted(count, "sample")) in \(settings.norm.rawValue) by \(methods.joined(separator: ", "))"
        + (settings.attack.map { ", attack \($0.name)" } ?? "")
    ]
  }

  func identity(_ context: StepContext) throws -> [String] {
    [
      "radius", try model.identity(), try samples(context).digest, settings.norm.rawValue, "\(settings.domain.map { "\($0)" } ?? "any")",
      methods.joined(separator: ","), settings.attack?.name ?? "none", "\(settings.isIndependent)", "\(settings.tolerance)",
      settings.timeLimit.map { "\($0)" } ?? "none", "\(settings.memoryLimit)", "\(settings.seed)", "\(radii)",
    ]
  }

  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool {
    let began = ContinuousClock.now
    let loaded = try model.load(context)
    let certificates = CertificateFolder(path: folder.file(Self.certificates))
    var choices = RadiusMethodSettings()
    choices.certificates = certificates
    choices.constantTolerance = settings.tolerance
    var settings = settings
    settings.methods = RadiusMethods.named(methods, settings: choices)
    settings.certificates = certificates
    settings.keepsAdversaries = true
    settings.isCancelled = context.isCancelled
    let samples = try samples(context)
    let inputs = LabelledInputs(samples)
    let classifier = try loaded.naming { try Classifier(loaded.network) }
    let run = try RadiusRun(classifier, inputs, settings: settings)

    let path = folder.file("radii.jsonl")
    let known = try? RadiusLog.read(path: path).header
    let isContinued = known.map { run.header.differences(from: $0).isEmpty } ?? false
    // Certificates of another run say nothing about this one.
    if !isContinued { try? FileManager.default.removeItem(atPath: certificates.path) }
    let journal = try RadiusLog(path: path, header: run.header, overwriting: !isContinued)
    let done = Set(journal.known.map(\.index))
    let fresh = try run.run((0..<inputs.count).filter { !done.contains($0) }, observe: { context.tell(.radius($0)) }) {
      try journal.append($0)
    }
    let records = journal.known + fresh
    guard records.count == inputs.count else { return false }

    let report = RadiusReport(
      model: ModelFacts(path: model.place(context), sha256: loaded.sha256, lowered: classifier.lowered, network: loaded.network),
      inputsPath: samples.name, header: run.header, records: records, radii: radii, inputs: inputs,
      sources: RadiusReport.sources(run.header), seconds: began.duration(to: .now) / .seconds(1))
    try folder.write(report)
    try folder.write(report.stepSummary(of: id))
    guard report.summary.contradictions.isEmpty else {
      throw StudyError(
        "a certified radius reaches an input with another answer: the program is wrong, trust none of these results",
        isContradiction: true)
    }
    // In order of completion, which is no result; the report has all of it.
    try? FileManager.default.removeItem(atPath: path)
    return true
  }

  private func samples(_ context: StepContext) throws -> Dataset { try context.data.testSamples(data).first(count) }
}
